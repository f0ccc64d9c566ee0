import { mkdir, open, readdir, rmdir, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { limitedTenBits, planesToRgb, tenBitAlpha } from '../../src-shared/core/picture/index.ts';
import type { FrameRange } from '../../src-shared/project/index.ts';
import type {
  ClipInfo,
  EncodeSettings,
  FrameSink,
  PixelFormat,
  Plane,
  VideoFrame,
} from '../engine/frames.ts';
import { alphaName } from './decode-pass.ts';
import { checkOutput, outputError } from './check-output.ts';
import { replicateChroma } from './chroma-replicate.ts';
import { containerOf, writtenCodec } from './containers.ts';
import { encodeOptions, pictureOptions, storedFormat } from './encode-options.ts';
import type { FfmpegInput } from './ffmpeg-process.ts';
import type { MediaTools } from './picture-reader.ts';
import { repairLastPicture } from './last-picture.ts';
import { partialPathOf, writeError } from './output-place.ts';
import { clipNs, outputOriginSec } from './output-times.ts';
import { probeClip } from './probe.ts';
import { encoderOf, videoEncoders, type VideoEncoder } from './video-encoders.ts';

/** What an encoder writes to, and how it is checked before it moves into place. */
export interface Output {
  /** The file, or the folder, that takes the place of the output once it is done. */
  readonly partialPath: string;
  readonly target: string;
  /** The pixel format in which pictures are handed to ffmpeg, and how they are made of the clip's frames. */
  readonly pixelFormat: Pick<PixelFormat, 'name'>;
  readonly pictureOf: (frame: VideoFrame) => readonly Plane[] | Promise<readonly Plane[]>;
  readonly device: readonly string[];
  /** Inputs besides the pictures. */
  readonly inputs: readonly FfmpegInput[];
  readonly options: readonly string[];
  readonly warnings: readonly string[];
  /** The file that takes the place of the output, where it is not `partialPath` but lies in it. */
  readonly result?: string;
  /** The frames that are encoded; absent: all. */
  readonly wanted?: readonly FrameRange[];
  /** Of the clip's stored pictures. */
  readonly copied?: FrameSink['copied'];
  /** Puts right and checks what was written, and has it on the disk. `written`: frame numbers of the clip. */
  finish(written: readonly number[], signal?: AbortSignal): Promise<void>;
}

export async function toDisk(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.sync().finally(() => file.close());
}

function pictureWarnings(
  clip: ClipInfo,
  stored: PixelFormat,
  encoder: VideoEncoder,
  { format }: EncodeSettings,
): string[] {
  const warnings: string[] = [];
  if (stored.name !== clip.pixelFormat.name) {
    warnings.push(
      `${clip.width}×${clip.height} is an odd size; it is stored as 4:4:4, which some hardware players do not play.`,
    );
  }
  if (encoder === 'prores_ks' && format !== 'prores4444' && clip.pixelFormat.chromaShiftX === 0) {
    warnings.push('ProRes 422 HQ holds half of the clip’s 4:4:4 colour samples.');
  }
  return warnings;
}

/** Transparency is asked for, and a frame has none. */
function alphaOf({ index, alpha }: VideoFrame): Plane {
  if (alpha === undefined) throw new Error(`frame ${index} has no alpha`);
  return alpha;
}

/** The clip's file, for its sound, metadata and chapters. */
export const soundInput = (clip: ClipInfo): FfmpegInput => ({
  source: clip.path,
  options: ['-itsoffset', String(-outputOriginSec(clip))],
});

/** What should be known of the sound of a part of a clip. */
export function soundWarnings(clip: ClipInfo, { sound }: EncodeSettings): string[] {
  const copied = clip.audio.some((track) => writtenCodec(track, sound) === track.codec);
  if (clip.excerpt === undefined || !copied) return [];
  return [
    'Sound is copied in whole packets: at the ends of the range it starts and stops up to one packet (of AAC, 1024 samples) after the pictures; in between it is in step with them.',
  ];
}

/** A file with pictures and sound. */
export function videoFile(
  { binary, ffprobe }: MediaTools,
  path: string,
  clip: ClipInfo,
  settings: EncodeSettings,
): Output {
  const container = containerOf(path, settings.format);
  const encoder = encoderOf(container.format === 'matroska', settings);
  const { codec, device = [] } = videoEncoders[encoder];
  const stored = storedFormat(clip, encoder);
  const partialPath = partialPathOf(path);
  const { startNs, durationNs } = clipNs(clip);
  const warnings = [...pictureWarnings(clip, stored, encoder, settings), ...soundWarnings(clip, settings)];
  const { alpha } = settings;
  // Ours, not swscale's: to that, white and opaque of 8 bits are 1020 in 10.
  const withAlpha = (frame: VideoFrame): Plane[] => [
    ...limitedTenBits(frame.planes, clip),
    tenBitAlpha(alphaOf(frame), clip.pixelFormat.bitDepth),
  ];
  const deepName = stored.bitDepth === 10 ? stored.name : `${stored.name}10le`;
  return {
    partialPath,
    target: partialPath,
    pixelFormat: alpha === true ? { name: alphaName(deepName) } : stored,
    pictureOf: (frame) => {
      if (alpha === true) return withAlpha(frame);
      return stored.name === clip.pixelFormat.name
        ? frame.planes
        : replicateChroma(frame.planes, clip.width, clip.height, clip.pixelFormat);
    },
    device,
    inputs: [soundInput(clip)],
    options: encodeOptions(binary, container, clip, settings),
    warnings,
    async finish(written, signal) {
      const [first, last] = [written[0] ?? 0, written.at(-1) ?? 0];
      const shownNs = startNs[last] + durationNs[last] - startNs[first];
      await repairLastPicture(partialPath, Number(durationNs[last]) / 1e9, Number(shownNs) / 1e9);
      const result = await probeClip(ffprobe, partialPath, signal);
      checkOutput(result.info, { codec, alpha, sound: settings.sound }, clip, written, path);
      await toDisk(partialPath);
    },
  };
}

/** Rows that are turned into RGB at a time: a few milliseconds, in which nothing else of the program can run. */
const rowsAtOnce = 48;

/**
 * R'G'B' of 16 bits [height, width, 3], with alpha [height, width, 4], uint16. Not by swscale: its 16-bit white is 65283.
 */
async function deepRgb(
  { planes }: VideoFrame,
  clip: ClipInfo,
  alpha: Plane | undefined,
): Promise<[Uint16Array]> {
  const { width, height } = clip;
  const channels = alpha === undefined ? 3 : 4;
  const opaque = 2 ** clip.pixelFormat.bitDepth - 1;
  const picture = new Uint16Array(channels * width * height);
  for (let y = 0; y < height; y += rowsAtOnce) {
    const rows = Math.min(rowsAtOnce, height - y);
    const rgb = planesToRgb(planes, clip, { x: 0, y, width, height: rows });
    const pixels = rows * width;
    const start = y * width;
    let target = channels * start;
    for (let i = 0; i < pixels; i++) {
      for (let c = 0; c < 3; c++) {
        picture[target++] = Math.round(Math.min(1, Math.max(0, rgb[c * pixels + i])) * 65535);
      }
      if (alpha !== undefined) picture[target++] = Math.round((alpha[start + i] * 65535) / opaque);
    }
    await setImmediate();
  }
  return [picture];
}

/** Digits of a picture's number: a day at 11 pictures a second. */
const numberDigits = 6;

/** `NAME_000123.png` in the folder NAME. */
function pictureName(folder: string, number: number): string {
  return `${basename(folder)}_${String(number).padStart(numberDigits, '0')}.png`;
}

/** Less than a block of any file system's. */
const fullDiskBytes = 65_536;

async function isDiskFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < fullDiskBytes;
}

