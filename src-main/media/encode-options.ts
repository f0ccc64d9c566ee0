import type { ClipInfo, EncodeSettings, PixelFormat } from '../engine/frames.ts';
import { outputOriginSec } from './output-times.ts';
import { hasMovieTimescale, type Binary } from './binaries.ts';
import type { Container } from './containers.ts';
import { passThroughTimes } from './decode-pass.ts';

/** Code points of ITU-T H.273 by ffprobe's names; ffmpeg takes the number wherever it takes the name. */
const matrixCodes: Readonly<Record<string, number>> = {
  bt709: 1,
  fcc: 4,
  bt470bg: 5,
  smpte170m: 6,
  smpte240m: 7,
  bt2020nc: 9,
  bt2020c: 10,
};
const primariesCodes: Readonly<Record<string, number>> = {
  bt709: 1,
  bt470m: 4,
  bt470bg: 5,
  smpte170m: 6,
  smpte240m: 7,
  film: 8,
  bt2020: 9,
  smpte428: 10,
  smpte431: 11,
  smpte432: 12,
};
const transferCodes: Readonly<Record<string, number>> = {
  bt709: 1,
  gamma22: 4,
  bt470m: 4,
  gamma28: 5,
  bt470bg: 5,
  smpte170m: 6,
  smpte240m: 7,
  linear: 8,
  log100: 9,
  log316: 10,
  'iec61966-2-4': 11,
  bt1361e: 12,
  'iec61966-2-1': 13,
  'bt2020-10': 14,
  'bt2020-12': 15,
  smpte2084: 16,
  smpte428: 17,
  'arib-std-b67': 18,
};
/** x264's `chromaloc`. */
const chromaLocations: Readonly<Record<string, number>> = {
  center: 1,
  topleft: 2,
  top: 3,
  bottomleft: 4,
  bottom: 5,
};

/** The finest tick that is a whole part of the clip's own and of ten thousandths or less. */
function outputTimescale(clip: ClipInfo): number {
  const { den } = clip.timeBase;
  return den * Math.ceil(10_000 / den);
}

/**
 * 4:2:0 and 4:2:2 H.264 has even sizes only. Odd ones are stored as 4:4:4, with each chroma sample repeated,
 * so that no pixel is invented or lost.
 */
export function storedFormat(clip: ClipInfo, videoCodec: VideoCodec): PixelFormat {
  const { pixelFormat: format, width, height } = clip;
  const fits = width % (1 << format.chromaShiftX) === 0 && height % (1 << format.chromaShiftY) === 0;
  if (fits || videoCodec === 'ffv1') return format;
  const name = format.bitDepth === 8 ? 'yuv444p' : 'yuv444p10le';
  return { name, bitDepth: format.bitDepth, chromaShiftX: 0, chromaShiftY: 0 };
}

export type VideoCodec = 'libx264' | 'ffv1';

export function videoCodecOf(container: Container, settings: EncodeSettings): VideoCodec {
  return container.format === 'matroska' && settings.quality === 'lossless' ? 'ffv1' : 'libx264';
}

interface ColourCodes {
  readonly option: string;
  readonly parameter: string;
  readonly code: number | undefined;
}

function colourCodes({ colour: { tags } }: ClipInfo): ColourCodes[] {
  const range = tags.range === undefined ? undefined : ['pc', 'full', 'jpeg'].includes(tags.range) ? 2 : 1;
  return [
    { option: '-colorspace', parameter: 'colorspace', code: matrixCodes[tags.space ?? ''] },
    { option: '-color_primaries', parameter: 'color_primaries', code: primariesCodes[tags.primaries ?? ''] },
    { option: '-color_trc', parameter: 'color_trc', code: transferCodes[tags.transfer ?? ''] },
    { option: '-color_range', parameter: 'range', code: range },
  ];
}

/**
 * Tags on the pictures and on the encoder alike: old versions read the latter only, and new ones would convert the
 * pictures if the two differed.
 */
function colourOptions(clip: ClipInfo): { filter: string[]; options: string[] } {
  const stated = colourCodes(clip).filter(({ code }) => code !== undefined);
  return {
    filter:
      stated.length === 0
        ? []
        : [`setparams=${stated.map((tag) => `${tag.parameter}=${tag.code}`).join(':')}`],
    options: stated.flatMap((tag) => [tag.option, String(tag.code)]),
  };
}

function codecOptions(codec: VideoCodec, clip: ClipInfo, settings: EncodeSettings): string[] {
  if (codec === 'ffv1') return ['-c:v', 'ffv1', '-level', '3', '-g', '1', '-slices', '4', '-slicecrc', '1'];
  const quality = settings.quality === 'lossless' ? ['-qp', '0'] : ['-crf', '12'];
  const location = chromaLocations[clip.colour.tags.chromaLocation ?? ''];
  // Without the rate x264 would take the fine tick for it and ask players for the highest level.
  const parameters = [`fps=${clip.frameRate}`, ...(location === undefined ? [] : [`chromaloc=${location}`])];
  return ['-c:v', 'libx264', '-preset', 'medium', ...quality, '-x264-params', parameters.join(':')];
}

/**
 * Leaves out packets of sound that start outside an excerpt. The source is read from its beginning: entering it at a
 * key picture would start tracks at different times, which versions of ffmpeg treat differently.
 */
function excerptOptions(clip: ClipInfo): string[] {
  const { excerpt } = clip;
  if (excerpt === undefined) return [];
  // The output's clock has its 0 at the excerpt's start.
  const before = excerpt.startSec === undefined ? [] : ['-copypriorss:a', '0'];
  const after =
    excerpt.endSec === undefined ? [] : ['-t', (excerpt.endSec - outputOriginSec(clip)).toFixed(6)];
  return [...before, ...after];
}

/**
 * The options of the output file. Input 0 is the pictures, input 1 the source file, whose sound, metadata and
 * chapters are taken over.
 */
export function encodeOptions(
  binary: Binary,
  container: Container,
  clip: ClipInfo,
  settings: EncodeSettings,
): string[] {
  const codec = videoCodecOf(container, settings);
  const colour = colourOptions(clip);
  const timescale = String(outputTimescale(clip));
  const filters = [...colour.filter, `setsar=${clip.sampleAspectRatio.replace(':', '/')}`];
  // An empty colour box would read as limited range.
  const boxes = clip.colour.tags.space === undefined ? '+faststart' : '+faststart+write_colr';
  const iso = [
    ...['-video_track_timescale', timescale],
    ...(hasMovieTimescale(binary) ? ['-movie_timescale', timescale] : []),
    ...['-movflags', boxes],
  ];
  return [
    ...['-map', '0:0', ...clip.audio.flatMap((track) => ['-map', `1:${track.index}`])],
    ...['-filter:v', filters.join(','), ...passThroughTimes(binary), '-enc_time_base', `1:${timescale}`],
    ...codecOptions(codec, clip, settings),
    ...colour.options,
    ...excerptOptions(clip),
    ...['-c:a', 'copy', '-map_metadata', '1', '-map_chapters', '1'],
    // Opus and FLAC in MP4 still counted as experimental in older versions.
    ...['-strict', '-2', '-max_muxing_queue_size', '9999'],
    ...(container.format === 'matroska' ? [] : iso),
    ...['-f', container.format],
  ];
}
