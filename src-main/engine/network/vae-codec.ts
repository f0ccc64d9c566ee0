import { denormaliseLatents, normaliseLatents } from '../../../src-shared/core/control/index.ts';
import { cancelledError } from '../../../src-shared/core/errors/index.ts';
import type { VaeSpec } from '../../../src-shared/core/families/index.ts';
import type { VideoSize } from '../../../src-shared/core/flops/index.ts';
import { nextStateName, stateName } from '../../../src-shared/core/graph/index.ts';
import type { VaeGraph } from './model-folder.ts';
import type { LazySessions } from './lazy-sessions.ts';
import type { Session, TensorMap } from './session.ts';
import { floatsOf, floatTensor } from './tensors.ts';

/** The graphs of one VAE: a clip that fits into memory needs two of them. */
export type VaeSessions = LazySessions<VaeGraph>;

export interface VaeCodecOptions {
  /**
   * Memory that one pass may take beyond weights and video, in bytes; default 2 GiB. Clips that need more go through
   * in chunks of at least one latent frame. Higher: fewer and larger chunks, at the same speed and with the same
   * result.
   */
  readonly memoryBytes?: number;
}

export interface VaePassHooks {
  /** Checked between chunks; an aborted pass throws the cancellation error. */
  readonly signal?: AbortSignal;
  /** Called after every chunk: latent frames done and in all. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Between pixels and the normalised latents that the denoiser works on. All arrays are float32, row-major. */
export interface VaeCodec {
  readonly latentChannels: number;
  /**
   * Video [3, T, H, W] in −1…1 to (mode − mean) / std, [z, t, H/8, W/8] with t = 1 + ⌊(T − 1) / 4⌋; frames beyond
   * 1 + 4k are dropped. H and W are multiples of 8. (8 and 4 stand for the VAE's factors.)
   */
  encode(video: Float32Array, size: VideoSize, hooks?: VaePassHooks): Promise<Float32Array>;
  /** Normalised latents [z, t, h, w] of latent size `size` to video [3, 1 + 4(t − 1), 8h, 8w] within −1…1. */
  decode(latents: Float32Array, size: VideoSize, hooks?: VaePassHooks): Promise<Float32Array>;
}

const defaultMemoryBytes = 2 * 1024 ** 3;

/** A volume [channels, frames, height, width]; several chunks of one have all but `frames` in common. */
interface Volume {
  readonly data: Float32Array;
  readonly channels: number;
  readonly size: VideoSize;
}

/** One direction: its graphs, the names at their borders, and frames that go in for each latent frame. */
interface Direction {
  readonly part: 'encoder' | 'decoder';
  readonly input: 'video' | 'z';
  readonly output: 'mean' | 'video';
  readonly framesPerLatent: number;
}

export function createVaeCodec(
  sessions: VaeSessions,
  spec: VaeSpec,
  options: VaeCodecOptions = {},
): VaeCodec {
  const { memoryBytes = defaultMemoryBytes } = options;
  const statistics = { mean: spec.latentsMean, std: spec.latentsStd };
  const { latentChannels: channels, spatialFactor: spatial, temporalFactor: temporal } = spec;

  return {
    latentChannels: channels,
    async encode(video, size, hooks = {}) {
      requireVolume('video', video, spec.inChannels, size, spatial);
      const latentFrames = latentFramesOf(spec, size.frames);
      const whole = { data: video, channels: spec.inChannels, size };
      const used = cutFrames(whole, 0, videoFramesOf(spec, latentFrames));
      const direction = {
        part: 'encoder',
        input: 'video',
        output: 'mean',
        framesPerLatent: temporal,
      } as const;
      const chunk = chunkLatents(spec, 'encoder', used.size, memoryBytes);
      const mean = await runPass(sessions, direction, used, chunk, hooks);
      return normaliseLatents(mean.data, { channels, ...mean.size }, statistics);
    },
    async decode(latents, { frames, height, width }, hooks = {}) {
      const size = { frames, height, width };
      requireVolume('latents', latents, channels, size, 1);
      const data = denormaliseLatents(latents, { channels, ...size }, statistics);
      const videoSize = {
        frames: videoFramesOf(spec, frames),
        height: height * spatial,
        width: width * spatial,
      };
      const direction = { part: 'decoder', input: 'z', output: 'video', framesPerLatent: 1 } as const;
      const chunk = chunkLatents(spec, 'decoder', videoSize, memoryBytes);
      return (await runPass(sessions, direction, { data, channels, size }, chunk, hooks)).data;
    },
  };
}

/** Latent frames of a video of `frames` frames: 1 + ⌊(frames − 1) / factor⌋; the rest of the frames is dropped. */
function latentFramesOf({ temporalFactor }: VaeSpec, frames: number): number {
  return 1 + Math.floor((frames - 1) / temporalFactor);
}

/** Frames that `latentFrames` latent frames decode to: 1 + factor·(latentFrames − 1). */
function videoFramesOf({ temporalFactor }: VaeSpec, latentFrames: number): number {
  return 1 + temporalFactor * (latentFrames - 1);
}

/** How many latent frames go through at once: `all`, or the most (and at least one) that the memory allows. */
function chunkLatents(
  spec: VaeSpec,
  part: 'encoder' | 'decoder',
  size: VideoSize,
  memoryBytes: number,
): number | 'all' {
  if (!spec.hasChunkGraphs || spec.peakBytes(part, size, 'full') <= memoryBytes) return 'all';
  const factor = spec.temporalFactor;
  // After the first latent frame, which goes alone.
  let latents = latentFramesOf(spec, size.frames) - 1;
  const fits = (): boolean => spec.peakBytes(part, size, { chunkFrames: latents * factor }) <= memoryBytes;
  while (latents > 1 && !fits()) latents--;
  return Math.max(1, latents);
}

/** An estimate of the memory that a pass of one part takes, in bytes, in as many chunks as the codec makes of it. */
export function passPeakBytes(spec: VaeSpec, part: 'encoder' | 'decoder', size: VideoSize): number {
  const chunk = chunkLatents(spec, part, size, defaultMemoryBytes);
  const pass = chunk === 'all' ? 'full' : { chunkFrames: chunk * spec.temporalFactor };
  return spec.peakBytes(part, size, pass);
}

/** Sends `source` through a direction's graphs, at once or in chunks of `chunk` latent frames after the first. */
async function runPass(
  sessions: VaeSessions,
  direction: Direction,
  source: Volume,
  chunk: number | 'all',
  { signal, onProgress }: VaePassHooks,
): Promise<Volume> {
  const { part, framesPerLatent } = direction;
  const { frames } = source.size;
  const total = 1 + (frames - 1) / framesPerLatent;
  const throwIfCancelled = (): void => {
    if (signal?.aborted) throw cancelledError();
  };
  throwIfCancelled();
  if (chunk === 'all') {
    const outputs = await runGraph(await sessions.session(part), direction, source, {});
    onProgress?.(total, total);
    return outputVolume(outputs, direction);
  }
  const chunkFrames = chunk * framesPerLatent;
  const first = await sessions.session(`${part}First`);
  let outputs = await runGraph(first, direction, cutFrames(source, 0, 1), {});
  const parts = [outputVolume(outputs, direction)];
  onProgress?.(1, total);
  for (let start = 1; start < frames; start += chunkFrames) {
    throwIfCancelled();
    const end = Math.min(start + chunkFrames, frames);
    const next = await sessions.session(`${part}Next`);
    outputs = await runGraph(next, direction, cutFrames(source, start, end), statesFrom(outputs, next));
    parts.push(outputVolume(outputs, direction));
    onProgress?.(1 + (end - 1) / framesPerLatent, total);
  }
  return joinFrames(parts);
}

function runGraph(
  session: Session,
  { input }: Direction,
  volume: Volume,
  states: TensorMap,
): Promise<TensorMap> {
  const { channels, size, data } = volume;
  const dims = [1, channels, size.frames, size.height, size.width];
  return session.run({ ...states, [input]: floatTensor(data, dims, 'float32') });
}

/** The states that one chunk left, under the names by which the next one takes them. */
function statesFrom(outputs: TensorMap, next: Session): TensorMap {
  const count = next.inputNames.length - 1;
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [stateName(i), outputs[nextStateName(i)]]),
  );
}

