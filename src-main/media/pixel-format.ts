import { z } from 'zod';
import type { PixelFormat } from '../engine/frames.ts';
import { unreadableOutput, type Ffprobe } from './ffprobe.ts';

/** How pictures of a file become planes. */
export interface DecodeFormat {
  readonly pixelFormat: PixelFormat;
  /**
   * What ffmpeg is asked for: `native` leaves the decoder's format alone; `grey` takes luma only, the neutral
   * chroma planes are ours; `convert` goes through swscale to `pixelFormat`.
   */
  readonly route: 'native' | 'grey' | 'convert';
  readonly rgb: boolean;
  readonly alpha: boolean;
  /** Bits per sample of the file; more than `pixelFormat.bitDepth` where precision is lost. */
  readonly sourceBitDepth: number;
}

/** Whether the pictures have transparency that can be read; of grey ones it is not. */
export const keepsAlpha = ({ alpha, route }: DecodeFormat): boolean => alpha && route === 'convert';

const planar = (name: string, bitDepth: 8 | 10, chromaShiftX: 0 | 1, chromaShiftY: 0 | 1): PixelFormat => ({
  name,
  bitDepth,
  chromaShiftX,
  chromaShiftY,
});

const formats = {
  yuv420p: planar('yuv420p', 8, 1, 1),
  yuv422p: planar('yuv422p', 8, 1, 0),
  yuv444p: planar('yuv444p', 8, 0, 0),
  yuv420p10le: planar('yuv420p10le', 10, 1, 1),
  yuv422p10le: planar('yuv422p10le', 10, 1, 0),
  yuv444p10le: planar('yuv444p10le', 10, 0, 0),
} as const;

/** The yuvj names are full-range twins with the same planes. */
const nativeFormats: Readonly<Record<string, PixelFormat>> = {
  ...formats,
  yuvj420p: formats.yuv420p,
  yuvj422p: formats.yuv422p,
  yuvj444p: formats.yuv444p,
};

const descriptorList = z.object({
  pixel_formats: z.array(
    z.object({
      name: z.string(),
      log2_chroma_w: z.number().optional(),
      log2_chroma_h: z.number().optional(),
      nb_components: z.number(),
      flags: z.object({ rgb: z.number(), alpha: z.number(), palette: z.number() }),
      components: z.array(z.object({ bit_depth: z.number() })).optional(),
    }),
  ),
});
type Descriptor = z.infer<typeof descriptorList>['pixel_formats'][number];

function subsampled(shiftX: number, shiftY: number, deep: boolean): PixelFormat {
  const layout =
    shiftX === 1 && shiftY === 1 ? 'yuv420p' : shiftX === 1 && shiftY === 0 ? 'yuv422p' : 'yuv444p';
  return deep ? formats[`${layout}10le`] : formats[layout];
}

/** The nearest of our formats to any other that ffmpeg knows. */
function nearestFormat(source: Descriptor, transposed: boolean): DecodeFormat {
  const sourceBitDepth = Math.max(8, ...(source.components ?? []).map((component) => component.bit_depth));
  const rgb = source.flags.rgb === 1 || source.flags.palette === 1;
  // Every palette could hold alpha; hardly any does.
  const alpha = source.flags.alpha === 1 && source.flags.palette === 0;
  const deep = sourceBitDepth > 8;
  if (!rgb && source.nb_components <= 2) {
    return { pixelFormat: subsampled(1, 1, deep), route: 'grey', rgb, alpha, sourceBitDepth };
  }
  const shiftX = rgb ? 0 : (source.log2_chroma_w ?? 0);
  const shiftY = rgb ? 0 : (source.log2_chroma_h ?? 0);
  // A quarter turn makes 4:4:0 of 4:2:2, which is none of ours.
  const pixelFormat =
    transposed && shiftX !== shiftY ? subsampled(0, 0, deep) : subsampled(shiftX, shiftY, deep);
  return { pixelFormat, route: 'convert', rgb, alpha, sourceBitDepth };
}

/**
 * Decides how a file's pixel format is decoded. The six planar 8- and 10-bit formats are taken as they are;
 * anything else goes to the nearest of them. `transposed`: the picture is turned by 90 or 270 degrees.
 */
export async function decodeFormat(
  ffprobe: Ffprobe,
  sourceName: string,
  transposed: boolean,
): Promise<DecodeFormat | undefined> {
  const native = nativeFormats[sourceName];
  if (native !== undefined && !(transposed && native.chromaShiftX !== native.chromaShiftY)) {
    return {
      pixelFormat: native,
      route: 'native',
      rgb: false,
      alpha: false,
      sourceBitDepth: native.bitDepth,
    };
  }
  // What most masks are stored in: not worth starting a program for.
  if (sourceName === 'gray') {
    return { pixelFormat: formats.yuv420p, route: 'grey', rgb: false, alpha: false, sourceBitDepth: 8 };
  }
  const list = descriptorList.safeParse(await ffprobe.pixelFormats());
  if (!list.success) throw unreadableOutput('its pixel formats', list.error);
  const source = list.data.pixel_formats.find((format) => format.name === sourceName);
  return source === undefined ? undefined : nearestFormat(source, transposed);
}

/** Samples of the luma plane and of one chroma plane of a picture. */
export function planeSamples(
  format: PixelFormat,
  width: number,
  height: number,
): { luma: number; chroma: number } {
  const chromaWidth = (width + format.chromaShiftX) >> format.chromaShiftX;
  const chromaHeight = (height + format.chromaShiftY) >> format.chromaShiftY;
  return { luma: width * height, chroma: chromaWidth * chromaHeight };
}
