import type { Readable } from 'node:stream';
import { HetcutError } from '../../src-shared/core/errors/index.ts';

/**
 * The chunks of a process's output. Stopping early leaves the stream alone: fluent-ffmpeg would take its end for a
 * failure and report the process as over while it still runs.
 */
export function chunksOf(output: Readable): AsyncIterable<Uint8Array> {
  return output.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
}

/**
 * Cuts a byte stream into pictures of `byteLength` bytes, each in memory of its own.
 * A remainder at the end is dropped: the process that wrote it was stopped.
 */
export async function* splitPictures(
  chunks: AsyncIterable<Uint8Array>,
  byteLength: number,
): AsyncGenerator<Uint8Array> {
  let picture = new Uint8Array(byteLength);
  let filled = 0;
  for await (const chunk of chunks) {
    let taken = 0;
    while (taken < chunk.length) {
      const part = chunk.subarray(taken, taken + byteLength - filled);
      picture.set(part, filled);
      filled += part.length;
      taken += part.length;
      if (filled < byteLength) continue;
      yield picture;
      picture = new Uint8Array(byteLength);
      filled = 0;
    }
  }
}

/**
 * The times of the pictures that ffmpeg's `showinfo` filter reports, in the order in which the pictures come out.
 * Lines may arrive before or after the picture's bytes; `next` waits for them.
 */
export class PictureTimes {
  readonly #width: number;
  readonly #height: number;
  #ticksPerUnit: number;
  readonly #timeBaseSec: number;
  readonly #known: number[] = [];
  #failure: Error | undefined;
  #ended = false;
  #wake: (() => void) | undefined;

  /** `timeBaseSec`: length of the tick in which times are returned. */
  constructor(width: number, height: number, timeBaseSec: number) {
    this.#width = width;
    this.#height = height;
    this.#timeBaseSec = timeBaseSec;
    this.#ticksPerUnit = 1;
  }

  /**
   * Takes a line of the log; lines of others are ignored. The filter is known by its words, not by its name in front:
   * that is missing when another thread has just written half a line.
   */
  addLine(line: string): void {
    const unit = /config in time_base: (\d+)\/(\d+)/.exec(line);
    if (unit !== null) this.#ticksPerUnit = Number(unit[1]) / Number(unit[2]) / this.#timeBaseSec;
    const picture = /\bn: *\d+ pts: *(-?\d+|NOPTS) +pts_time:.*?\bs:(\d+)x(\d+)/.exec(line);
    if (picture === null) return;
    if (Number(picture[2]) !== this.#width || Number(picture[3]) !== this.#height) {
      this.#failure ??= new HetcutError(
        'size-changes',
        `The pictures change from ${this.#width}×${this.#height} to ${picture[2]}×${picture[3]} within the clip.`,
        { hint: 'Cut the clip where its size changes, or export it at one size.', exitCode: 2 },
      );
    }
    this.#known.push(picture[1] === 'NOPTS' ? NaN : Math.round(Number(picture[1]) * this.#ticksPerUnit));
    this.#wake?.();
  }

  /** No more lines will come. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Ticks of the next picture; undefined where the log ended without it. */
  async next(): Promise<number | undefined> {
    while (this.#known.length === 0 && !this.#ended) await new Promise<void>((wake) => (this.#wake = wake));
    if (this.#failure !== undefined) throw this.#failure;
    return this.#known.shift();
  }
}
