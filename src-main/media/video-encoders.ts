import type { ClipInfo, EncodeSettings, ExportFormat, HardwareEncoder } from '../engine/frames.ts';

export type VideoEncoder = 'libx264' | 'libx265' | 'ffv1' | 'prores_ks' | 'png' | HardwareEncoder;

/** How one of ffmpeg's encoders is used. */
interface EncoderRow {
  /** ffprobe's name of what comes out. */
  readonly codec: string;
  /** Takes 4:2:0 and 4:2:2 pictures of even sizes only. */
  readonly evenOnly: boolean;
  /** The pixel format that the pictures are converted to; undefined: they stay as they are. */
  readonly converts: (clip: ClipInfo, settings: EncodeSettings) => string | undefined;
  /** Options of the input, for the device that encodes. */
  readonly device?: readonly string[];
  readonly options: (clip: ClipInfo, settings: EncodeSettings) => readonly string[];
}

/** Locations of chroma samples as both x264's and x265's `chromaloc` number them (H.264 and H.265, E.2.1). */
const chromaLocations: Readonly<Record<string, number>> = {
  center: 1,
  topleft: 2,
  top: 3,
  bottomleft: 4,
  bottom: 5,
};

/** What x264 and x265 are told of the clip. Without the rate they would take the fine tick for it. */
function streamParameters(clip: ClipInfo): string[] {
  const location = chromaLocations[clip.colour.tags.chromaLocation ?? ''];
  return [`fps=${clip.frameRate}`, ...(location === undefined ? [] : [`chromaloc=${location}`])];
}

const unchanged = (): undefined => undefined;

/** 4:2:0 of 8 bits, of 10 bits where the codec keeps them; hardware encoders know nothing else. */
const hardwareFormat =
  (deepName: string) =>
  ({ pixelFormat }: ClipInfo): string =>
    pixelFormat.bitDepth === 8 ? 'nv12' : deepName;

/** Bits per second of an encoder that only takes a rate: as much as CRF 12 needs for lively pictures. */
function generousRate({ width, height, frameRate }: ClipInfo): string {
  const [num, den] = frameRate.split('/').map(Number);
  return String(Math.max(1_000_000, Math.round(0.4 * width * height * (num / den))));
}

/** Options of each maker's encoders for pictures that look like the source's. */
const hardwareOptions: Readonly<
  Record<string, (codec: 'h264' | 'hevc', clip: ClipInfo) => readonly string[]>
> = {
  nvenc: () => ['-rc', 'constqp', '-qp', '14', '-bf', '2'],
  videotoolbox: (_, clip) => ['-b:v', generousRate(clip), '-allow_sw', '0'],
  qsv: () => ['-global_quality', '14', '-preset', 'slower'],
  amf: (codec) => [
    ...['-rc', 'cqp', '-qp_i', '14', '-qp_p', '14', '-quality', 'quality'],
    ...(codec === 'h264' ? ['-qp_b', '16'] : []),
  ],
  vaapi: () => ['-qp', '14', '-bf', '0'],
};

function hardwareRow(encoder: HardwareEncoder): EncoderRow {
  const [codec, maker] = encoder.split('_') as ['h264' | 'hevc', string];
  const options = hardwareOptions[maker];
  return {
    codec,
    evenOnly: true,
    converts: hardwareFormat('p010le'),
    ...(maker === 'vaapi' ? { device: ['-vaapi_device', '/dev/dri/renderD128'] } : {}),
    options: (clip) => ['-c:v', encoder, ...options(codec, clip)],
  };
}

/** In the order in which they are preferred. */
export const hardwareEncoders = (['nvenc', 'videotoolbox', 'qsv', 'amf', 'vaapi'] as const).flatMap((maker) =>
  (['h264', 'hevc'] as const).map((codec): HardwareEncoder => `${codec}_${maker}`),
);

const software: Readonly<Record<Exclude<VideoEncoder, HardwareEncoder>, EncoderRow>> = {
  libx264: {
    codec: 'h264',
    evenOnly: true,
    converts: unchanged,
    options: (clip, { quality }) => [
      ...['-c:v', 'libx264', '-preset', 'medium'],
      ...(quality === 'lossless' ? ['-qp', '0'] : ['-crf', '12']),
      ...['-x264-params', streamParameters(clip).join(':')],
    ],
  },
  libx265: {
    codec: 'hevc',
    evenOnly: true,
    converts: unchanged,
    options: (clip, { quality }) => {
      const lossless = quality === 'lossless' ? ['lossless=1'] : [];
      // Old versions of ffmpeg do not hand it on.
      const range = clip.colour.tags.range === undefined ? [] : [`range=${clip.colour.range}`];
      return [
        ...['-c:v', 'libx265', '-preset', 'medium'],
        ...(quality === 'lossless' ? [] : ['-crf', '14']),
        ...['-x265-params', ['log-level=error', ...lossless, ...range, ...streamParameters(clip)].join(':')],
      ];
    },
  },
  ffv1: {
    codec: 'ffv1',
    evenOnly: false,
    converts: unchanged,
    options: () => ['-c:v', 'ffv1', '-level', '3', '-g', '1', '-slices', '4', '-slicecrc', '1'],
  },
  prores_ks: {
    codec: 'prores',
    evenOnly: false,
    converts: () => 'yuv422p10le',
    // Profile 3 is 422 HQ; some editors take only Apple's own mark.
    options: () => ['-c:v', 'prores_ks', '-profile:v', '3', '-vendor', 'apl0'],
  },
  png: {
    codec: 'png',
    evenOnly: false,
    converts: ({ pixelFormat }, { grey }) =>
      grey === true ? 'gray' : pixelFormat.bitDepth === 8 ? 'rgb24' : 'rgb48be',
    options: () => ['-c:v', 'png', '-pred', 'paeth'],
  },
};

