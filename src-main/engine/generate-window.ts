import type { CacheMethod, StepKind } from '../../src-shared/core/caches/index.ts';
import { patchify, unpatchify, volumeLength } from '../../src-shared/core/control/index.ts';
import { ropeTables, type FloatType, type WanVaceConfig } from '../../src-shared/core/graph/index.ts';
import { gaussianNoise } from '../../src-shared/core/random/index.ts';
import type { Scheduler } from '../../src-shared/core/schedulers/index.ts';
import { createDenoiser } from './denoiser.ts';
import { sampleLoop } from './sampling-loop.ts';
import type { Session } from './session.ts';
import type { VaeCodec } from './vae-codec.ts';
import { encodeControl, type WindowPicture } from './vace-control.ts';

/** What is loaded once for all windows. */
export interface Generator {
  readonly codec: VaeCodec;
  readonly transformer: Session;
  readonly config: WanVaceConfig;
  /** Element type of the transformer graph. */
  readonly type: FloatType;
  /** Text embeddings, [textTokens, textDim] per stream: [cond] or [cond, uncond]. */
  readonly texts: readonly Float32Array[];
  readonly textTokens: number;
}

export interface GenerateOptions {
  readonly scheduler: Scheduler;
  readonly method: CacheMethod;
  readonly guidanceScale: number;
  /** (0, 1]: below 1 the run starts from the noised picture as it is filled, not from pure noise. */
  readonly strength: number;
  readonly seed: number;
  /** Number of the window: windows of one run draw different noise. */
  readonly noiseStream: number;
  readonly signal: AbortSignal;
  readonly onStage: (stage: 'encode' | 'sample' | 'decode', step: number, steps: number) => void;
}

export interface GeneratedWindow {
  /** [3, T, H, W] float32 in −1…1. */
  readonly video: Float32Array;
  readonly calls: Record<StepKind, number>;
}

/** One window through the model: encode, sample, decode. */
export async function generateWindow(
  generator: Generator,
  picture: WindowPicture,
  options: GenerateOptions,
): Promise<GeneratedWindow> {
  const { codec, transformer, config, type, texts, textTokens } = generator;
  const { scheduler, method, guidanceScale, strength, signal, onStage } = options;
  const startsFromPicture = strength < 1;
  const encodings = startsFromPicture ? 3 : 2;
  onStage('encode', 0, encodings);
  const { control, latentShape, referenceFrames } = await encodeControl(codec, picture, { signal });
  const clipShape = { ...latentShape, frames: latentShape.frames - referenceFrames };
  const clean = startsFromPicture
    ? patchify(await codec.encode(picture.video, picture, { signal }), clipShape)
    : undefined;
  onStage('encode', encodings, encodings);

  const rope = ropeTables(
    latentShape.frames,
    latentShape.height / config.patchSize[1],
    latentShape.width / config.patchSize[2],
    config.headDim,
  );
  const denoiser = createDenoiser(transformer, type, {
    control,
    rope,
    texts,
    textTokens,
    controlScale: new Float32Array(config.vaceLayers.length).fill(1),
  });
  const noise = gaussianNoise(options.seed, options.noiseStream, volumeLength(latentShape));
  const { tokens, calls } = await sampleLoop({
    denoiser,
    scheduler,
    method,
    noise: patchify(noise, latentShape),
    ...(clean === undefined ? {} : { clean }),
    strength,
    guidanceScale,
    signal,
    onStep: (step, steps) => onStage('sample', step, steps),
  });

  onStage('decode', 0, clipShape.frames);
  const video = await codec.decode(unpatchify(tokens, clipShape, referenceFrames), clipShape, {
    signal,
    onProgress: (done, total) => onStage('decode', done, total),
  });
  return { video, calls };
}
