import { boundingBox } from '../mask/index.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** 11 taps with σ 1.5, as in the paper. */
const windowRadius = 5;
const gaussian = Float64Array.from({ length: 2 * windowRadius + 1 }, (_, i) =>
  Math.exp(-((i - windowRadius) ** 2) / (2 * 1.5 ** 2)),
);
const c1 = (0.01 * 255) ** 2;
const c2 = (0.03 * 255) ** 2;

/**
 * Mean structural similarity over the masked pixels of two pictures, RGB bytes [height, width, 3]; 1 is equal.
 * Wang et al., "Image Quality Assessment: From Error Visibility to Structural Similarity", 2004: on luma, Gaussian
 * window 11 × 11 with σ 1.5, K1 0.01, K2 0.03. Windows are cut (and renormalised) at the picture's edge.
 * 1 where nothing is masked.
 */
export function maskedSsim(a: Uint8Array, b: Uint8Array, mask: Uint8Array, size: Size): number {
  const box = boundingBox(mask, size.width);
  if (box === null) return 1;
  // What no window of a masked pixel reaches is left out.
  const left = Math.max(0, box.x - windowRadius);
  const top = Math.max(0, box.y - windowRadius);
  const width = Math.min(size.width, box.x + box.width + windowRadius) - left;
  const height = Math.min(size.height, box.y + box.height + windowRadius) - top;
  const part = { x: left, y: top, width, height };
  const lumaA = luma(a, size.width, part);
  const lumaB = luma(b, size.width, part);
  const meanA = gaussianBlur(lumaA, width, height);
  const meanB = gaussianBlur(lumaB, width, height);
  const squareA = gaussianBlur(product(lumaA, lumaA), width, height);
  const squareB = gaussianBlur(product(lumaB, lumaB), width, height);
  const cross = gaussianBlur(product(lumaA, lumaB), width, height);
  let sum = 0;
  let count = 0;
  for (let i = 0; i < meanA.length; i++) {
    const y = Math.floor(i / width);
    if (mask[(top + y) * size.width + left + i - y * width] === 0) continue;
    const ab = meanA[i] * meanB[i];
    const aa = meanA[i] * meanA[i];
    const bb = meanB[i] * meanB[i];
    const varianceSum = squareA[i] - aa + squareB[i] - bb;
    sum += ((2 * ab + c1) * (2 * (cross[i] - ab) + c2)) / ((aa + bb + c1) * (varianceSum + c2));
    count++;
  }
  return sum / count;
}

/** BT.601 luma of a part of RGB bytes. */
function luma(rgb: Uint8Array, stride: number, part: Size & { x: number; y: number }): Float64Array {
  const result = new Float64Array(part.width * part.height);
  for (let y = 0; y < part.height; y++) {
    let source = 3 * ((part.y + y) * stride + part.x);
    for (let x = 0; x < part.width; x++, source += 3) {
      result[y * part.width + x] = 0.299 * rgb[source] + 0.587 * rgb[source + 1] + 0.114 * rgb[source + 2];
    }
  }
  return result;
}

function product(a: Float64Array, b: Float64Array): Float64Array {
  const result = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) result[i] = a[i] * b[i];
  return result;
}

/** Separable 11-tap Gaussian [height, width]; at the edges the taps inside are renormalised. */
function gaussianBlur(picture: Float64Array, width: number, height: number): Float64Array {
  const across = new Float64Array(picture.length);
  for (let x = 0; x < width; x++) {
    const { first, last, share } = tapsAt(x, width);
    for (let y = 0; y < height; y++) {
      let sum = 0;
      for (let k = first; k <= last; k++) sum += gaussian[k - x + windowRadius] * picture[y * width + k];
      across[y * width + x] = sum * share;
    }
  }
  const result = new Float64Array(picture.length);
  for (let y = 0; y < height; y++) {
    const { first, last, share } = tapsAt(y, height);
    for (let k = first; k <= last; k++) {
      const tap = gaussian[k - y + windowRadius] * share;
      for (let x = 0; x < width; x++) result[y * width + x] += tap * across[k * width + x];
    }
  }
  return result;
}

/** The inputs [first, last] that the window at `centre` reaches, and what makes their weights sum to 1. */
function tapsAt(centre: number, length: number): { first: number; last: number; share: number } {
  const first = Math.max(0, centre - windowRadius);
  const last = Math.min(length - 1, centre + windowRadius);
  let sum = 0;
  for (let k = first; k <= last; k++) sum += gaussian[k - centre + windowRadius];
  return { first, last, share: 1 / sum };
}
