/** `visually-lossless` looks like the source; `lossless` gives back every sample. */
export const exportQualities = ['visually-lossless', 'lossless'] as const;
export type ExportQuality = (typeof exportQualities)[number];

/** How a clip's sound is exported. `pcm`: decoded and written without loss, as editing programs like it. */
export const exportSounds = ['copy', 'pcm', 'none'] as const;
export type ExportSound = (typeof exportSounds)[number];

/** ffmpeg's encoders that formats name; how each is used is a row of `src-main/media/video-encoders.ts`. */
export type SoftwareEncoder = 'libx264' | 'libx265' | 'prores_ks' | 'png';

/** A kind of export: one row each, all that differs between them. */
interface ExportFormatRow {
  readonly encoder: SoftwareEncoder;
  /** Of the file's name, the first one preferred; none: a folder of pictures. */
  readonly endings: readonly string[];
  readonly qualities: readonly ExportQuality[];
  /** Bytes per pixel and frame of usual clips of 8 bits; a function of the picture's pixels where it depends on them. */
  readonly usualBytesPerPixel: Readonly<
    Partial<Record<ExportQuality, number | ((pixels: number) => number)>>
  >;
  /** Which codec hardware encoders must give; absent: none does. */
  readonly hardware?: 'h264' | 'hevc';
  /** Can hold transparency. */
  readonly alpha?: true;
}

/**
 * Target data rates of ProRes in Mbit/s at 29.97 pictures a second (Apple ProRes White Paper, April 2022, "Target Data
 * Rates"; those of 4444 are without alpha). A picture has the same share at any rate, and small ones get more per pixel.
 */
const proresTargets = [
  { pixels: 720 * 486, hq: 63, '4444': 94 },
  { pixels: 960 * 720, hq: 94, '4444': 141 },
  { pixels: 1280 * 720, hq: 110, '4444': 165 },
  { pixels: 1920 * 1080, hq: 220, '4444': 330 },
  { pixels: 3840 * 2160, hq: 884, '4444': 1326 },
] as const;

/** Bytes per pixel of the target whose size is nearest. */
function proresRate(profile: 'hq' | '4444'): (pixels: number) => number {
  const distance = (one: number, other: number): number => Math.abs(Math.log(one / other));
  return (pixels) => {
    const nearest = proresTargets.reduce((best, target) =>
      distance(target.pixels, pixels) < distance(best.pixels, pixels) ? target : best,
    );
    return (nearest[profile] * 1e6) / 8 / (30_000 / 1001) / nearest.pixels;
  };
}

const rows = {
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
    usualBytesPerPixel: { 'visually-lossless': proresRate('hq') },
  },
  prores4444: {
    encoder: 'prores_ks',
    endings: ['.mov'],
    qualities: ['visually-lossless'],
    usualBytesPerPixel: { 'visually-lossless': proresRate('4444') },
    alpha: true,
  },
  png: {
    encoder: 'png',
    endings: [],
    qualities: ['lossless'],
    usualBytesPerPixel: { lossless: 1.8 },
    alpha: true,
  },
} as const satisfies Record<string, ExportFormatRow>;

/** What an export can be, by its name in requests. */
export type ExportFormat = keyof typeof rows;
export const exportFormats: Readonly<Record<ExportFormat, ExportFormatRow>> = rows;
export const exportFormatNames = Object.keys(rows) as [ExportFormat, ...ExportFormat[]];
