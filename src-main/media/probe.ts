import { stat } from 'node:fs/promises';
import { HetcutError, cancelledError, usageError } from '../../src-shared/core/errors/index.ts';
import { timecodeAfter } from '../../src-shared/project/index.ts';
import type { AudioInfo, ClipInfo } from '../engine/frames.ts';
import { decideColour } from './colour.ts';
import type { Ffprobe } from './ffprobe.ts';
import { readFrameTimes, type FrameTimes, type StreamKind } from './frame-times.ts';
import { inputFile } from './input-file.ts';
import { displayAspect, orientationOf, type Orientation } from './orientation.ts';
import { decodeFormat, keepsAlpha, type DecodeFormat } from './pixel-format.ts';
import { clipWarnings } from './probe-warnings.ts';
import { documentSchema, type ProbedFile, type ProbedStream } from './probed-file.ts';
import { isVariable, steadyRate } from './frame-rate.ts';

/** What decoding needs beyond what the rest of the program sees. */
export interface ProbedClip {
  readonly info: ClipInfo;
  readonly stream: number;
  readonly times: FrameTimes;
  readonly orientation: Orientation;
  readonly format: DecodeFormat;
}

/** As many packets, of all streams together, hold a picture of most files. */
const firstPackets = 8;

/** Text that ffmpeg would draw as teletype pictures. */
const notVideoFormats = new Set(['tty']);

async function readFile(ffprobe: Ffprobe, path: string, signal?: AbortSignal): Promise<ProbedFile> {
  const notVideo = (reason: string, cause?: unknown): HetcutError =>
    new HetcutError('not-a-video', `${path} is not a video that can be read: ${reason}.`, {
      hint: reason.includes('moov atom not found')
        ? 'The recording was cut off before its index was written; copy it again, or repair it with its camera’s tool.'
        : 'Give a video file, for instance MP4, MOV or MKV.',
      exitCode: 2,
      cause,
    });
  const show = ['-show_format', '-show_streams', '-show_entries', 'frame=stream_index,interlaced_frame'];
  const read = await ffprobe
    .json(path, [...show, '-read_intervals', `%+#${firstPackets}`], { signal })
    .catch((error: unknown) => {
      if (error instanceof HetcutError && error.code === 'ffprobe-failed')
        throw notVideo(error.message, error);
      throw error;
    });
  const parsed = documentSchema.safeParse(read);
  if (!parsed.success) throw notVideo('ffprobe did not understand it', parsed.error);
  if (notVideoFormats.has(parsed.data.format.format_name)) throw notVideo('it is a text file');
  return parsed.data;
}

function videoStream(file: ProbedFile, path: string): ProbedStream & { width: number; height: number } {
  const found = file.streams.find(
    (stream) =>
      stream.codec_type === 'video' && stream.disposition?.attached_pic !== 1 && stream.codec_name !== 'ansi',
  );
  if (found === undefined) {
    const kinds = file.streams.map((stream) => stream.codec_type ?? 'unknown').join(', ') || 'nothing';
    throw usageError('no-video', `${path} holds no video, only ${kinds}.`, 'Give a file with a video track.');
  }
  const { width, height } = found;
  if (width === undefined || height === undefined || width === 0 || height === 0) {
    throw usageError('not-a-video', `${path} has a video track without a size.`, 'Export the clip again.');
  }
  return { ...found, width, height };
}

const firstPictureSchema = documentSchema.pick({ frames: true });

/** Decodes until a first picture comes out, if none has. Returns whether it is interlaced; throws where none comes. */
async function checkFirstPicture(
  ffprobe: Ffprobe,
  path: string,
  file: ProbedFile,
  stream: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const [first] = file.frames.filter(({ stream_index }) => stream_index === stream);
  if (first !== undefined) return first.interlaced_frame === 1;
  for (const packets of [1, 300]) {
    const options = ['-select_streams', String(stream), '-read_intervals', `%+#${packets}`];
    const frames = await ffprobe
      .json(path, [...options, '-show_entries', 'frame=interlaced_frame'], { signal })
      .then((read) => firstPictureSchema.safeParse(read).data?.frames ?? [])
      .catch((error: unknown) => {
        // What it gave up at is no picture.
        if (error instanceof HetcutError && error.code === 'ffprobe-failed') return [];
        throw error;
      });
    if (frames.length > 0) return frames.some((frame) => frame.interlaced_frame === 1);
  }
  throw usageError(
    'no-decodable-frame',
    `No picture of ${path} can be decoded.`,
    'The file is damaged or its codec is not supported; export it again, for instance as H.264.',
  );
}

