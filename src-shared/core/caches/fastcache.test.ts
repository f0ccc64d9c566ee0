import { describe, expect, it } from 'vitest';
import { expectClose } from '../testing/index.ts';
import { createMethod } from './index.ts';
import { kindLetters, oneTokenRun, runScript } from './testing/scripted-run.ts';

function walk(
  options: { delta: number; ridge: number },
  samples: readonly number[],
  velocities: readonly (readonly number[])[] = samples.map(() => [1]),
) {
  return runScript(
    createMethod({ name: 'fastcache', options }),
    oneTokenRun(samples.length, { streams: velocities[0].length }),
    {
      sample: (step) => Float32Array.of(samples[step]),
      output: (step) => ({ velocities: velocities[step].map((value) => Float32Array.of(value)) }),
    },
  );
}

describe('fastcache', () => {
  it('skips while the sample is no further than δ from that of the last call, and not in the last step', () => {
    // 10: 12 and 15 are within 0.5 of it, 16 is not; 16: 20 and 24 are; the last step is computed.
    const samples = [10, 12, 15, 16, 20, 24, 25, 25];
    expect(kindLetters(walk({ delta: 0.5, ridge: 1 }, samples))).toBe('FrrFrrFF');
  });

  it('measures by the root of the sum of squares', () => {
    const method = createMethod({ name: 'fastcache', options: { delta: 0.5, ridge: 1 } });
    const run = oneTokenRun(4);
    // ‖(3, 4)‖ = 5; a change of (1.5, 2) is 2.5: half. The mean of |change| / |sample| would not tell (0, 3) from it.
    const samples = [
      [3, 4],
      [4.5, 6],
      [3, 7],
      [3, 7],
    ];
    const steps = runScript(method, run, { sample: (step) => Float32Array.from(samples[step]) });
    expect(kindLetters(steps)).toBe('FrFF');
  });

  it('moves the velocity by the fitted map of the sample’s change, each stream by its own', () => {
    // Calls at 10 and 16: the sample moved by 6, the velocities by 12 and −3. W = 6·Δv / (36 + λ), λ = ridge·36.
    const samples = [10, 16, 20, 14, 14];
    const velocities = [[3, 5], [15, 2], [], [], [1, 1]];
    const steps = walk({ delta: 0.5, ridge: 1 }, samples, velocities);
    expect(kindLetters(steps)).toBe('FFrrF');
    // W = 1 and −0.25, from the last call's sample 16.
    expect(steps[2].velocities.map(([value]) => value)).toEqual([15 + 4, 2 - 1]);
    expect(steps[3].velocities.map(([value]) => value)).toEqual([15 - 2, 2 + 0.5]);
    // Hardly any ridge: W = 2 and −0.5.
    const close = walk({ delta: 0.5, ridge: 1e-6 }, samples, velocities);
    expectClose(
      close[2].velocities.map(([value]) => value),
      [15 + 8, 2 - 2],
      { atol: 1e-4 },
    );
  });

  it('returns the last velocity where one call says nothing of the change', () => {
    const steps = walk({ delta: 0.5, ridge: 1 }, [10, 12, 12], [[7], [], [1]]);
    expect(steps.map(({ velocities: [[value]] }) => value)).toEqual([7, 7, 1]);
  });
});