/** Where a PNG states its size, depth and kind of colour, and how it ends (ISO/IEC 15948, 11.2.2 and 11.2.5). */
const pngHeaderBytes = 26;
const pngEnd = Buffer.from('0000000049454e44ae426082', 'hex');

/** PNG's numbers of grey, and of red, green and blue without and with alpha. */
const pngColours = { grey: 0, rgb: 2, rgba: 6 };

/** What is wrong with a PNG file; undefined where it is whole, and of the right size, depth and kind. */
async function pngFault(
  path: string,
  clip: ClipInfo,
  bitDepth: number,
  colour: keyof typeof pngColours,
): Promise<string | undefined> {
  const file = await open(path, 'r');
  try {
    const header = Buffer.alloc(pngHeaderBytes);
    const end = Buffer.alloc(pngEnd.length);
    const { size } = await file.stat();
    await file.read(header, 0, header.length, 0);
    await file.read(end, 0, end.length, Math.max(0, size - end.length));
    if (!end.equals(pngEnd)) return `${basename(path)} is cut off`;
    const found = [header.readUInt32BE(16), header.readUInt32BE(20), header[24], header[25]];
    return found.join() === [clip.width, clip.height, bitDepth, pngColours[colour]].join()
      ? undefined
      : `${basename(path)} is ${found[0]}×${found[1]} of ${found[2]} bits, kind ${found[3]}`;
  } finally {
    await file.close();
  }
}