function audioOf(file: ProbedFile): AudioInfo[] {
  return file.streams
    .filter((stream) => stream.codec_type === 'audio' && stream.codec_name !== undefined)
    .map((stream) => ({
      index: stream.index,
      codec: stream.codec_name ?? '',
      channels: stream.channels ?? 0,
      sampleRate: Number(stream.sample_rate ?? 0),
      startSec: Number(stream.start_time ?? 0) || 0,
    }));
}

function fraction(text: string | undefined): { num: number; den: number } | undefined {
  const [num, den] = (text ?? '').split('/').map(Number);
  const whole = Number.isSafeInteger(num) && Number.isSafeInteger(den);
  return whole && num > 0 && den > 0 ? { num, den } : undefined;
}

/**
 * The timecode of the first picture: MOV and MP4 have it in a track of its own, which knows its rate and is stated with
 * the pictures' too; MXF and Matroska in a tag of the whole file.
 */
function timecodeOf(file: ProbedFile, stream: ProbedStream, frameRate: string): ClipInfo['timecode'] {
  const textOf = (tags: Readonly<Record<string, string>> = {}): string | undefined =>
    Object.entries(tags).find(([name]) => name.toLowerCase() === 'timecode')?.[1];
  const track = file.streams.find(
    ({ codec_type, tags }) => codec_type === 'data' && textOf(tags) !== undefined,
  );
  const text = textOf(stream.tags) ?? textOf(track?.tags) ?? textOf(file.format.tags);
  const ofTrack = fraction(track?.avg_frame_rate);
  const rate = ofTrack === undefined ? frameRate : `${ofTrack.num}/${ofTrack.den}`;
  const start = text === undefined ? undefined : timecodeAfter(text, 0, rate);
  return start === undefined ? undefined : { start, frameRate: rate };
}

/** What of an MP4 or MOV track its own index is compared with. */
function trackOf(file: ProbedFile, stream: ProbedStream): StreamKind['track'] {
  const base = fraction(stream.time_base);
  const samples = Number(stream.nb_frames ?? NaN);
  const isMp4 = /mov|mp4/.test(file.format.format_name);
  if (!isMp4 || base?.num !== 1 || stream.start_pts === undefined || Number.isNaN(samples)) return undefined;
  return { ticksPerSec: base.den, samples, startTicks: stream.start_pts };
}

async function timesOf(
  ffprobe: Ffprobe,
  path: string,
  file: ProbedFile,
  stream: ProbedStream,
  signal?: AbortSignal,
): Promise<{ times: FrameTimes; cutOff: boolean }> {
  // MP4 and Matroska keep both fields of a picture in one packet.
  const wholePictures = /mov|mp4|matroska/.test(file.format.format_name);
  let complaints = '';
  const track = trackOf(file, stream);
  const times = await readFrameTimes(
    ffprobe,
    path,
    {
      index: stream.index,
      codec: stream.codec_name ?? '',
      mayHoldFields: !wholePictures && stream.field_order !== 'progressive',
      ...(track === undefined ? {} : { track }),
    },
    { signal, onComplaint: (text) => (complaints = text) },
  );
  if (times.ticks.length === 0) {
    throw usageError(
      'no-frames',
      `No picture of ${path} has a time stamp.`,
      'Put the stream into a container first, for instance: ffmpeg -framerate 25 -i clip.h264 -c copy clip.mp4',
    );
  }
  const promised = Number(stream.nb_frames ?? 0);
  const cutOff = promised > times.packets || /partial file|ended prematurely|read error/i.test(complaints);
  return { times, cutOff };
}

/**
 * How long the last picture is shown, in ticks; 0 where the file does not say. The packets of an MP4 tell how long
 * they last in the order of decoding, so there the end of the whole track counts.
 */
function lastPictureTicks(file: ProbedFile, stream: ProbedStream, times: FrameTimes): number {
  const inDecodingOrder = /mov|mp4/.test(file.format.format_name);
  if (!inDecodingOrder || stream.duration_ts === undefined) return times.lastDuration;
  const end = (stream.start_pts ?? 0) + stream.duration_ts;
  return Math.max(0, end - times.ticks[times.ticks.length - 1]);
}

const keptClips = 32;

/** The last clips that an ffprobe was asked about, by what changes when a file does. */
const known = new WeakMap<Ffprobe, Map<string, ProbedClip>>();

