import { exportFormats, type SoftwareEncoder } from '../../src-shared/core/export/index.ts';
import type { ClipInfo, EncodeSettings, HardwareEncoder } from '../engine/frames.ts';

/** ffv1 is for files whose format nobody named. */
export type VideoEncoder = SoftwareEncoder | 'ffv1' | HardwareEncoder;

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
  /** `parameters`: of x264 or x265, behind the usual ones. */
  readonly options: (
    clip: ClipInfo,
    settings: EncodeSettings,
    parameters?: readonly string[],
  ) => readonly string[];
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

/**
 * Options of each maker's encoders for pictures that look like the source's, as `ffmpeg -h encoder=NAME` and ffmpeg's
 * sources state them (libavcodec: nvenc_*.c, videotoolboxenc.c, qsvenc*.c, amfenc_*.c, vaapi_encode*.c). Quantisers run
 * from 0 to 51.
 */
const hardwareOptions: Readonly<
  Record<string, (codec: 'h264' | 'hevc', clip: ClipInfo) => readonly string[]>
> = {
  // Cards before Turing have no B pictures in HEVC, and refuse what asks for them.
  nvenc: (codec) => ['-rc', 'constqp', '-qp', '14', ...(codec === 'h264' ? ['-bf', '2'] : [])],
  // Of its quality, `-q:v`, only Apple's own processors know.
  videotoolbox: (codec, clip) => [
    ...['-b:v', generousRate(clip), '-allow_sw', '0'],
    ...(codec === 'hevc' ? ['-profile:v', clip.pixelFormat.bitDepth === 8 ? 'main' : 'main10'] : []),
  ],
  // Without a rate and with this, it is a constant quality (ICQ, from 1 to 51).
  qsv: () => ['-global_quality', '14', '-preset', 'slower'],
  amf: (codec) => [
    ...['-rc', 'cqp', '-qp_i', '14', '-qp_p', '14', '-quality', 'quality'],
    ...(codec === 'h264' ? ['-qp_b', '16'] : []),
  ],
  // Without a rate, `-qp` alone is a constant quantiser; versions before 4.3 know no `-rc_mode`.
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

/** The pixel format of PNG files: 16 bits where the clip has more than 8, or transparency is written. */
export function pngFormat({ pixelFormat }: ClipInfo, { grey, alpha }: EncodeSettings): string {
  if (grey === true) return 'gray';
  if (alpha === true) return 'rgba64be';
  return pixelFormat.bitDepth === 8 ? 'rgb24' : 'rgb48be';
}

const software: Readonly<Record<Exclude<VideoEncoder, HardwareEncoder>, EncoderRow>> = {
  libx264: {
    codec: 'h264',
    evenOnly: true,
    converts: unchanged,
    options: (clip, { quality }, parameters = []) => [
      ...['-c:v', 'libx264', '-preset', 'medium'],
      ...(quality === 'lossless' ? ['-qp', '0'] : ['-crf', '12']),
      ...['-x264-params', [...streamParameters(clip), ...parameters].join(':')],
    ],
  },
  libx265: {
    codec: 'hevc',
    evenOnly: true,
    converts: unchanged,
    options: (clip, { quality }, parameters = []) => {
      const lossless = quality === 'lossless' ? ['lossless=1'] : [];
      // Old versions of ffmpeg do not hand it on.
      const range = clip.colour.tags.range === undefined ? [] : [`range=${clip.colour.range}`];
      return [
        ...['-c:v', 'libx265', '-preset', 'medium'],
        ...(quality === 'lossless' ? [] : ['-crf', '14']),
        '-x265-params',
        ['log-level=error', ...lossless, ...range, ...streamParameters(clip), ...parameters].join(':'),
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
    converts: (_, { format, alpha }) =>
      format !== 'prores4444' ? 'yuv422p10le' : alpha === true ? 'yuva444p10le' : 'yuv444p10le',
    options: (_, { format, alpha }) => [
      // Profile 3 is 422 HQ, 4 is 4444; some editors take only Apple's own mark.
      ...['-c:v', 'prores_ks', '-profile:v', format === 'prores4444' ? '4' : '3', '-vendor', 'apl0'],
      // Alpha, which has no loss, would take its bits from the colour where the size is limited, and ffmpeg's way out
      // is no limit at all. A set quantiser leaves both in peace; 2 is within half a step of 8 bits.
      ...(alpha === true ? ['-alpha_bits', '16', '-q:v', '2'] : []),
    ],
  },
  png: {
    codec: 'png',
    evenOnly: false,
    converts: pngFormat,
    options: () => ['-c:v', 'png', '-pred', 'paeth'],
  },
};

export const videoEncoders = {
  ...software,
  ...Object.fromEntries(hardwareEncoders.map((name) => [name, hardwareRow(name)])),
} as Readonly<Record<VideoEncoder, EncoderRow>>;

/** Grey pictures with large flat parts, as mattes are. */
const matteShare = 0.05;

/** About how many bytes an export of `clip` takes. */
export function usualBytes(clip: ClipInfo, settings: EncodeSettings): number {
  const { quality, format = 'h264', grey } = settings;
  const { encoder, usualBytesPerPixel } = exportFormats[format];
  const usual = usualBytesPerPixel[quality] ?? 0;
  const pixels = clip.width * clip.height;
  const perPixel = typeof usual === 'number' ? usual : usual(pixels);
  // ProRes has ten bits in any case, and spends them.
  const isProres = encoder === 'prores_ks';
  const isDeep = clip.pixelFormat.bitDepth > 8 || settings.alpha === true;
  // The lower bits of PNG's 16 are as good as noise, and do not shrink.
  const deepShare = encoder === 'png' ? 2.5 : 1.25;
  const depth = isProres || !isDeep ? 1 : deepShare;
  const share = grey !== true ? 1 : isProres ? 0.4 : matteShare;
  return Math.round(pixels * clip.ptsSec.length * perPixel * depth * share);
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