/** A folder of PNG files, one for each picture, numbered as the frames of the source. */
export async function pictureFolder(
  { binary }: MediaTools,
  path: string,
  clip: ClipInfo,
  settings: EncodeSettings,
): Promise<Output> {
  const { firstNumber = 0, grey, alpha } = settings;
  const encoder = encoderOf(false, settings);
  const deep = clip.pixelFormat.bitDepth > 8 || alpha === true;
  const colour = grey === true ? 'grey' : alpha === true ? 'rgba' : 'rgb';
  const partialPath = partialPathOf(path);
  await mkdir(partialPath).catch((error: NodeJS.ErrnoException) => {
    throw writeError(path, error.code ?? error.message, error);
  });
  // In a pattern of ffmpeg's, `%%` is a `%`.
  const place = join(partialPath, basename(path)).replaceAll('%', '%%');
  const silent =
    clip.audio.length === 0 ? [] : ['A PNG sequence holds no sound; take the clip’s own next to it.'];
  return {
    partialPath,
    target: `${place}_%0${numberDigits}d.png`,
    pixelFormat: deep ? { name: alpha === true ? 'rgba64le' : 'rgb48le' } : clip.pixelFormat,
    pictureOf: (frame) =>
      deep ? deepRgb(frame, clip, alpha === true ? alphaOf(frame) : undefined) : frame.planes,
    device: [],
    inputs: [],
    options: [
      ...['-map', '0:0', ...pictureOptions(binary, encoder, clip, settings)],
      ...['-start_number', String(firstNumber), '-f', 'image2'],
    ],
    warnings: [
      ...pictureWarnings(clip, clip.pixelFormat, encoder, settings),
      ...(grey === true ? [] : silent),
    ],
    async finish(written) {
      const expected = written.map((index) => pictureName(path, firstNumber + index));
      const found = (await readdir(partialPath)).sort();
      if (found.join('\n') !== expected.sort().join('\n')) {
        throw outputError(path, `${found.length} pictures instead of ${expected.length}`);
      }
      for (const name of found) {
        const fault = await pngFault(join(partialPath, name), clip, deep ? 16 : 8, colour);
        // Old versions of ffmpeg do not look whether closing the file wrote its end.
        if (fault !== undefined && (await isDiskFull(partialPath))) throw writeError(path, 'ENOSPC');
        if (fault !== undefined) throw outputError(path, fault);
        await toDisk(join(partialPath, name));
      }
      // An empty folder of that name is replaced; one that is not there need not.
      await rmdir(path).catch(() => undefined);
    },
  };
}
