import { describe, expect, it } from 'vitest';
import type { CacheRun } from './cache-method.ts';
import { createMethod } from './index.ts';
import { kindLetters, oneTokenRun, runScript } from './testing/scripted-run.ts';

/** Drifts are powers of two, so that their sums are exact. */
function kinds(
  options: Record<string, number | string>,
  embedding: readonly number[],
  changes: Partial<CacheRun> = {},
): string {
  const drift = {
    embedding: Float32Array.from(embedding),
    projection: Float32Array.from(embedding, (value) => 2 * value),
  };
  const all = { input: 'embedding', retention: 1, reuse: 'velocity', ...options };
  const method = createMethod({ name: 'teacache', options: all });
  return kindLetters(runScript(method, oneTokenRun(embedding.length, { drift, ...changes })));
}

const even = [0, ...new Array<number>(9).fill(0.125)];

describe('teacache', () => {
  it('reuses while the sum stays below δ, and begins again at nothing', () => {
    // 0.125, 0.25, 0.375 ≥ 0.3; the last step is computed whatever the sum.
    expect(kinds({ delta: 0.3 }, even)).toBe('FrrFrrFrrF');
    // A sum that reaches δ computes; 0.125 left over would compute earlier the next time.
    expect(kinds({ delta: 0.25 }, even)).toBe('FrFrFrFrFF');
    expect(kinds({ delta: 0.125 }, even)).toBe('FFFFFFFFFF');
    // 0.5 at once, then from nothing: 0.0625, 0.3125.
    expect(kinds({ delta: 0.3 }, [0, 0.125, 0.5, 0.0625, 0.25, 0.25, 0.03125, 0.03125])).toBe('FrFrFrrF');
  });

  it('computes the first and the last step whatever δ is', () => {
    expect(kinds({ delta: 10 }, even)).toBe('FrrrrrrrrF');
    expect(kinds({ delta: 10 }, [0])).toBe('F');
  });

  it('computes the first steps of the retention, and counts from there', () => {
    expect(kinds({ delta: 0.3, retention: 3 }, even)).toBe('FFFrrFrrFF');
    expect(kinds({ delta: 10, retention: 20 }, even)).toBe('FFFFFFFFFF');
  });

  it('looks at the embedding or at its projection', () => {
    // 0.25 a step: the second is 0.5.
    expect(kinds({ delta: 0.3, input: 'projection' }, even)).toBe('FrFrFrFrFF');
  });

  it('maps the embedding’s drift by the model’s polynomial, clamped, and the projection’s not', () => {
    // 4x − 0.25 on 0 … 0.125: 0.25 at 0.125 and beyond, 0 below 0.0625.
    const calibration = { driftPolynomial: [4, -0.25], driftRange: [0, 0.125] as const };
    expect(kinds({ delta: 0.5 }, even, { calibration })).toBe('FrFrFrFrFF');
    const wild = [0, ...new Array<number>(8).fill(1), 0];
    expect(kinds({ delta: 0.5 }, wild, { calibration })).toBe('FrFrFrFrFF');
    const calm = [0, ...new Array<number>(9).fill(0.03125)];
    expect(kinds({ delta: 0.01 }, calm, { calibration })).toBe('FrrrrrrrrF');
    expect(kinds({ delta: 0.3, input: 'projection' }, even, { calibration })).toBe('FrFrFrFrFF');
  });

  it('returns the last computed velocity at each step', () => {
    const drift = { embedding: Float32Array.from(even), projection: new Float32Array(10) };
    const options = { delta: 0.3, input: 'embedding', retention: 1, reuse: 'velocity' };
    const steps = runScript(
      createMethod({ name: 'teacache', options }),
      oneTokenRun(10, { drift, streams: 2 }),
      { output: (step) => ({ velocities: [Float32Array.of(step), Float32Array.of(-step - 1)] }) },
    );
    expect(steps.map(({ velocities }) => velocities.map(([value]) => value))).toEqual(
      [0, 0, 0, 3, 3, 3, 6, 6, 6, 9].map((step) => [step, -step - 1]),
    );
  });
});
