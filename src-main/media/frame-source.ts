import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { FrameSource, VideoFrame } from '../engine/frames.ts';
import type { Binary } from './binaries.ts';
import { findDamagedFrames } from './damage.ts';
import { decodePass, decodesAlpha, type AlphaRule, type DecodedPicture } from './decode-pass.ts';
import type { Ffmpeg } from './ffmpeg-process.ts';
import type { Ffprobe } from './ffprobe.ts';
import { planeSamples } from './pixel-format.ts';
import type { ProbedClip } from './probe.ts';

/** The programs and what they can do. */
export interface MediaTools {
  readonly ffmpeg: Ffmpeg;
  readonly ffprobe: Ffprobe;
  readonly binary: Binary;
}

/** Cuts a decoded picture into planes. Grey pictures get neutral chroma. */
function toFrame(index: number, bytes: Uint8Array, clip: ProbedClip, rule: AlphaRule): VideoFrame {
  const { info, format } = clip;
  const { luma, chroma } = planeSamples(info.pixelFormat, info.width, info.height);
  const samples =
    info.pixelFormat.bitDepth === 8
      ? bytes
      : new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  if (format.route !== 'grey') {
    const planes = [
      samples.subarray(0, luma),
      samples.subarray(luma, luma + chroma),
      samples.subarray(luma + chroma, luma + 2 * chroma),
    ];
    const alpha = decodesAlpha(clip, rule) ? { alpha: samples.subarray(luma + 2 * chroma) } : {};
    return { index, planes: [planes[0], planes[1], planes[2]], ...alpha };
  }
  const neutral = (): Uint8Array | Uint16Array =>
    info.pixelFormat.bitDepth === 8 ? new Uint8Array(chroma).fill(128) : new Uint16Array(chroma).fill(512);
  return { index, planes: [samples, neutral(), neutral()] };
}

/**
 * Reads a clip's frames exactly as its list of times has them: none twice, none left out, whatever the container
 * or the order in which they are stored. Damaged frames are replaced by the last good one (at the clip's start by
 * the next). What is damaged is found out when the decoder first complains; the pass then starts again.
 */
export class ClipReader implements FrameSource {
  readonly info: FrameSource['info'];
  readonly #tools: MediaTools;
  readonly #clip: ProbedClip;
  readonly #alpha: AlphaRule;
  /** Undefined until the decoder has complained. Holds as long as the file does not change. */
  #damaged: Set<number> | undefined;
  /** False once entering the file at a key picture has led too far. */
  #seekable = true;

  constructor(tools: MediaTools, clip: ProbedClip, alpha: AlphaRule = 'drop') {
    this.info = clip.info;
    this.#tools = tools;
    this.#clip = clip;
    this.#alpha = alpha;
  }

  damagedFrames(): readonly number[] {
    return [...(this.#damaged ?? [])].sort((a, b) => a - b);
  }

  async *frames(startFrame: number, endFrame: number, signal?: AbortSignal): AsyncGenerator<VideoFrame> {
    const count = this.info.ptsSec.length;
    if (!(startFrame >= 0 && startFrame <= endFrame && endFrame <= count)) {
      throw new RangeError(`frames ${startFrame}…${endFrame} of a clip of ${count}`);
    }
    let next = startFrame;
    while (next < endFrame) next = yield* this.#pass(next, endFrame, signal);
  }

  /** Yields frames from `next` on and returns the first one not yielded: `end`, or where to start again. */
  async *#pass(next: number, end: number, signal?: AbortSignal): AsyncGenerator<VideoFrame, number> {
    const damaged = this.#damaged;
    const from = damaged === undefined ? next : lastGood(next, damaged);
    const seek = this.#seekable;
    let held: Uint8Array | undefined;
    for await (const { index, bytes, suspicious } of this.#decode(from, seek, signal)) {
      if (held === undefined && index > from && seek && damaged?.has(from) !== true) {
        this.#seekable = false;
        return next;
      }
      if (damaged === undefined && (suspicious || index > next)) {
        await this.#findDamage(signal);
        return next;
      }
      if (damaged?.has(index)) continue;
      while (next < Math.min(index, end)) yield this.#replacement(next++, held ?? bytes);
      if (next === end) return end;
      if (index === next) yield toFrame(next++, bytes, this.#clip, this.#alpha);
      held = bytes;
      if (next === end) return end;
    }
    if (damaged === undefined) {
      await this.#findDamage(signal);
      return next;
    }
    if (held === undefined) throw nothingDecodable(this.info.path);
    while (next < end) yield this.#replacement(next++, held);
    return end;
  }

  #decode(from: number, seek: boolean, signal: AbortSignal | undefined): AsyncGenerator<DecodedPicture> {
    const { ffmpeg, binary } = this.#tools;
    return decodePass(ffmpeg, binary, this.#clip, { from, seek, alpha: this.#alpha, signal });
  }

  async #findDamage(signal: AbortSignal | undefined): Promise<void> {
    this.#damaged = new Set(await findDamagedFrames(this.#tools.ffprobe, this.#clip, signal));
  }

  /** A damaged frame: the picture of another one, noted as damaged also where only this decoder gave none. */
  #replacement(index: number, bytes: Uint8Array): VideoFrame {
    this.#damaged?.add(index);
    return toFrame(index, bytes.slice(), this.#clip, this.#alpha);
  }
}

/** The last frame at or before `index` that is not damaged, or 0 where there is none. */
function lastGood(index: number, damaged: ReadonlySet<number>): number {
  let good = index;
  while (good > 0 && damaged.has(good)) good--;
  return good;
}

function nothingDecodable(path: string): HetcutError {
  return new HetcutError('no-decodable-frame', `No picture of ${path} can be decoded.`, {
    hint: 'The file is damaged; export it again.',
    exitCode: 2,
  });
}
