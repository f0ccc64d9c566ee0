import { denormaliseLatents, normaliseLatents } from '../../../src-shared/core/control/index.ts';
import { cancelledError } from '../../../src-shared/core/errors/index.ts';
import type { VaeSpec } from '../../../src-shared/core/families/index.ts';
import type { TiledPass, VaePass, VideoSize } from '../../../src-shared/core/flops/index.ts';
import { nextStateName, stateName } from '../../../src-shared/core/graph/index.ts';
import type { VaeGraph } from './model-folder.ts';
import type { LazySessions } from './lazy-sessions.ts';
import type { Session, SessionOptions, TensorMap, TensorValue } from './session.ts';
import { floatsOf, floatTensor } from './tensors.ts';
import { chooseVaePass, latentFramesOf, usualPassBytes, videoFramesOf } from './vae-pass.ts';
import {
  createJoiner,
  cutFrames,
  cutPlace,
  joinFrames,
  tilePlaces,
  type TileJoiner,
  type Volume,
} from './vae-volume.ts';

/** The graphs of one VAE: a clip that fits into memory needs two of them. */
export type VaeSessions = LazySessions<VaeGraph>;

/** Options of a VAE graph's session: those that a large clip is cut up for keep no memory between calls. */
export function vaeSessionOptions(graph: VaeGraph): SessionOptions {
  return { lean: graph.endsWith('Fine') || graph.endsWith('Coarse') };
}

export interface VaeCodecOptions {
  /**
   * Memory that one pass may take beyond weights and video, in bytes; default `usualPassBytes`. Clips that need more go
   * through in tiles of the picture or in chunks of time (`chooseVaePass`). Higher: fewer and larger ones.
   */
  readonly memoryBytes?: number;
  /** The way every clip goes through, whatever it needs; absent: as the memory allows. */
  readonly pass?: VaePass;
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
  /**
   * From now on a pass of `part` over a video of `size` takes at most half of what it took; false where no way takes
   * less.
   */
  takeLess(part: 'encoder' | 'decoder', size: VideoSize): boolean;
  /** Closes the graphs; they are opened again when they are used. */
  release(): Promise<void>;
}

/** One direction: its graphs, the names at their borders, and frames that go in for each latent frame. */
interface Direction {
  readonly part: 'encoder' | 'decoder';
  readonly input: 'video' | 'z';
  readonly output: 'mean' | 'video';
  readonly framesPerLatent: number;
  /** Places of the output along each side for one of the input: 8 or 1/8. */
  readonly scale: number;
}

export function createVaeCodec(
  sessions: VaeSessions,
  spec: VaeSpec,
  options: VaeCodecOptions = {},
): VaeCodec {
  let { memoryBytes = usualPassBytes } = options;
  const passOf = (part: 'encoder' | 'decoder', size: VideoSize): VaePass =>
    options.pass ?? chooseVaePass(spec, part, size, memoryBytes);
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
        scale: 1 / spatial,
      } as const;
      const pass = passOf('encoder', used.size);
      const mean = await runPass(sessions, spec, direction, used, pass, hooks);
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
      const direction = {
        part: 'decoder',
        input: 'z',
        output: 'video',
        framesPerLatent: 1,
        scale: spatial,
      } as const;
      const pass = passOf('decoder', videoSize);
      return (await runPass(sessions, spec, direction, { data, channels, size }, pass, hooks)).data;
    },
    takeLess(part, size) {
      const bytesOf = (): number => spec.peakBytes(part, size, passOf(part, size));
      const before = bytesOf();
      memoryBytes = before / 2;
      return bytesOf() < before;
    },
    release: () => sessions.release(),
  };
}