export const videoEncoders = {
  ...software,
  ...Object.fromEntries(hardwareEncoders.map((name) => [name, hardwareRow(name)])),
} as Readonly<Record<VideoEncoder, EncoderRow>>;

/** A kind of export: one row each, all that differs between them. */
interface FormatRow {
  readonly encoder: Exclude<VideoEncoder, HardwareEncoder>;
  /** Of the file's name, the first one preferred; none: a folder of pictures. */
  readonly endings: readonly string[];
  readonly qualities: readonly EncodeSettings['quality'][];
  /** Bytes per pixel and frame of usual clips; ProRes 422 HQ: 220 Mbit/s at 1920 × 1080, 29.97 pictures a second. */
  readonly usualBytesPerPixel: Readonly<Partial<Record<EncodeSettings['quality'], number>>>;
  /** Which codec hardware encoders must give; absent: none does. */
  readonly hardware?: 'h264' | 'hevc';
}

export const exportFormats: Readonly<Record<ExportFormat, FormatRow>> = {
  h264: {
    encoder: 'libx264',
    endings: ['.mp4', '.mov', '.mkv'],
    qualities: ['visually-lossless', 'lossless'],
    usualBytesPerPixel: { 'visually-lossless': 0.12, lossless: 0.7 },
    hardware: 'h264',
  },
  hevc: {
    encoder: 'libx265',
    endings: ['.mp4', '.mov', '.mkv'],
    qualities: ['visually-lossless', 'lossless'],
    usualBytesPerPixel: { 'visually-lossless': 0.09, lossless: 0.7 },
    hardware: 'hevc',
  },
  prores: {
    encoder: 'prores_ks',
    endings: ['.mov'],
    qualities: ['visually-lossless'],
    usualBytesPerPixel: { 'visually-lossless': 0.44 },
  },
  png: {
    encoder: 'png',
    endings: [],
    qualities: ['lossless'],
    usualBytesPerPixel: { lossless: 1.8 },
  },
};

/** ProRes 422 HQ spends more on small pictures: 63 Mbit/s at 720 × 486, 29.97 pictures a second. */
const smallProres = { mostPixels: 720 * 576, bytesPerPixel: 0.75 };

/** Grey pictures with large flat parts, as mattes are. */
const matteShare = 0.05;

/** About how many bytes an export of `clip` takes. */
export function usualBytes(clip: ClipInfo, settings: EncodeSettings): number {
  const { quality, format = 'h264', grey } = settings;
  const isSmall = format === 'prores' && clip.width * clip.height <= smallProres.mostPixels;
  const perPixel = isSmall
    ? smallProres.bytesPerPixel
    : (exportFormats[format].usualBytesPerPixel[quality] ?? 0);
  // ProRes has ten bits in any case, and spends them.
  const depth = format === 'prores' ? 1 : clip.pixelFormat.bitDepth / 8;
  const share = grey !== true ? 1 : format === 'prores' ? 0.4 : matteShare;
  return Math.round(clip.width * clip.height * clip.ptsSec.length * perPixel * depth * share);
}

/** The encoder that settings ask for; without a format, FFV1 in Matroska where nothing may be lost, else H.264. */
export function encoderOf(isMatroska: boolean, { format, hardware, quality }: EncodeSettings): VideoEncoder {
  if (hardware !== undefined) return hardware;
  if (format !== undefined) return exportFormats[format].encoder;
  return isMatroska && quality === 'lossless' ? 'ffv1' : 'libx264';
}

/** Why no hardware encoder of `codec` takes such pictures without losing something; undefined where one does. */
export function whyNotHardware(
  { width, height, pixelFormat: { bitDepth, chromaShiftX, chromaShiftY } }: ClipInfo,
  { quality }: EncodeSettings,
  codec: 'h264' | 'hevc',
): string | undefined {
  if (quality === 'lossless') return 'hardware encoders are not lossless';
  if (chromaShiftX === 0 || chromaShiftY === 0)
    return 'they take 4:2:0 pictures only, and the clip has more colour';
  if (width % 2 !== 0 || height % 2 !== 0) return 'they take even sizes only';
  if (bitDepth !== 8 && codec === 'h264') return 'their H.264 has 8 bits, and the clip has 10';
  return undefined;
}
