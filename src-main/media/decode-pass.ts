import { PassThrough } from 'node:stream';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { ClipInfo } from '../engine/frames.ts';
import { hasFpsMode, type Binary } from './binaries.ts';
import { reportsDamage } from './damage.ts';
import type { Ffmpeg } from './ffmpeg-process.ts';
import { PictureTimes, chunksOf, splitPictures } from './picture-stream.ts';
import { planeSamples } from './pixel-format.ts';
import type { ProbedClip } from './probe.ts';

/** What happens to transparency: ignored, laid over black, or given as a plane behind the others. */
export type AlphaRule = 'drop' | 'over-black' | 'keep';

/** The form in which pictures come out of the decoder. */
export interface PictureForm {
  /** Filters behind those that make the planes. */
  readonly filters: readonly string[];
  /** ffmpeg's encoder and format. */
  readonly output: readonly string[];
  /** Cuts what comes out into pictures. */
  split(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
}

/** The planes one after the other, as `decodedByteLength` counts them; the one of alpha is the last. */
export const planesForm = (clip: ProbedClip, alpha: AlphaRule): PictureForm => ({
  filters: [],
  output: ['-f', 'rawvideo'],
  split: (chunks) => splitPictures(chunks, decodedByteLength(clip, alpha)),
});

export interface DecodedPicture {
  /** Frame number in the clip. */
  readonly index: number;
  /** In the form that was asked for. */
  readonly bytes: Uint8Array;
  /** The decoder complained of damaged data somewhere since the first wanted picture. */
  readonly suspicious: boolean;
}

/** Whether decoded pictures have a plane of alpha. */
export const decodesAlpha = ({ info }: ProbedClip, alpha: AlphaRule): boolean =>
  alpha === 'keep' && info.alpha === true;

/** Bytes of one decoded picture; grey ones have no chroma planes. */
function decodedByteLength(clip: ProbedClip, alpha: AlphaRule): number {
  const { info, format } = clip;
  const { luma, chroma } = planeSamples(info.pixelFormat, info.width, info.height);
  const samples =
    (format.route === 'grey' ? luma : luma + 2 * chroma) + (decodesAlpha(clip, alpha) ? luma : 0);
  return samples * (info.pixelFormat.bitDepth === 8 ? 1 : 2);
}

/**
 * The filters from the coded picture to the planes. What is shown before frame `from` is decoded for the others' sake
 * only, and not worth the way through a pipe. `showinfo` reports what comes out; what follows it changes the form alone.
 */
function decodeFilters(clip: ProbedClip, from: number, alpha: AlphaRule): string {
  const { info, times, orientation, format } = clip;
  const earliestSec = ((times.ticks[from] - 0.5) * info.timeBase.num) / info.timeBase.den;
  const filters = from === 0 ? [] : [`select='gte(t,${earliestSec.toFixed(12)})'`];
  filters.push(...orientation.filters);
  if (alpha === 'over-black' && format.alpha) filters.push('premultiply=inplace=1');
  if (format.route === 'convert') {
    const range = info.colour.range;
    const matrix = format.rgb
      ? `out_color_matrix=${info.colour.matrix}:out_range=limited`
      : `in_range=${range}:out_range=${range}`;
    const kept = decodesAlpha(clip, alpha);
    const scale = `scale=${matrix}:flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp`;
    // Out of RGBA of 8 bits swscale of some versions makes each alpha from 128 to 254 one more.
    if (kept && format.rgb && format.sourceBitDepth === 8) {
      filters.push('split[all][more];[more]alphaextract[alpha];[all]null', scale);
      filters.push(`format=${info.pixelFormat.name}[colour];[colour][alpha]alphamerge`);
    } else {
      filters.push(scale, `format=${kept ? alphaName(info.pixelFormat.name) : swscaleName(info)}`);
    }
  }
  if (format.route === 'grey')
    filters.push(`format=${info.pixelFormat.bitDepth === 8 ? 'gray' : 'gray10le'}`);
  return [...filters, 'showinfo=checksum=0'].join(',');
}

/** swscale knows full range of 8-bit formats by their yuvj names only. */
function swscaleName({ colour, pixelFormat }: ClipInfo): string {
  const { name, bitDepth } = pixelFormat;
  return colour.range === 'full' && bitDepth === 8 ? name.replace('yuv', 'yuvj') : name;
}

/** The pixel format with a plane of alpha behind the others. */
export const alphaName = (name: string): string => name.replace('yuv', 'yuva');

/** ffmpeg's options to pass every picture once with its own time. */
export const passThroughTimes = (binary: Binary): string[] =>
  hasFpsMode(binary) ? ['-fps_mode', 'passthrough'] : ['-vsync', 'passthrough'];

/** The frame number shown at `ticks`, or -1. */
function indexAt(ticks: Float64Array, wanted: number): number {
  let low = 0;
  let high = ticks.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ticks[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return ticks[low] === wanted ? low : -1;
}

/**
 * Where to enter the file for frame `from`: at the last key picture shown at or before it. Later key pictures would
 * not do: pictures shown before a key picture may be stored after it. Undefined: from the start.
 */
function seekSec({ times, info }: ProbedClip, from: number): number | undefined {
  const key = times.keys.findLast(({ ticks }) => ticks <= times.ticks[from]);
  if (key === undefined || key === times.keys[0] || key.seek <= 0) return undefined;
  return (key.seek * info.timeBase.num) / info.timeBase.den;
}

export interface PassOptions {
  readonly from: number;
  /** False: decode from the start of the file. */
  readonly seek: boolean;
  readonly alpha: AlphaRule;
  readonly form: PictureForm;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs one decoder and returns its pictures from frame `from` on, as far as it can decode them: damaged ones may be
 * missing. Pictures that the list of times does not know (hidden by an edit list) are left out.
 */
export async function* decodePass(
  ffmpeg: Ffmpeg,
  binary: Binary,
  clip: ProbedClip,
  { from, seek, alpha, form, signal }: PassOptions,
): AsyncGenerator<DecodedPicture> {
  const { info, times } = clip;
  const start = seek ? seekSec(clip, from) : undefined;
  const entry =
    start === undefined ? [] : ['-noaccurate_seek', '-seek_timestamp', '1', '-ss', start.toFixed(6)];
  const shown = new PictureTimes(info.width, info.height, info.timeBase.num / info.timeBase.den);
  const pictures = new PassThrough({ emitClose: false });
  let complaints = 0;
  const run = ffmpeg.start({
    inputs: [{ source: info.path, options: ['-nostdin', '-copyts', '-noautorotate', ...entry] }],
    outputOptions: [
      ...[
        '-map',
        `0:${clip.stream}`,
        '-filter:v',
        [decodeFilters(clip, from, alpha), ...form.filters].join(','),
      ],
      ...[...passThroughTimes(binary), ...form.output],
    ],
    target: pictures,
    onLine(line) {
      shown.addLine(line);
      if (reportsDamage(line)) complaints++;
    },
    signal,
  });
  const over = run.finished.finally(() => shown.end());
  over.catch(() => undefined);
  let delivered = false;
  // Entering a file in its middle makes decoders complain of what they were not given.
  let expected = 0;
  try {
    for await (const bytes of form.split(chunksOf(pictures))) {
      const ticks = await shown.next();
      const index = ticks === undefined ? -1 : indexAt(times.ticks, ticks);
      if (index < from) continue;
      if (!delivered && start !== undefined) expected = complaints;
      delivered = true;
      yield { index, bytes, suspicious: complaints > expected };
    }
    // A decoder that gave pictures and then gave up met damaged data: what is missing is found by its number.
    await over.catch((error: unknown) => {
      if (!delivered || !(error instanceof HetcutError) || error.details['exitCode'] === undefined)
        throw error;
    });
  } finally {
    run.stop();
    await over.catch(() => undefined);
  }
}
