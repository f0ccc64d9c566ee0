import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { ClipInfo } from '../engine/frames.ts';
import { fileStamp } from '../jobs/file-stamp.ts';
import type { PreviewMedia } from '../media/index.ts';
import type { MediaAnswer } from './backend.ts';
import { parseRange } from './byte-range.ts';
import { FrameCache, type PictureSource } from './frame-cache.ts';
import { SoundFiles } from './sound-files.ts';

const cacheBytes = 192 * 2 ** 20;
/** Each is an ffmpeg on several threads: more at a time only make the first picture late. */
const decoders = 2;

/** Rows of a picture that may be asked for. */
const heights = { least: 16, most: 4320 };

/** Finer than any screen shows of a whole clip; of long clips fewer, so that a drawing stays a few hundred kilobytes. */
const pointsPerSec = 100;
const mostPoints = 200_000;

interface OpenClip {
  readonly path: string;
  readonly stamp: string;
  readonly info: ClipInfo;
  peaks?: Promise<Uint8Array>;
}

/** Pictures and sound of clips that were opened, by their address. */
export interface MediaServer {
  /** Lets a clip be shown, and returns its media id: another one whenever the file has changed. */
  open(path: string, info: ClipInfo): Promise<string>;
  /** Paths of what was opened. */
  opened(): readonly string[];
  /** As `Backend.media`. */
  answer(address: string, range?: string): Promise<MediaAnswer>;
  close(): Promise<void>;
}

// An id stands for a file as it was when it was opened, so what is at an address never changes.
const lasting = { 'cache-control': 'private, max-age=31536000, immutable' };

function words(status: MediaAnswer['status'], text: string): MediaAnswer {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    body: Buffer.from(text),
  };
}

const notThere = (): MediaAnswer => words(404, 'There is no such picture or sound.');

/** A file, or the part of it that `range` asks for. */
async function fileAnswer(path: string, type: string, range: string | undefined): Promise<MediaAnswer> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const part = parseRange(range, size);
    if (part === null) {
      return { ...words(416, 'There is no such part.'), headers: { 'content-range': `bytes */${size}` } };
    }
    const { start, end } = part ?? { start: 0, end: size };
    const body = Buffer.alloc(end - start);
    await file.read(body, 0, body.length, start);
    const headers = { 'content-type': type, 'accept-ranges': 'bytes', ...lasting };
    if (part === undefined) return { status: 200, headers, body };
    return {
      status: 206,
      headers: { ...headers, 'content-range': `bytes ${start}-${end - 1}/${size}` },
      body,
    };
  } finally {
    await file.close();
  }
}

class ClipMediaServer implements MediaServer {
  readonly #media: PreviewMedia;
  readonly #signal: AbortSignal;
  readonly #clips = new Map<string, OpenClip>();
  readonly #frames = new FrameCache({ maxBytes: cacheBytes, maxDecoders: decoders });
  /** Pictures that are far apart, one at a time; the one that the viewer waits for does not wait for them. */
  readonly #apart = new FrameCache({ maxBytes: cacheBytes / 8, maxDecoders: 1, goesOn: false });
  readonly #sound: SoundFiles;

  constructor(home: string, media: PreviewMedia, signal: AbortSignal) {
    this.#media = media;
    this.#signal = signal;
    this.#sound = new SoundFiles(home, media, signal);
  }

  async open(path: string, info: ClipInfo): Promise<string> {
    const stamp = await fileStamp(path);
    for (const [id, clip] of this.#clips) if (clip.stamp === stamp) return id;
    const id = randomUUID();
    this.#clips.set(id, { path, stamp, info });
    return id;
  }

  opened(): readonly string[] {
    return Array.from(this.#clips.values(), ({ path }) => path);
  }

  async answer(address: string, range?: string): Promise<MediaAnswer> {
    const { pathname, searchParams } = new URL(address, 'http://media');
    const [, id, what] = /^\/media\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
    const clip = this.#clips.get(id ?? '');
    if (clip === undefined) return notThere();
    try {
      if (what === 'peaks.json') return await this.#peaks(clip);
      if (what === 'audio') return await this.#audio(clip, range);
      const [, frame] = /^frame\/(\d{1,9})\.jpg$/.exec(what) ?? [];
      return frame === undefined ? notThere() : await this.#frame(id, clip, Number(frame), searchParams);
    } catch (error) {
      // Words for whoever looks at the network; the window shows that a picture is missing.
      return words(500, error instanceof HetcutError ? `${error.message} ${error.hint}` : String(error));
    }
  }

  close(): Promise<void> {
    return Promise.all([this.#frames.close(), this.#apart.close()]).then(() => undefined);
  }

  async #frame(
    id: string,
    { path, info }: OpenClip,
    frame: number,
    query: URLSearchParams,
  ): Promise<MediaAnswer> {
    const maxHeight = Number(query.get('h') ?? NaN);
    const span = Number(query.get('span') ?? 1);
    if (!Number.isInteger(maxHeight) || maxHeight < heights.least || maxHeight > heights.most) {
      return words(400, `h is a whole number from ${heights.least} to ${heights.most}.`);
    }
    if (!Number.isInteger(span) || span < 1) return words(400, 'span is a whole number from 1.');
    const frames = info.ptsSec.length;
    if (frame >= frames) return notThere();
    const media = this.#media;
    const source: PictureSource = {
      frames,
      async *read(startFrame, endFrame, signal) {
        const previews = await media.openPreviews(path, { maxHeight });
        yield* previews.frames(startFrame, endFrame, signal);
      },
    };
    const name = `${id} ${maxHeight}`;
    const body = await (span === 1
      ? this.#frames.read(name, source, frame)
      : this.#apart.read(name, source, await this.#cheapest(path, frame, Math.min(frames, frame + span))));
    return { status: 200, headers: { 'content-type': 'image/jpeg', ...lasting }, body };
  }

  /** Of the frames [startFrame, endFrame) the one that is decoded soonest: before others there may be seconds to decode. */
  async #cheapest(path: string, startFrame: number, endFrame: number): Promise<number> {
    const previews = await this.#media.openPreviews(path, { maxHeight: heights.least });
    return previews.keyFrame(startFrame, endFrame) ?? startFrame;
  }

  async #peaks(clip: OpenClip): Promise<MediaAnswer> {
    clip.peaks ??= this.#readPeaks(clip);
    clip.peaks.catch(() => delete clip.peaks);
    return {
      status: 200,
      headers: { 'content-type': 'application/json', ...lasting },
      body: await clip.peaks,
    };
  }

  async #readPeaks({ path, info }: OpenClip): Promise<Uint8Array> {
    const wanted = Math.max(1, Math.min(pointsPerSec, Math.floor(mostPoints / info.durationSec)));
    const peaks = await this.#media.peaks(path, wanted, this.#signal);
    const document = {
      pointsPerSec: peaks.pointsPerSec,
      min: Array.from(peaks.min),
      max: Array.from(peaks.max),
    };
    return Buffer.from(JSON.stringify(document));
  }

  async #audio({ path, stamp }: OpenClip, range: string | undefined): Promise<MediaAnswer> {
    const file = await this.#sound.pathOf(path, stamp);
    return file === null ? notThere() : fileAnswer(file, 'audio/mp4', range);
  }
}

/** `signal` ends what is being read. */
export function createMediaServer(home: string, media: PreviewMedia, signal: AbortSignal): MediaServer {
  return new ClipMediaServer(home, media, signal);
}
