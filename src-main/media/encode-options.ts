import type { ClipInfo, EncodeSettings, PixelFormat } from '../engine/frames.ts';
import { outputOriginSec } from './output-times.ts';
import { hasMovieTimescale, type Binary } from './binaries.ts';
import { writtenCodec, type Container } from './containers.ts';
import { passThroughTimes } from './decode-pass.ts';
import { encoderOf, videoEncoders, type VideoEncoder } from './video-encoders.ts';

/** Code points of ITU-T H.273 by ffprobe's names; ffmpeg takes the number wherever it takes the name. */
export const matrixCodes: Readonly<Record<string, number>> = {
  bt709: 1,
  fcc: 4,
  bt470bg: 5,
  smpte170m: 6,
  smpte240m: 7,
  bt2020nc: 9,
  bt2020c: 10,
};
export const primariesCodes: Readonly<Record<string, number>> = {
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
export const transferCodes: Readonly<Record<string, number>> = {
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
/** The finest tick that is a whole part of the clip's own and of ten thousandths or less. */
export function outputTimescale(clip: ClipInfo): number {
  const { den } = clip.timeBase;
  return den * Math.ceil(10_000 / den);
}

/**
 * 4:2:0 and 4:2:2 H.264 and HEVC have even sizes only. Odd ones are stored as 4:4:4, with each chroma sample repeated,
 * so that no pixel is invented or lost.
 */
export function storedFormat(clip: ClipInfo, encoder: VideoEncoder): PixelFormat {
  const { pixelFormat: format, width, height } = clip;
  const fits = width % (1 << format.chromaShiftX) === 0 && height % (1 << format.chromaShiftY) === 0;
  if (fits || !videoEncoders[encoder].evenOnly) return format;
  const name = format.bitDepth === 8 ? 'yuv444p' : 'yuv444p10le';
  return { name, bitDepth: format.bitDepth, chromaShiftX: 0, chromaShiftY: 0 };
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

/**
 * Filters to the pixel format that the encoder takes, and the colour that pictures have behind them. ProRes is read as
 * limited range whatever it says; a PNG is RGB or grey in full range, and says nothing of its colour.
 */
function conversion(
  clip: ClipInfo,
  encoder: VideoEncoder,
  settings: EncodeSettings,
): { filters: string[]; clip: ClipInfo } {
  const target = videoEncoders[encoder].converts(clip, settings);
  if (target === undefined) return { filters: [], clip };
  const { matrix, range, tags } = clip.colour;
  const scale = (outRange: typeof range, more: readonly string[] = [], inRange = range): string =>
    [
      `scale=in_range=${inRange}:out_range=${outRange}`,
      ...more,
      'flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp',
    ].join(':');
  if (encoder === 'png') {
    // RGB already: see `deepRgb`.
    if (target === 'rgb48be' || target === 'rgba64be')
      return { filters: [`format=${target}`], clip: { ...clip, colour: { ...clip.colour, tags: {} } } };
    return {
      filters: [scale('full', [`in_color_matrix=${matrix}`]), `format=${target}`],
      clip: { ...clip, colour: { ...clip.colour, tags: {} } },
    };
  }
  if (encoder === 'prores_ks') {
    const colour = { ...clip.colour, range: 'limited', tags: { ...tags, range: 'tv' } } as const;
    // With alpha, the pictures are limited already: see `videoFile`.
    const from = settings.alpha === true ? ('limited' as const) : range;
    return { filters: [scale('limited', [], from), `format=${target}`], clip: { ...clip, colour } };
  }
  const upload = videoEncoders[encoder].device === undefined ? [] : ['hwupload'];
  return { filters: [scale(range), `format=${target}`, ...upload], clip };
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
 * Sound is copied, or decoded to PCM: then it starts with the output's clock, sample by sample, and gaps are silence, as
 * a track of PCM has no times of its own.
 */
function soundOptions({ audio }: ClipInfo, { sound }: EncodeSettings): string[] {
  if (sound !== 'pcm') return ['-c:a', 'copy'];
  return audio.flatMap((track, number) => {
    const codec = writtenCodec(track, sound);
    return codec === track.codec
      ? [`-c:a:${number}`, 'copy']
      : [`-c:a:${number}`, codec, `-filter:a:${number}`, 'aresample=async=1:first_pts=0'];
  });
}

/** Filters and options of the pictures alone, for whatever they are written into. */
export function pictureOptions(
  binary: Binary,
  encoder: VideoEncoder,
  clip: ClipInfo,
  settings: EncodeSettings,
  /** Filters before the usual ones; parameters of x264 or x265 behind them. */
  {
    filters: first = [],
    parameters = [],
  }: Readonly<Partial<Record<'filters' | 'parameters', readonly string[]>>> = {},
): string[] {
  const converted = conversion(clip, encoder, settings);
  const colour = colourOptions(converted.clip);
  const shape = `setsar=${clip.sampleAspectRatio.replace(':', '/')}`;
  // What runs on a device is tagged before it goes there.
  const upload = converted.filters.at(-1) === 'hwupload' ? ['hwupload'] : [];
  const convert = upload.length === 0 ? converted.filters : converted.filters.slice(0, -1);
  const filters = [...first, ...convert, ...colour.filter, shape, ...upload];
  return [
    ...['-filter:v', filters.join(','), ...passThroughTimes(binary)],
    ...['-enc_time_base:v', `1:${outputTimescale(clip)}`],
    ...videoEncoders[encoder].options(clip, settings, parameters),
    ...colour.options,
  ];
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
  /** `copy`: the pictures are encoded already. */
  pictures: 'encode' | 'copy' = 'encode',
): string[] {
  const encoder = encoderOf(container.format === 'matroska', settings);
  const timescale = String(outputTimescale(clip));
  // An empty colour box would read as limited range.
  const boxes = clip.colour.tags.space === undefined ? '+faststart' : '+faststart+write_colr';
  const iso = [
    ...['-video_track_timescale', timescale],
    ...(hasMovieTimescale(binary) ? ['-movie_timescale', timescale] : []),
    ...['-movflags', boxes],
    // Apple's programs know HEVC by this mark only.
    ...(videoEncoders[encoder].codec === 'hevc' ? ['-tag:v', 'hvc1'] : []),
  ];
  return [
    ...['-map', '0:0', ...clip.audio.flatMap((track) => ['-map', `1:${track.index}`])],
    ...(pictures === 'copy' ? ['-c:v', 'copy'] : pictureOptions(binary, encoder, clip, settings)),
    ...excerptOptions(clip),
    ...soundOptions(clip, settings),
    ...['-map_metadata', '1', '-map_chapters', '1'],
    // MP4 and MOV make a track of it, Matroska a tag; that of the whole file would be wrong for a part of it.
    ...['-metadata', `timecode=${clip.timecode?.start ?? ''}`],
    // Opus and FLAC in MP4 still counted as experimental in older versions.
    ...['-strict', '-2', '-max_muxing_queue_size', '9999'],
    ...(container.format === 'matroska' ? [] : iso),
    ...['-f', container.format],
  ];
}
