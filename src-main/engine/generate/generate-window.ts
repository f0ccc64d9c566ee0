import {
  calibrateSchedule,
  conditionsOf,
  createMethod,
  fewSteps,
  RunRecord,
  spreadSensitivity,
  type CacheMethod,
  type CacheNeeds,
  type CacheRun,
  type CalibratedSchedule,
  type MethodSpec,
  type ModelCalibration,
  type TimeDrift,
} from '../../../src-shared/core/caches/index.ts';
import { patchify, unpatchify, volumeLength } from '../../../src-shared/core/control/index.ts';
import type { ModelFamily, WindowPicture } from '../../../src-shared/core/families/index.ts';
import { partialCost } from '../../../src-shared/core/estimate/index.ts';
import { gaussianNoise } from '../../../src-shared/core/random/index.ts';
import type { Scheduler } from '../../../src-shared/core/schedulers/index.ts';
import { partitionTokens, type TokenPartition } from '../../../src-shared/core/tokens/index.ts';
import { createDenoiser, keptFormFor, type Transformer } from '../network/denoiser.ts';
import { requireFinite } from '../network/finite.ts';
import { createDriftProbe } from '../network/drift-probe.ts';
import type { Clock } from '../stage-timer.ts';
import {
  sampleLoop,
  stepsToRun,
  type OnPrediction,
  type SampleState,
  type SamplingInput,
  type StepRecord,
} from './sampling-loop.ts';
import type { CheckpointWriter } from './checkpoint-writer.ts';
import type { VaeCodec } from '../network/vae-codec.ts';
import { encodeControl, type EncodedControl } from './encode-control.ts';
import { withLessMemory, type Rung } from './memory-ladder.ts';

/** What is loaded once for all windows. */
export interface Generator {
  readonly family: ModelFamily;
  readonly codec: VaeCodec;
  readonly transformer: Transformer;
  /** Text embeddings, [textTokens, textDim] per stream: [cond] or [cond, uncond]. */
  readonly texts: readonly Float32Array[];
  readonly textTokens: number;
}

