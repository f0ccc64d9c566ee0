import { describe, expect, it } from 'vitest';
import { fullMethod } from '../../src-shared/core/caches/index.ts';
import { parseSchedulerConfig } from '../../src-shared/core/schedulers/index.ts';
import { expectClose } from '../../src-shared/core/testing/index.ts';
import type { Denoiser } from './denoiser.ts';
import { sampleLoop, stepsToRun } from './sampling-loop.ts';

const clean = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));
const noise = Float32Array.from({ length: 64 }, (_, i) => Math.cos(3 * i));
const scheduler = parseSchedulerConfig(
  { _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 3 },
  'test',
).create({
  steps: 6,
});

/** The exact velocity noise − x₀ of a straight path, plus what each stream adds. */
function exactDenoiser(offsets: readonly number[], timesteps: number[] = []): Denoiser {
  return {
    async velocities(_tokens, timestep) {
      timesteps.push(timestep);
      return offsets.map((offset) => clean.map((value, i) => noise[i] - value + offset));
    },
  };
}

describe('sampleLoop', () => {
  it('walks the exact velocity back to the clean sample and counts its calls', async () => {
    const timesteps: number[] = [];
    const seen: number[] = [];
    const { tokens, calls } = await sampleLoop({
      denoiser: exactDenoiser([0], timesteps),
      scheduler,
      method: fullMethod(),
      noise,
      strength: 1,
      guidanceScale: 1,
      onStep: (step) => seen.push(step),
    });
    expectClose(tokens, clean, { atol: 1e-5, rtol: 0 });
    expect(calls).toEqual({ full: 6, partial: 0, reuse: 0 });
    expect(timesteps).toEqual([...scheduler.timesteps]);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('guides: uncond + scale · (cond − uncond)', async () => {
    // cond is off by 1, uncond by 1.5: scale 3 puts both errors out.
    const { tokens } = await sampleLoop({
      denoiser: exactDenoiser([1, 1.5]),
      scheduler,
      method: fullMethod(),
      noise,
      strength: 1,
      guidanceScale: 3,
    });
    expectClose(tokens, clean, { atol: 1e-5, rtol: 0 });
  });

  it('starts late from a given picture', async () => {
    const timesteps: number[] = [];
    const { tokens, calls } = await sampleLoop({
      denoiser: exactDenoiser([0], timesteps),
      scheduler,
      method: fullMethod(),
      noise,
      clean,
      strength: 0.6,
      guidanceScale: 1,
    });
    expectClose(tokens, clean, { atol: 1e-5, rtol: 0 });
    expect(calls.full).toBe(stepsToRun(scheduler, 0.6));
    expect(calls.full).toBeLessThan(6);
    expect(timesteps[0]).toBeLessThanOrEqual(600);
  });

  it('stops between calls when it is cancelled', async () => {
    const abort = new AbortController();
    const timesteps: number[] = [];
    const run = sampleLoop({
      denoiser: exactDenoiser([0], timesteps),
      scheduler,
      method: fullMethod(),
      noise,
      strength: 1,
      guidanceScale: 1,
      signal: abort.signal,
      onStep: (step) => step === 2 && abort.abort(),
    });
    await expect(run).rejects.toMatchObject({ code: 'cancelled', exitCode: 130 });
    expect(timesteps.length).toBe(2);
  });
});