/** Sends `source` through a direction's graphs as `pass` says. */
async function runPass(
  sessions: VaeSessions,
  spec: VaeSpec,
  direction: Direction,
  source: Volume,
  pass: VaePass,
  hooks: VaePassHooks,
): Promise<Volume> {
  throwIfCancelled(hooks);
  if (pass !== 'full' && 'tiles' in pass) return runTiled(sessions, spec, direction, source, pass, hooks);
  if (pass !== 'full') {
    const chunk = pass.chunkFrames / spec.temporalFactor;
    return runChunks(sessions, direction, source, chunk, hooks);
  }
  const total = latentFramesIn(direction, source);
  const { part, input, output } = direction;
  const result = await runVolume(await sessions.session(part), input, source, output);
  hooks.onProgress?.(total, total);
  return result;
}

function throwIfCancelled({ signal }: VaePassHooks): void {
  if (signal?.aborted) throw cancelledError();
}

function latentFramesIn({ framesPerLatent }: Direction, { size }: Volume): number {
  return 1 + (size.frames - 1) / framesPerLatent;
}

/** In chunks of `chunk` latent frames after the first. */
async function runChunks(
  sessions: VaeSessions,
  direction: Direction,
  source: Volume,
  chunk: number,
  hooks: VaePassHooks,
): Promise<Volume> {
  const { part, input, output, framesPerLatent } = direction;
  const { frames } = source.size;
  const total = latentFramesIn(direction, source);
  const chunkFrames = chunk * framesPerLatent;
  const first = await sessions.session(`${part}First`);
  let outputs = await runGraph(first, input, cutFrames(source, 0, 1), {});
  const parts = [volumeOf(outputs[output])];
  hooks.onProgress?.(1, total);
  for (let start = 1; start < frames; start += chunkFrames) {
    throwIfCancelled(hooks);
    const end = Math.min(start + chunkFrames, frames);
    const next = await sessions.session(`${part}Next`);
    outputs = await runGraph(next, input, cutFrames(source, start, end), statesFrom(outputs, next));
    parts.push(volumeOf(outputs[output]));
    hooks.onProgress?.(1 + (end - 1) / framesPerLatent, total);
  }
  return joinFrames(parts);
}

/** The fine part on tiles of the picture, the coarse part on all of it. */
async function runTiled(
  sessions: VaeSessions,
  spec: VaeSpec,
  direction: Direction,
  source: Volume,
  pass: TiledPass,
  hooks: VaePassHooks,
): Promise<Volume> {
  const { part, input, output, scale } = direction;
  const total = latentFramesIn(direction, source);
  const isEncoder = part === 'encoder';
  const coarse = async (volume: Volume): Promise<Volume> =>
    runVolume(
      await sessions.session(`${part}Coarse`),
      isEncoder ? 'features' : input,
      volume,
      isEncoder ? output : 'features',
    );
  const fine = async (volume: Volume): Promise<Volume> => {
    const session = await sessions.session(`${part}Fine`);
    const places = tilePlaces(spec, volume.size, isEncoder, pass);
    let joined: TileJoiner | undefined;
    for (const [index, place] of places.entries()) {
      throwIfCancelled(hooks);
      const tile = cutPlace(volume, place);
      const done = await runVolume(
        session,
        isEncoder ? input : 'features',
        tile,
        isEncoder ? 'features' : output,
      );
      joined ??= createJoiner(done, volume.size, scale);
      joined.add(done, place);
      // The coarse part of the encoder is still to come.
      const shown = (total * (index + 1)) / places.length;
      hooks.onProgress?.(isEncoder ? Math.min(shown, total - 1) : shown, total);
    }
    return joined!.result;
  };
  if (!isEncoder) return fine(await coarse(source));
  const result = await coarse(await fine(source));
  hooks.onProgress?.(total, total);
  return result;
}

function runGraph(session: Session, input: string, volume: Volume, states: TensorMap): Promise<TensorMap> {
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

function volumeOf(tensor: TensorValue): Volume {
  const [, channels, frames, height, width] = tensor.dims;
  return { data: floatsOf(tensor), channels, size: { frames, height, width } };
}

async function runVolume(session: Session, input: string, volume: Volume, output: string): Promise<Volume> {
  return volumeOf((await runGraph(session, input, volume, {}))[output]);
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