/** How a window is sampled. */
export interface SamplingOptions {
  readonly scheduler: Scheduler;
  readonly method: MethodSpec;
  /** Of the scheduler's timesteps. */
  readonly drift: TimeDrift;
  readonly calibration: ModelCalibration;
  readonly guidanceScale: number;
  /** (0, 1]: below 1 the run starts from the noised picture as it is filled, not from pure noise. */
  readonly strength: number;
  readonly seed: number;
  /** Number of the window: windows of one run draw different noise. */
  readonly noiseStream: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Told what a run without reused steps says of where the model's calls are best made, as if every step's error counted alike: on
 * the bundled model 6 to 22 % above the expected error of a full calibration, where even steps are 16 to 190 % above it.
 */
export type OnUncached = (schedule: CalibratedSchedule) => Promise<void>;

export interface GenerateOptions extends SamplingOptions {
  /** Is called as a stage begins, too: whatever follows is that stage's. */
  readonly onStage: (stage: 'encode' | 'sample' | 'decode', step: number, steps: number) => void;
  /** Returns what watches the sampling of the encoded window. */
  readonly watch?: (window: EncodedWindow) => OnPrediction;
  /** Where an interrupted run of this window stopped; absent: it begins. */
  readonly from: SampleState | undefined;
  readonly checkpointWriter: CheckpointWriter;
  readonly onUncached?: OnUncached;
  readonly onNote: (text: string) => void;
}

export interface GeneratedWindow {
  /** [3, T, H, W] float32 in −1…1. */
  readonly video: Float32Array;
  readonly steps: readonly StepRecord[];
}

/** A window on the model's side of the VAE. */
export interface EncodedWindow extends EncodedControl {
  readonly picture: WindowPicture;
  /** The picture as it is filled, tokens [n, tokenLength]; only for runs that start from it. */
  readonly clean?: Float32Array;
}

/** Encodes what a run needs; `startsFromPicture` for a strength below 1. */
export async function encodeWindow(
  { family, codec }: Pick<Generator, 'family' | 'codec'>,
  picture: WindowPicture,
  startsFromPicture: boolean,
  signal: AbortSignal,
): Promise<EncodedWindow> {
  const encoded = await encodeControl(family, codec, picture, { signal });
  if (!startsFromPicture) return { ...encoded, picture };
  const { latentShape, referenceFrames } = encoded;
  const clipShape = { ...latentShape, frames: latentShape.frames - referenceFrames };
  const { patchEdge } = family.geometry;
  const clip = patchify(await codec.encode(picture.video, picture, { signal }), clipShape, patchEdge);
  return { ...encoded, picture, clean: withReferences(encoded, clip) };
}

/** The clip's clean tokens with those of the references before them, which the source begins with. */
function withReferences({ source }: EncodedControl, clip: Float32Array): Float32Array {
  if (source.length === clip.length) return clip;
  const all = source.slice();
  all.set(clip, all.length - clip.length);
  return all;
}

/** Samples an encoded window. */
export async function sampleWindow(
  generator: Omit<Generator, 'codec'>,
  window: EncodedWindow,
  options: Omit<SamplingOptions, 'method'> & {
    /** A row of the table with its options, or a method that is in no table. */
    readonly method: MethodSpec | CacheMethod;
    readonly onUncached?: OnUncached;
  } & Pick<SamplingInput, 'from' | 'onState' | 'onStep' | 'onOutput' | 'onPrediction'>,
): Promise<{ tokens: Float32Array; steps: readonly StepRecord[] }> {
  const { family, transformer, texts, textTokens } = generator;
  const { geometry } = family;
  const { control, source, latentShape, referenceFrames, picture, clean } = window;
  const method = 'needs' in options.method ? options.method : createMethod(options.method);
  const partition = partitionTokens(picture.mask, picture, {
    referenceFrames,
    geometry,
    ...(method.needs.margin !== undefined && { marginTokens: method.needs.margin }),
  });
  const conditions = {
    control,
    rope: transformer.spec.rope(partition.grid),
    texts,
    textTokens,
  };
  const noise = patchify(
    gaussianNoise(options.seed, options.noiseStream, volumeLength(latentShape)),
    latentShape,
    geometry.patchEdge,
  );
  const record = options.onUncached && !options.from ? new RunRecord(partition.generative) : undefined;
  const sampled = await sampleLoop({
    ...options,
    onPrediction(sample, velocity, sigma) {
      record?.add(velocity, velocity.length / partition.count);
      options.onPrediction?.(sample, velocity, sigma);
    },
    denoiser: createDenoiser(transformer, conditions, method.needs),
    method,
    cache: {
      partition,
      drift: options.drift,
      calibration: options.calibration,
      contextVelocity: noise.map((value, i) => value - source[i]),
      ...partialCostOf(transformer, method.needs, partition, textTokens),
    },
    ...(method.needs.modulatedInput === true && {
      probe: createDriftProbe(transformer, partition.count),
    }),
    noise,
    ...(clean !== undefined && { clean }),
  });
  const { steps } = sampled;
  if (record && steps.length > fewSteps && steps.every(({ kind }) => kind === 'full')) {
    const conditions = conditionsOf(options.scheduler, steps.length, options.guidanceScale);
    await options.onUncached?.(
      calibrateSchedule(conditions, [record.gram()], spreadSensitivity(steps.length, [])),
    );
  }
  return sampled;
}

/** What a partial step that looks at the kept context costs; nothing where the transformer cannot keep it. */
function partialCostOf(
  { spec, keptForms }: Transformer,
  needs: CacheNeeds,
  { generative, margin, context }: TokenPartition,
  textTokens: number,
): Pick<CacheRun, 'partialCost'> {
  if (needs.cached === undefined || keptFormFor(needs, keptForms) === undefined) return {};
  const counts = { generative: generative.length, margin: margin.length, context: context.length };
  return { partialCost: partialCost(spec, counts, needs.cached.keep, textTokens) };
}

/** Latent tokens of a window back to its video, [3, T, H, W] float32 in −1…1. */
export async function decodeWindow(
  { family, codec }: Pick<Generator, 'family' | 'codec'>,
  window: EncodedWindow,
  tokens: Float32Array,
  hooks: { readonly signal: AbortSignal; readonly onProgress?: (done: number, total: number) => void },
): Promise<Float32Array> {
  const { latentShape, referenceFrames } = window;
  const clipShape = { ...latentShape, frames: latentShape.frames - referenceFrames };
  const latents = unpatchify(tokens, clipShape, referenceFrames, family.geometry.patchEdge);
  return requireFinite(await codec.decode(latents, clipShape, hooks), 'the VAE decoder');
}

/**
 * One window through the model: encode, sample, decode; each again in less memory where there is not enough. However it ends before its end, its steps are kept: a stop while
 * it is decoded costs none of them.
 */
export async function generateWindow(
  generator: Generator,
  picture: WindowPicture,
  options: GenerateOptions,
): Promise<GeneratedWindow> {
  const { strength, signal, onStage, watch, checkpointWriter, onNote } = options;
  const { codec, transformer } = generator;
  const startsFromPicture = strength < 1;
  const { passes } = generator.family.control;
  const encodings = startsFromPicture ? passes + 1 : passes;
  const release = async (): Promise<void> => {
    await codec.release();
    await transformer.sessions.release();
  };
  const lessFor = (part: 'encoder' | 'decoder'): Rung => ({
    release,
    onNote,
    step: () =>
      codec.takeLess(part, picture) ? `the VAE ${part} takes the picture in smaller tiles` : undefined,
  });
  onStage('encode', 0, encodings);
  const window = await withLessMemory(lessFor('encoder'), () =>
    encodeWindow(generator, picture, startsFromPicture, signal),
  );
  onStage('encode', encodings, encodings);
  let { from } = options;
  const streams = generator.texts.length;
  const fewerStreams: Rung = {
    release,
    onNote,
    step() {
      if (streams === 1 || transformer.streamsPerCall === 1) return undefined;
      transformer.streamsPerCall = 1;
      return 'prompt and negative prompt are computed one after the other';
    },
  };
  try {
    const { tokens, steps } = await withLessMemory(fewerStreams, () => {
      onStage('sample', from?.steps.length ?? 0, stepsToRun(options.scheduler, strength));
      return sampleWindow(generator, window, {
        ...options,
        from,
        onState(state) {
          from = state;
          return checkpointWriter.onState(state);
        },
        onStep: (step, all) => onStage('sample', step, all),
        ...(watch !== undefined && { onPrediction: watch(window) }),
      });
    });
    const video = await withLessMemory(lessFor('decoder'), () => {
      onStage('decode', 0, window.latentShape.frames - window.referenceFrames);
      return decodeWindow(generator, window, tokens, {
        signal,
        onProgress: (done, total) => onStage('decode', done, total),
      });
    });
    return { video, steps };
  } catch (error) {
    await checkpointWriter.flush();
    throw error;
  }
}