/**
 * Reads everything about a clip without decoding more than its first pictures. An answer is kept for as long as the file
 * has the same size and time of change, whatever its name: an export is moved into its place after it was checked.
 * Errors (exit code 2): file-not-found, not-a-file, file-empty, file-unreadable, not-a-video, no-video, no-frames,
 * no-decodable-frame, pixel-format.
 */
export async function probeClip(ffprobe: Ffprobe, path: string, signal?: AbortSignal): Promise<ProbedClip> {
  const absolute = await inputFile(path, 'clip');
  const { dev, ino, size, mtimeNs } = await stat(absolute, { bigint: true });
  const stamp = [dev, ino, size, mtimeNs].join();
  if (signal?.aborted) throw cancelledError();
  const clips = known.get(ffprobe) ?? new Map<string, ProbedClip>();
  known.set(ffprobe, clips);
  const clip = clips.get(stamp) ?? (await readClip(ffprobe, path, absolute, signal));
  // Set again also where it was known: a Map's order is that of setting, and the oldest goes first.
  clips.delete(stamp);
  clips.set(stamp, clip);
  const [oldest] = clips.keys();
  if (clips.size > keptClips) clips.delete(oldest);
  return { ...clip, info: { ...clip.info, path: absolute } };
}

async function readClip(
  ffprobe: Ffprobe,
  path: string,
  absolute: string,
  signal?: AbortSignal,
): Promise<ProbedClip> {
  const file = await readFile(ffprobe, absolute, signal);
  const stream = videoStream(file, path);
  const interlaced = await checkFirstPicture(ffprobe, absolute, file, stream.index, signal);
  const { times, cutOff } = await timesOf(ffprobe, absolute, file, stream, signal);
  const matrix = stream.side_data_list?.find((data) => data.displaymatrix !== undefined)?.displaymatrix;
  const turned = orientationOf(matrix);
  const orientation: Orientation = turned ?? { rotation: 0, filters: [], transposed: false };
  const sourcePixelFormat = stream.pix_fmt ?? 'unknown';
  const format = await decodeFormat(ffprobe, sourcePixelFormat, orientation.transposed);
  if (format === undefined) {
    throw usageError(
      'pixel-format',
      `${path} has the pixel format ${sourcePixelFormat}, which cannot be decoded.`,
      'Convert it first, for instance to H.264.',
    );
  }
  const colour = decideColour({
    tags: stream,
    width: stream.width,
    height: stream.height,
    sourcePixelFormat,
    rgb: format.rgb,
    grey: format.route === 'grey',
    codec: stream.codec_name ?? '',
  });
  const timeBase = fraction(stream.time_base) ?? { num: 1, den: 1000 };
  const rates = [stream.r_frame_rate, stream.avg_frame_rate].flatMap((text) => fraction(text) ?? []);
  const rate = steadyRate(times.ticks, timeBase, rates);
  const frameTicks = (rate.den * timeBase.den) / (rate.num * timeBase.num);
  const lastDuration = lastPictureTicks(file, stream, times) || frameTicks;
  const last = times.ticks.length - 1;
  const toSec = (ticks: number): number => (ticks * timeBase.num) / timeBase.den;
  const frameRate = `${rate.num}/${rate.den}`;
  const timecode = timecodeOf(file, stream, frameRate);
  const info: ClipInfo = {
    path: absolute,
    container: file.format.format_name,
    codec: stream.codec_name ?? 'unknown',
    width: orientation.transposed ? stream.height : stream.width,
    height: orientation.transposed ? stream.width : stream.height,
    rotation: orientation.rotation,
    sampleAspectRatio: displayAspect(stream.sample_aspect_ratio, orientation.transposed),
    pixelFormat: format.pixelFormat,
    sourcePixelFormat,
    ...(keepsAlpha(format) ? { alpha: true } : {}),
    colour,
    ptsSec: times.ticks.map(toSec),
    timeBase,
    startSec: Number(file.format.start_time ?? 0) || 0,
    frameRate,
    ...(timecode === undefined ? {} : { timecode }),
    variableFrameRate: isVariable(times.ticks),
    audio: audioOf(file),
    durationSec: toSec(times.ticks[last] + lastDuration - times.ticks[0]),
    warnings: clipWarnings({
      streams: file.streams,
      video: stream,
      format,
      colour,
      interlaced,
      rightAngled: turned !== undefined,
      cutOff: cutOff ? { readable: times.packets, promised: Number(stream.nb_frames ?? 0) } : undefined,
    }),
  };
  return { info, stream: stream.index, times, orientation, format };
}
