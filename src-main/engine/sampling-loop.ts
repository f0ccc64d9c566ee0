import type { CacheMethod, StepKind } from '../../src-shared/core/caches/index.ts';
import { cancelledError } from '../../src-shared/core/errors/index.ts';
import { firstStepFor, guide, noiseTo, type Scheduler } from '../../src-shared/core/schedulers/index.ts';
import type { Denoiser } from './denoiser.ts';

export interface SamplingInput {
  readonly denoiser: Denoiser;
  readonly scheduler: Scheduler;
  readonly method: CacheMethod;
  /** Gaussian noise, tokens [n, 64]. */
  readonly noise: Float32Array;
  /** Where a run of `strength` < 1 starts from: clean tokens [n, 64]. */
  readonly clean?: Float32Array;
  /** (0, 1]: 1 starts from pure noise; lower starts later, from the noised `clean`. */
  readonly strength: number;
  /** 1: one stream. Otherwise the denoiser gives [cond, uncond]. */
  readonly guidanceScale: number;
  readonly signal?: AbortSignal;
  /** After each step: its place in the run and what it was. */
  readonly onStep?: (step: number, steps: number, kind: StepKind) => void;
}

export interface SamplingResult {
  /** The sample after the last step, tokens [n, 64]. */
  readonly tokens: Float32Array;
  readonly calls: Record<StepKind, number>;
}

/** How many steps a run of this strength computes. */
export function stepsToRun(scheduler: Pick<Scheduler, 'sigmas' | 'steps'>, strength: number): number {
  return scheduler.steps - firstStepFor(scheduler, strength);
}

/** scheduler × cache method × denoiser. Cancels between network calls. */
export async function sampleLoop(input: SamplingInput): Promise<SamplingResult> {
  const { denoiser, scheduler, method, noise, clean, strength, guidanceScale, signal, onStep } = input;
  const calls: Record<StepKind, number> = { full: 0, partial: 0, reuse: 0 };
  const first = clean === undefined ? 0 : firstStepFor(scheduler, strength);
  const steps = scheduler.steps - first;
  let tokens = clean === undefined ? noise : noiseTo(clean, noise, scheduler.sigmas[first]);
  scheduler.reset();
  method.reset();
  for (let step = first; step < scheduler.steps; step++) {
    if (signal?.aborted) throw cancelledError();
    const timestep = scheduler.timesteps[step];
    const kind = method.decide({ stepIndex: step - first, steps, timestep });
    const [cond, uncond] = await denoiser.velocities(tokens, timestep);
    const velocity = uncond === undefined ? cond : guide(cond, uncond, guidanceScale);
    tokens = scheduler.step(velocity, tokens, step);
    calls[kind]++;
    onStep?.(step - first + 1, steps, kind);
  }
  return { tokens, calls };
}
