import { createMethod, type CacheMethod } from '../../src-shared/core/caches/index.ts';
import { patchify, tokenCount, unpatchify, type VolumeShape } from '../../src-shared/core/control/index.ts';
import type { Scheduler } from '../../src-shared/core/schedulers/index.ts';
import type { TokenGrid } from '../../src-shared/core/tokens/index.ts';
import { createDenoiser, type Denoiser, type NetworkCall } from '../engine/network/denoiser.ts';
import { openSession } from '../engine/network/lazy-sessions.ts';
import type { ModelFolder, TransformerGraph } from '../engine/network/model-folder.ts';
import { sampleLoop } from '../engine/generate/sampling-loop.ts';
import type { Session } from '../engine/network/session.ts';
import type { EncodedControl } from '../engine/generate/encode-control.ts';

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
  /** How steps are computed; absent: every one in full. */
  readonly method?: CacheMethod;
  /** Weights of the hints; 1 each where absent. */
  readonly controlScale?: Float32Array;
}

/** What a run went through; latents and velocities are [C, T, H, W]. */
export interface SamplingTrace {
  /** The network call of each step. */
  readonly calls: readonly NetworkCall[];
  /** Velocities of each stream, by stream and step. */
  readonly velocities: readonly (readonly Float32Array[])[];
  readonly afterStep: readonly Float32Array[];
  readonly final: Float32Array;
}

/** The tokens of a window. */
function tokenGrid({ family }: ModelFolder, { latentShape }: EncodedControl): TokenGrid {
  const { frames, height, width } = latentShape;
  const { patchEdge } = family.geometry;
  return { frames, rows: height / patchEdge, cols: width / patchEdge };
}

/** The denoiser that a run uses, over any session that takes the transformer's inputs. */
export function denoiserOf(request: SamplingRequest, session: Session = request.session): Denoiser {
  const { model, encoded, texts } = request;
  const { spec } = model.transformer;
  const transformer = { sessions: openSession<TransformerGraph>(session), spec, type: model.type };
  const conditions = {
    control: encoded.control,
    rope: spec.rope(tokenGrid(model, encoded)),
    texts,
    textTokens: spec.textDim === 0 ? 0 : texts[0].length / spec.textDim,
    ...(request.controlScale !== undefined && { controlScale: request.controlScale }),
  };
  return createDenoiser(transformer, conditions, request.method?.needs);
}

/** Runs the sampling loop and keeps what passes through it. */
export async function traceSampling(request: SamplingRequest): Promise<SamplingTrace> {
  const { scheduler, encoded, guidanceScale, texts } = request;
  const shape: VolumeShape = encoded.latentShape;
  const denoiser = denoiserOf(request);
  const calls: NetworkCall[] = [];
  const velocities: Float32Array[][] = texts.map(() => []);
  const afterStep: Float32Array[] = [];
  const grid = tokenGrid(request.model, encoded);
  const count = tokenCount(shape);
  const result = await sampleLoop({
    denoiser: {
      ...denoiser,
      async run(call) {
        const output = await denoiser.run(call);
        calls.push(call);
        output.velocities.forEach((velocity, stream) => velocities[stream].push(unpatchify(velocity, shape)));
        return output;
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
      save: () => scheduler.save(),
    },
    method: request.method ?? createMethod({ name: 'full', options: {} }),
    // The methods that are compared with stored runs treat all tokens alike.
    cache: {
      partition: {
        grid,
        count,
        generative: Int32Array.from({ length: count }, (_, i) => i),
        margin: new Int32Array(0),
        context: new Int32Array(0),
      },
      drift: { embedding: new Float32Array(scheduler.steps), projection: new Float32Array(scheduler.steps) },
      calibration: {},
    },
    noise: patchify(request.noise, shape),
    strength: 1,
    guidanceScale,
    clock: () => 0,
  });
  return { calls, velocities, afterStep, final: unpatchify(result.tokens, shape) };
}
