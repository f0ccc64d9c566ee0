import { describe, expect, it } from 'vitest';
import { createMethod } from './index.ts';
import { kindLetters, oneTokenRun, runScript } from './testing/scripted-run.ts';

/** Kinds of the steps where the middle block's feature has this value at computed steps. */
function kinds(steps: number, feature: (step: number) => number, delta = 1): string {
  const method = createMethod({ name: 'adacache', options: { delta, reuse: 'velocity' } });
  return kindLetters(
    runScript(method, oneTokenRun(steps), {
      output: (step) => ({ velocities: [Float32Array.of(1)], features: Float32Array.of(feature(step)) }),
    }),
  );
}

/** Distance `change` from step 0 to step 1: steps from step 1 to the next computed one. */
const intervalAfter = (steps: number, change: number, delta = 1): number =>
  kinds(steps, (step) => (step === 0 ? 1 : 1 + change), delta).indexOf('F', 2) - 1;

describe('adacache', () => {
  it.each([
    [0.04, 6],
    [0.12, 5],
    [0.2, 4],
    [0.28, 3],
    [0.36, 2],
    [0.5, 1],
    [5, 1],
  ])('in a short run waits, after a distance of %f, %i steps', (change, interval) => {
    expect(intervalAfter(50, change)).toBe(interval);
    expect(intervalAfter(20, change)).toBe(interval);
  });

  it.each([
    [0.02, 12],
    [0.04, 10],
    [0.06, 8],
    [0.08, 6],
    [0.1, 4],
    [0.5, 3],
    [5, 3],
  ])('in a run of more than 50 steps waits, after a distance of %f, %i steps', (change, interval) => {
    expect(intervalAfter(51, change)).toBe(interval);
    expect(intervalAfter(100, change)).toBe(interval);
  });

  it('scales the codebook’s distances by delta', () => {
    expect(intervalAfter(50, 0.12, 2)).toBe(6);
    expect(intervalAfter(50, 0.1, 0.5)).toBe(4);
    expect(intervalAfter(50, 0.02, 0)).toBe(1);
  });

  it('measures the distance per step since the last call, and computes the last two steps', () => {
    const features: Record<number, number> = {
      0: 1,
      1: 1.12, // 0.12: 5 steps
      6: 1.12 * 2.75, // 1.75 in 5 steps, 0.35: 2 steps
      8: 1.12 * 2.75, // 0: 6 steps
      14: 1.12 * 2.75 * 4, // 3 in 6 steps, 0.5: 1 step
      15: 1.12 * 2.75 * 4.8, // 0.2: 4 steps, but 18 and 19 are the last two
    };
    expect(kinds(20, (step) => features[step] ?? 1)).toBe('FFrrrrFrFrrrrrFFrrFF');
  });

  it('computes short runs as a whole', () => {
    expect([1, 2, 3, 4].map((steps) => kinds(steps, () => 1))).toEqual(['F', 'FF', 'FFF', 'FFFF']);
    expect(kinds(5, () => 1)).toBe('FFrFF');
  });

  it('asks for the features and no queries', () => {
    expect(createMethod({ name: 'adacache', options: {} }).needs).toEqual({ selection: { queries: 0 } });
  });
});