function outputVolume(outputs: TensorMap, { output }: Direction): Volume {
  const tensor = outputs[output];
  const [, channels, frames, height, width] = tensor.dims;
  return { data: floatsOf(tensor), channels, size: { frames, height, width } };
}

/** Frames [start, end); the volume itself where that is all of it. */
function cutFrames(volume: Volume, start: number, end: number): Volume {
  const { data, channels, size } = volume;
  if (start === 0 && end === size.frames) return volume;
  const plane = size.height * size.width;
  const part = new Float32Array(channels * (end - start) * plane);
  for (let c = 0; c < channels; c++) {
    const from = c * size.frames * plane;
    part.set(data.subarray(from + start * plane, from + end * plane), c * (end - start) * plane);
  }
  return { data: part, channels, size: { ...size, frames: end - start } };
}

/** Volumes one after the other in time. */
function joinFrames(parts: readonly Volume[]): Volume {
  const [{ channels, size }] = parts;
  const plane = size.height * size.width;
  const frames = parts.reduce((sum, part) => sum + part.size.frames, 0);
  const data = new Float32Array(channels * frames * plane);
  let start = 0;
  for (const part of parts) {
    const length = part.size.frames * plane;
    for (let c = 0; c < channels; c++) {
      data.set(part.data.subarray(c * length, (c + 1) * length), (c * frames + start) * plane);
    }
    start += part.size.frames;
  }
  return { data, channels, size: { ...size, frames } };
}

/** A programmer's check: the plan chooses sizes that the VAE can take. */
function requireVolume(
  name: string,
  data: Float32Array,
  channels: number,
  { frames, height, width }: VideoSize,
  multiple: number,
): void {
  if (data.length !== channels * frames * height * width || frames < 1) {
    throw new RangeError(`${name}: ${data.length} values for [${channels}, ${frames}, ${height}, ${width}].`);
  }
  if (height % multiple !== 0 || width % multiple !== 0) {
    throw new RangeError(`${name}: ${width}×${height} is no multiple of ${multiple}.`);
  }
}
