import { KeptContext, partialProbes, type PartialProbe } from '../../../src-shared/core/caches/index.ts';
import { guide, type Scheduler } from '../../../src-shared/core/schedulers/index.ts';
import type { TokenPartition } from '../../../src-shared/core/tokens/index.ts';
import type { Denoiser } from '../../engine/network/denoiser.ts';

/** An uncached run as it was recorded, and the window that it is of. */
export interface RecordedRun {
  /** Sample before each step, [n, rowLength]. */
  readonly samples: readonly Float32Array[];
  /** Guided velocity of each step at the generative tokens, [generative, rowLength]. */
  readonly velocities: readonly Float32Array[];
  readonly partition: TokenPartition;
  readonly scheduler: Pick<Scheduler, 'timesteps' | 'sigmas' | 'steps'>;
  readonly guidanceScale: number;
}

/**
 * What partial steps are off by that look at the context as earlier steps kept it, each on the recorded sample.
 * `denoiser`: over the graph that keeps it.
 */
export async function probePartials(
  run: RecordedRun,
  denoiser: Denoiser,
  onCall: () => void,
): Promise<PartialProbe[]> {
  const { samples, velocities, partition, scheduler, guidanceScale } = run;
  const { generative, context } = partition;
  const first = scheduler.steps - samples.length;
  const timestepOf = (step: number): number => scheduler.timesteps[first + step];
  const probes: PartialProbe[] = [];
  for (const { before, last, ages } of partialProbes(samples.length)) {
    const kept = new KeptContext({ sigmas: scheduler.sigmas.subarray(first) });
    for (const step of [before, last]) {
      const sample = samples[step];
      await denoiser.run({ sample, timestep: timestepOf(step), keep: context });
      kept.keep({ stepIndex: step, sample }, context);
      onCall();
    }
    for (const age of ages) {
      const step = last + age;
      const cached = kept.at({ stepIndex: step, sample: samples[step] }, context);
      const output = await denoiser.run({
        sample: samples[step],
        timestep: timestepOf(step),
        part: { tokens: generative, cached },
      });
      const [cond, uncond] = output.velocities;
      const velocity = uncond === undefined ? cond : guide(cond, uncond, guidanceScale);
      probes.push({ after: last, age, error: rootMeanSquare(velocity, velocities[step]) });
      onCall();
    }
  }
  return probes;
}

/** Of the difference of two arrays of equal length. */
export function rootMeanSquare(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum / a.length);
}
