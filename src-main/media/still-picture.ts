import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { z } from 'zod';
import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import type { Media } from '../engine/frames.ts';
import type { Ffmpeg } from './ffmpeg-process.ts';
import type { Ffprobe } from './ffprobe.ts';
import { inputFile } from './input-file.ts';
import { checkWritable, partialPathOf, writeError } from './output-place.ts';
import { chunksOf, splitPictures } from './picture-stream.ts';

export interface StillInfo {
  readonly width: number;
  readonly height: number;
  readonly codec: string;
}

/** As many pixels along a side as any picture file has that is decoded here. */
const side = z.int().min(1).max(32_768);
const stillSchema = z.object({
  streams: z.array(z.object({ codec_name: z.string(), width: side, height: side })).min(1),
  format: z.object({ format_name: z.string() }),
});

const pictureTimeoutMs = 60_000;

/** Whether a file begins as Matroska or as MP4 and MOV do (EBML's magic number, ISO/IEC 14496-12's first box): no still. */
async function isVideoFile(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0);
    return buffer.readUInt32BE(0) === 0x1a45dfa3 || buffer.toString('latin1', 4) === 'ftyp';
  } finally {
    await file.close();
  }
}

/**
 * Reads size and kind of a still picture (PNG, JPEG and what else ffmpeg takes for one); undefined where the file is
 * something else. The content decides, not the name, which ffmpeg would take for a pattern if it held a `%d`.
 */
export async function probeStill(ffprobe: Ffprobe, path: string): Promise<StillInfo | undefined> {
  if (await isVideoFile(path)) return undefined;
  const shown = ['-show_entries', 'format=format_name:stream=codec_name,width,height'];
  const parsed = stillSchema.safeParse(
    await ffprobe.json('pipe:0', shown, { stdinPath: path }).catch(() => undefined),
  );
  if (!parsed.success || !/_pipe$|^image2$/.test(parsed.data.format.format_name)) return undefined;
  const [stream] = parsed.data.streams;
  return { width: stream.width, height: stream.height, codec: stream.codec_name };
}

/**
 * Decodes pictures of one size, each to `byteLength` bytes of `pixelFormat`. `source`: the files' bytes one after the
 * other; they go through standard input, because ffmpeg takes a `%d` in a picture's name for a counter.
 */
export async function* decodeStills(
  ffmpeg: Ffmpeg,
  source: Readable,
  codec: string,
  pixelFormat: 'rgb24' | 'rgba',
  byteLength: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const pictures = new PassThrough({ emitClose: false });
  const run = ffmpeg.start({
    inputs: [{ source, options: ['-f', 'image2pipe', '-c:v', codec] }],
    outputOptions: [
      // JFIF is BT.601 by definition; pictures that are RGB already pass untouched.
      ...[
        '-filter:v',
        `scale=in_color_matrix=bt601:flags=bicubic+accurate_rnd+full_chroma_int,format=${pixelFormat}`,
      ],
      ...['-f', 'rawvideo'],
    ],
    target: pictures,
    signal,
  });
  try {
    yield* splitPictures(chunksOf(pictures), byteLength);
    await run.finished;
  } finally {
    run.stop();
    await run.finished.catch(() => undefined);
  }
}

/** A still picture as RGB bytes [height, width, 3]. Errors (exit code 2): as of `inputFile`, and not-a-picture. */
export async function readPicture(
  ffmpeg: Ffmpeg,
  ffprobe: Ffprobe,
  path: string,
): Promise<Awaited<ReturnType<Media['readPicture']>>> {
  const absolute = await inputFile(path, 'picture');
  const still = await probeStill(ffprobe, absolute);
  const broken = (): Error =>
    usageError('not-a-picture', `${path} is not a picture that can be read.`, 'Give a PNG or a JPEG.');
  if (still === undefined) throw broken();
  const { width, height, codec } = still;
  const decoded = decodeStills(ffmpeg, createReadStream(absolute), codec, 'rgb24', width * height * 3);
  for await (const rgb of decoded) return { width, height, rgb };
  throw broken();
}

/** Writes an RGB picture as PNG or JPEG, by the path's ending; never leaves half a file. */
export async function writePicture(
  ffmpeg: Ffmpeg,
  path: string,
  { width, height, rgb }: Awaited<ReturnType<Media['readPicture']>>,
): Promise<void> {
  const jpeg = /^\.jpe?g$/i.test(extname(path));
  if (!jpeg && extname(path).toLowerCase() !== '.png') {
    throw usageError(
      'picture-kind',
      `${path} is of no picture kind that can be written.`,
      'Let it end in .png or .jpg.',
    );
  }
  const target = resolve(path);
  await checkWritable(target);
  const partial = partialPathOf(target);
  const raw = ['-f', 'rawvideo', '-pixel_format', 'rgb24', '-video_size', `${width}x${height}`];
  const encoder = jpeg ? ['-c:v', 'mjpeg', '-q:v', '2', '-pix_fmt', 'yuvj444p'] : ['-c:v', 'png'];
  const run = ffmpeg.start({
    inputs: [
      { source: Readable.from([Buffer.from(rgb.buffer, rgb.byteOffset, rgb.byteLength)]), options: raw },
    ],
    outputOptions: [...encoder, '-frames:v', '1', '-f', 'image2pipe'],
    target: partial,
    timeoutMs: pictureTimeoutMs,
  });
  try {
    await run.finished;
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true });
    throw error instanceof HetcutError
      ? error
      : writeError(path, (error as NodeJS.ErrnoException).code ?? '', error);
  }
}
