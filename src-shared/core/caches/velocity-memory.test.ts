import { describe, expect, it } from 'vitest';
import type { StepView } from './cache-method.ts';
import { oneTokenRun } from './testing/scripted-run.ts';
import { VelocityMemory, type ReuseMode } from './velocity-memory.ts';

/** Noise levels at uneven distances. */
const sigmas = Float32Array.of(1, 0.75, 0.5, 0.125, 0);
const run = (streams = 1, tokens = 1) => {
  const one = oneTokenRun(4, { sigmas, streams });
  return { ...one, partition: { ...one.partition, count: tokens } };
};
const full = { kind: 'full' } as const;
const partial = { kind: 'partial' } as const;
const step = (stepIndex: number, ...sample: number[]): StepView => ({
  stepIndex,
  sample: Float32Array.from(sample),
});
const output = (...velocities: number[][]) => ({
  velocities: velocities.map((velocity) => Float32Array.from(velocity)),
});
const numbers = (velocities: readonly Float32Array[]): number[][] => velocities.map((values) => [...values]);

describe('reuse', () => {
  const after = (stepIndex: number, mode: ReuseMode, calls: number): number[][] => {
    const memory = new VelocityMemory(run(2));
    // Lines over sigma: 8 − 4σ and 2 + 8σ. The samples are 3, 5 …
    for (let i = 0; i < calls; i++) {
      memory.storeAll(step(i, 3 + 2 * i), full, output([8 - 4 * sigmas[i]], [2 + 8 * sigmas[i]]));
    }
    return numbers(memory.reuse(step(stepIndex, 10), mode));
  };

  it('velocity: the last one', () => {
    expect(after(3, 'velocity', 2)).toEqual([[5], [8]]);
  });

  it('residual: the sample plus the last velocity − sample', () => {
    // 10 + (5 − 5), 10 + (8 − 5)
    expect(after(3, 'residual', 2)).toEqual([[10], [13]]);
  });

  it('forecast: exact on a line over sigma', () => {
    expect(after(2, 'forecast', 2)).toEqual([[6], [6]]);
    expect(after(3, 'forecast', 2)).toEqual([[7.5], [3]]);
    // From the last two of three.
    expect(after(3, 'forecast', 3)).toEqual([[7.5], [3]]);
  });

  it('forecast: the last velocity where there is but one', () => {
    expect(after(2, 'forecast', 1)).toEqual([[4], [10]]);
  });

  it('forecast: from the last two, not from all', () => {
    const memory = new VelocityMemory(run());
    memory.storeAll(step(0, 0), full, output([100]));
    memory.storeAll(step(1, 0), full, output([1]));
    memory.storeAll(step(2, 0), full, output([2]));
    // 1 for 0.25 of sigma; 0.375 more: 1.5.
    expect(numbers(memory.reuse(step(3, 0), 'forecast'))).toEqual([[3.5]]);
  });
});

describe('storeTokens', () => {
  /** Three tokens of two numbers. */
  function stored(smoothed: number[], weight: number): number[] {
    const memory = new VelocityMemory(run(1, 3));
    memory.storeAll(step(0, ...new Array<number>(6).fill(0)), full, output([1, 2, 3, 4, 5, 6]));
    const tokens = Int32Array.of(0, 2);
    memory.storeTokens(step(1, ...new Array<number>(6).fill(0)), partial, output([9, 10, 13, 14]), tokens, {
      tokens: Int32Array.from(smoothed),
      weight,
    });
    return [...memory.latest()[0]];
  }

  it('replaces what was computed and keeps the rest', () => {
    expect(stored([], 0.25)).toEqual([9, 10, 3, 4, 13, 14]);
    expect(stored([1, 2], 1)).toEqual([9, 10, 3, 4, 13, 14]);
  });

  it('averages over time where it is asked to: the weight is the new value’s share', () => {
    // 0.25·13 + 0.75·5, 0.25·14 + 0.75·6; token 1 was not computed.
    expect(stored([1, 2], 0.25)).toEqual([9, 10, 3, 4, 7, 8]);
  });
});

describe('a conditional-only call', () => {
  it('moves the other stream along: the last difference stays', () => {
    const memory = new VelocityMemory(run(2, 2));
    memory.storeAll(step(0, 0, 0), full, output([1, 2], [4, 8]));
    memory.storeAll(step(1, 0, 0), { kind: 'full', conditionalOnly: true }, output([10, 20]));
    expect(numbers(memory.latest())).toEqual([
      [10, 20],
      [13, 26],
    ]);
    memory.storeTokens(
      step(2, 0, 0),
      { kind: 'partial', conditionalOnly: true },
      output([5]),
      Int32Array.of(1),
      { tokens: new Int32Array(0), weight: 1 },
    );
    expect(numbers(memory.latest())).toEqual([
      [10, 5],
      [13, 11],
    ]);
  });

  it('is an ordinary one where there is one stream', () => {
    const memory = new VelocityMemory(run(1));
    memory.storeAll(step(0, 0), { kind: 'full', conditionalOnly: true }, output([7]));
    expect(numbers(memory.latest())).toEqual([[7]]);
  });
});
