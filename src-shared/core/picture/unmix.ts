import type { PictureLayout, PicturePlanes, SamplePlane } from './colour.ts';
import { footprintWeights } from './composite.ts';

/** The highest number of 10 bits. */
const highest = 1023;

/**
 * Planes in 10 bits and limited range (ITU-R BT.709-6, item 4.6, and BT.2100-2, table 9: 64…940 and 64…960); the same
 * ones where they are that already.
 */
export function limitedTenBits(
  planes: PicturePlanes,
  { pixelFormat: { bitDepth }, colour: { range } }: Pick<PictureLayout, 'pixelFormat' | 'colour'>,
): PicturePlanes {
  if (bitDepth === 10 && range === 'limited') return planes;
  const max = 2 ** bitDepth - 1;
  const middle = 2 ** (bitDepth - 1);
  const unit = 2 ** (10 - bitDepth);
  const isLimited = range === 'limited';
  const luma = Uint16Array.from({ length: max + 1 }, (_, value) =>
    isLimited ? value * unit : Math.round(64 + (value * 876) / max),
  );
  const chroma = Uint16Array.from({ length: max + 1 }, (_, value) =>
    isLimited ? value * unit : Math.round(512 + ((value - middle) * 896) / max),
  );
  const through = (plane: SamplePlane, table: Uint16Array): Uint16Array =>
    Uint16Array.from(plane, (value) => table[value]);
  return [through(planes[0], luma), through(planes[1], chroma), through(planes[2], chroma)];
}

/** Alpha of `bitDepth` bits in 10 bits; the same one where it has them. */
export function tenBitAlpha(alpha: SamplePlane, bitDepth: 8 | 10): SamplePlane {
  return bitDepth === 10 ? alpha : Uint16Array.from(alpha, (value) => Math.round((value * highest) / 255));
}

/**
 * What is `blended` when laid over `source` by `weights` [height, width], float32 in 0…1: the opposite of
 * `compositePlanes`, for planes of 10 bits. Where the weight is 0, and in chroma samples that `compositePlanes` leaves
 * alone, it is `blended` itself.
 */
export function unmixPlanes(
  source: PicturePlanes,
  blended: PicturePlanes,
  weights: Float32Array,
  { width, height, pixelFormat }: Pick<PictureLayout, 'width' | 'height' | 'pixelFormat'>,
): PicturePlanes {
  const { chromaShiftX, chromaShiftY } = pixelFormat;
  const chromaWeights = footprintWeights(weights, { width, height }, chromaShiftX, chromaShiftY);
  return [
    unmix(source[0], blended[0], weights),
    unmix(source[1], blended[1], chromaWeights),
    unmix(source[2], blended[2], chromaWeights),
  ];
}

function unmix(source: SamplePlane, blended: SamplePlane, weights: Float32Array): SamplePlane {
  const result = blended.slice();
  for (let i = 0; i < result.length; i++) {
    const weight = weights[i];
    if (weight === 0 || weight === 1) continue;
    const laid = Math.round(source[i] + (blended[i] - source[i]) / weight);
    result[i] = Math.min(highest, Math.max(0, laid));
  }
  return result;
}
