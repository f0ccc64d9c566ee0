import { describe, expect, it } from 'vitest';
import { createMethod } from './index.ts';
import { kindLetters, oneTokenRun, runScript } from './testing/scripted-run.ts';

function walk(
  options: { interval: number; order: number },
  steps: number,
  output: (step: number) => number[],
) {
  return runScript(
    createMethod({ name: 'taylorseer', options }),
    oneTokenRun(steps, { streams: output(0).length }),
    { output: (step) => ({ velocities: output(step).map((value) => Float32Array.of(value)) }) },
  );
}
const values = (steps: ReturnType<typeof walk>, stream = 0): number[] =>
  steps.map(({ velocities }) => velocities[stream][0]);

describe('taylorseer', () => {
  it('computes every `interval` steps', () => {
    const kinds = (interval: number) => kindLetters(walk({ interval, order: 1 }, 8, () => [1]));
    expect([1, 2, 3, 20].map(kinds)).toEqual(['FFFFFFFF', 'FrFrFrFr', 'FrrFrrFr', 'Frrrrrrr']);
  });

  it('of order 0 repeats the last output', () => {
    expect(values(walk({ interval: 3, order: 0 }, 8, (t) => [t * t]))).toEqual([0, 0, 0, 9, 9, 9, 36, 36]);
  });

  it('of order 1 is exact on a line from the second call on, for each stream', () => {
    const steps = walk({ interval: 3, order: 1 }, 9, (t) => [2 * t + 1, 5 - 4 * t]);
    expect(values(steps)).toEqual([1, 1, 1, 7, 9, 11, 13, 15, 17]);
    expect(values(steps, 1)).toEqual([5, 5, 5, -7, -11, -15, -19, -23, -27]);
  });

  it('of order 2 is exact on a line too', () => {
    // The first slope is only known at the second call: that it came from nowhere is no bend.
    expect(values(walk({ interval: 3, order: 2 }, 9, (t) => [2 * t + 1]))).toEqual([
      1, 1, 1, 7, 9, 11, 13, 15, 17,
    ]);
  });

  it('of order 2 is the published series of backward differences over a parabola', () => {
    // t²: at 6 the value is 36, the first difference (36 − 9)/3 = 9, the second (9 − 9/3)/3 = 2. k steps later
    // 36 + 9k + 2k²/2, as in the paper, where the parabola is 36 + 12k + k²: its slope lags by half an interval.
    // Bend and distance are exact; order 1 is 36 + 9k.
    const parabola = (t: number): number[] => [t * t];
    expect(values(walk({ interval: 3, order: 2 }, 9, parabola)).slice(6)).toEqual([36, 46, 58]);
    expect(values(walk({ interval: 3, order: 1 }, 9, parabola)).slice(6)).toEqual([36, 45, 54]);
    // With two calls there is no bend yet.
    expect(values(walk({ interval: 3, order: 2 }, 6, parabola)).slice(3)).toEqual([9, 12, 15]);
  });

  it('of order 3 divides the third difference by 3!', () => {
    // t³ every 2 steps: 0, 8, 64, 216; first differences 4, 28, 76; second 12, 24; third 6.
    // From 216 at step 6: 216 + 76k + 24k²/2 + 6k³/6.
    expect(values(walk({ interval: 2, order: 3 }, 8, (t) => [t ** 3]))[7]).toBe(216 + 76 + 12 + 1);
  });
});
