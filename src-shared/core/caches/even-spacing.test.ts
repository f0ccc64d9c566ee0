import { describe, expect, it } from 'vitest';
import { gaussianNoise } from '../random/index.ts';
import { evenThreshold } from './even-spacing.ts';

/** The steps that a threshold computes, by the plainest loop. */
function stepsOf(drift: readonly number[], threshold: number): number[] {
  const steps = [0];
  let sum = 0;
  for (let i = 1; i < drift.length; i++) {
    sum += drift[i];
    if (sum < threshold && i < drift.length - 1) continue;
    steps.push(i);
    sum = 0;
  }
  return steps;
}

const longestGap = (drift: readonly number[], steps: readonly number[]): number =>
  Math.max(
    ...steps.slice(1).map((step, k) => drift.slice(steps[k] + 1, step + 1).reduce((a, b) => a + b, 0)),
  );

describe('evenThreshold', () => {
  it('spreads the same calls: 0 5 7 becomes 0 4 7', () => {
    const drift = new Array<number>(8).fill(1);
    expect(stepsOf(drift, 5)).toEqual([0, 5, 7]);
    const threshold = evenThreshold({ drift, warmupSteps: 1 }, 5);
    expect(stepsOf(drift, threshold)).toEqual([0, 4, 7]);
  });

  it('never computes more, and never leaves a longer gap', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const drift = [...gaussianNoise(seed, 0, 30)].map(Math.abs);
      for (const delta of [0.3, 1, 2.5, 6]) {
        const threshold = evenThreshold({ drift, warmupSteps: 1 }, delta);
        const [greedy, even] = [delta, threshold].map((value) => stepsOf(drift, value));
        expect(even.length, `seed ${seed}, delta ${delta}`).toBeLessThanOrEqual(greedy.length);
        // Gaps are sums of steps: the threshold bounds them except for the step that crosses it.
        const slack = Math.max(...drift);
        expect(longestGap(drift, even)).toBeLessThan(threshold + slack + 1e-9);
        expect(threshold).toBeLessThanOrEqual(delta);
      }
    }
  });

  it('keeps 0, which computes everything', () => {
    expect(evenThreshold({ drift: [0, 1, 1, 1], warmupSteps: 1 }, 0)).toBe(0);
  });
});
