import { fullMethod } from '../../src-shared/core/caches/index.ts';
import { patchify, unpatchify, type VolumeShape } from '../../src-shared/core/control/index.ts';
import { ropeTables } from '../../src-shared/core/graph/index.ts';
import type { Scheduler } from '../../src-shared/core/schedulers/index.ts';
import { createDenoiser, type Denoiser } from '../engine/denoiser.ts';
import type { ModelFolder } from '../engine/model-folder.ts';
import { sampleLoop } from '../engine/sampling-loop.ts';
import type { Session } from '../engine/session.ts';
import type { EncodedControl } from '../engine/vace-control.ts';

/** One sampling run of the product's own loop. */
export interface SamplingRequest {
  readonly model: ModelFolder;
  readonly session: Session;
  readonly scheduler: Scheduler;
  readonly encoded: EncodedControl;
  /** Noise [C, T, H, W]. */
  readonly noise: Float32Array;
  /** Text embeddings: [cond] or [cond, uncond], each [textTokens, textDim]. */
  readonly texts: readonly Float32Array[];
  readonly guidanceScale: number;
  /** Weights of the hints; 1 each where absent. */
  readonly controlScale?: Float32Array;
}

/** What a run went through; latents and velocities are [C, T, H, W]. */
export interface SamplingTrace {
  /** Tokens that entered each step. */
  readonly tokens: readonly Float32Array[];
  /** Velocities of each stream, by stream and step. */
  readonly velocities: readonly (readonly Float32Array[])[];
  readonly afterStep: readonly Float32Array[];
  readonly final: Float32Array;
}

/** The denoiser that a run uses, over any session that takes the transformer's inputs. */
export function denoiserOf(request: SamplingRequest, session: Session = request.session): Denoiser {
  const { model, encoded, texts } = request;
  const { config } = model.transformer;
  const { frames, height, width } = encoded.latentShape;
  return createDenoiser(session, model.type, {
    control: encoded.control,
    rope: ropeTables(frames, height / config.patchSize[1], width / config.patchSize[2], config.headDim),
    texts,
    textTokens: texts[0].length / config.textDim,
    controlScale: request.controlScale ?? new Float32Array(config.vaceLayers.length).fill(1),
  });
}

/** Runs the sampling loop and keeps what passes through it. */
export async function traceSampling(request: SamplingRequest): Promise<SamplingTrace> {
  const { scheduler, encoded, guidanceScale, texts } = request;
  const shape: VolumeShape = encoded.latentShape;
  const denoiser = denoiserOf(request);
  const tokens: Float32Array[] = [];
  const velocities: Float32Array[][] = texts.map(() => []);
  const afterStep: Float32Array[] = [];
  const result = await sampleLoop({
    denoiser: {
      async velocities(sample, timestep) {
        const streams = await denoiser.velocities(sample, timestep);
        tokens.push(sample);
        streams.forEach((velocity, stream) => velocities[stream].push(unpatchify(velocity, shape)));
        return streams;
      },
    },
    scheduler: {
      steps: scheduler.steps,
      timesteps: scheduler.timesteps,
      sigmas: scheduler.sigmas,
      step(velocity, sample, stepIndex) {
        const next = scheduler.step(velocity, sample, stepIndex);
        afterStep.push(unpatchify(next, shape));
        return next;
      },
      reset: () => scheduler.reset(),
    },
    method: fullMethod(),
    noise: patchify(request.noise, shape),
    strength: 1,
    guidanceScale,
  });
  return { tokens, velocities, afterStep, final: unpatchify(result.tokens, shape) };
}
