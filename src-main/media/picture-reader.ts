import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { Binary } from './binaries.ts';
import { findDamagedFrames } from './damage.ts';
import { decodePass, type AlphaRule, type DecodedPicture, type PictureForm } from './decode-pass.ts';
import type { Ffmpeg } from './ffmpeg-process.ts';
import type { Ffprobe } from './ffprobe.ts';
import type { ProbedClip } from './probe.ts';

/** The programs and what they can do. */
export interface MediaTools {
  readonly ffmpeg: Ffmpeg;
  readonly ffprobe: Ffprobe;
  readonly binary: Binary;
}

/** One frame's picture, in the form that was asked for. */
export interface Picture {
  readonly index: number;
  readonly bytes: Uint8Array;
  /** The bytes are another frame's as well: this one is damaged. */
  readonly repeated: boolean;
}

/**
 * Reads a clip's pictures exactly as its list of times has them: none twice, none left out, whatever the container
 * or the order in which they are stored. Damaged frames are replaced by the last good one (at the clip's start by
 * the next). What is damaged is found out when the decoder first complains; the pass then starts again.
 */
export class PictureReader {
  readonly #tools: MediaTools;
  readonly #clip: ProbedClip;
  readonly #alpha: AlphaRule;
  readonly #form: PictureForm;
  /** Undefined until the decoder has complained. Holds as long as the file does not change. */
  #damaged: Set<number> | undefined;
  /** False once entering the file at a key picture has led too far. */
  #seekable = true;

  constructor(tools: MediaTools, clip: ProbedClip, alpha: AlphaRule, form: PictureForm) {
    this.#tools = tools;
    this.#clip = clip;
    this.#alpha = alpha;
    this.#form = form;
  }

  damagedFrames(): readonly number[] {
    return [...(this.#damaged ?? [])].sort((a, b) => a - b);
  }

  /** Frames [startFrame, endFrame) in order. */
  async *pictures(startFrame: number, endFrame: number, signal?: AbortSignal): AsyncGenerator<Picture> {
    const count = this.#clip.info.ptsSec.length;
    if (!(startFrame >= 0 && startFrame <= endFrame && endFrame <= count)) {
      throw new RangeError(`frames ${startFrame}…${endFrame} of a clip of ${count}`);
    }
    let next = startFrame;
    while (next < endFrame) next = yield* this.#pass(next, endFrame, signal);
  }

  /** Yields frames from `next` on and returns the first one not yielded: `end`, or where to start again. */
  async *#pass(next: number, end: number, signal?: AbortSignal): AsyncGenerator<Picture, number> {
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
      if (index === next) yield { index: next++, bytes, repeated: false };
      held = bytes;
      if (next === end) return end;
    }
    if (damaged === undefined) {
      await this.#findDamage(signal);
      return next;
    }
    if (held === undefined) throw nothingDecodable(this.#clip.info.path);
    while (next < end) yield this.#replacement(next++, held);
    return end;
  }

  #decode(from: number, seek: boolean, signal: AbortSignal | undefined): AsyncGenerator<DecodedPicture> {
    const { ffmpeg, binary } = this.#tools;
    return decodePass(ffmpeg, binary, this.#clip, {
      from,
      seek,
      alpha: this.#alpha,
      form: this.#form,
      signal,
    });
  }

  async #findDamage(signal: AbortSignal | undefined): Promise<void> {
    this.#damaged = new Set(await findDamagedFrames(this.#tools.ffprobe, this.#clip, signal));
  }

  /** A damaged frame: the picture of another one, noted as damaged also where only this decoder gave none. */
  #replacement(index: number, bytes: Uint8Array): Picture {
    this.#damaged?.add(index);
    return { index, bytes, repeated: true };
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
