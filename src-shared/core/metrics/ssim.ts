import { boundingBox } from '../mask/index.ts';
import { gaussianBlur, windowRadius } from './gaussian-window.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

const c1 = (0.01 * 255) ** 2;
const c2 = (0.03 * 255) ** 2;

/** Two lumas [height, width], and where they are compared: `mask` not 0. */
interface LumaPair extends Size {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly mask: Uint8Array;
}

/**
 * Mean structural similarity over the masked pixels of two pictures, RGB bytes [height, width, 3]; 1 is equal.
 * Wang et al., "Image Quality Assessment: From Error Visibility to Structural Similarity", 2004: on luma, Gaussian
 * window 11 × 11 with σ 1.5, K1 0.01, K2 0.03. Windows are cut (and renormalised) at the picture's edge.
 * 1 where nothing is masked.
 */
export function maskedSsim(a: Uint8Array, b: Uint8Array, mask: Uint8Array, size: Size): number {
  const pair = lumaPair(a, b, mask, size, windowRadius);
  return pair === null ? 1 : similarity(pair).whole;
}

/** Weights of the scales, the finest first (Wang et al., 2003). */
const scaleWeights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/**
 * Multi-scale structural similarity over the masked pixels of two pictures, RGB bytes [height, width, 3]; 1 is equal.
 * Wang, Simoncelli and Bovik, "Multi-scale structural similarity for image quality assessment", 2003: contrast and
 * structure on five scales, each half the size of the one before, luminance on the coarsest. A coarse pixel is masked
 * where one of its four is. Pictures too small for a window on every scale use fewer, the weights scaled to sum to 1;
 * a scale where the pictures are opposed (negative mean) counts as 0. 1 where nothing is masked.
 */
export function maskedMsSsim(a: Uint8Array, b: Uint8Array, mask: Uint8Array, size: Size): number {
  const least = 2 * windowRadius + 1;
  const fitting = Math.floor(Math.log2(Math.min(size.width, size.height) / least)) + 1;
  const weights = scaleWeights.slice(0, Math.max(1, fitting));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const coarsest = 2 ** (weights.length - 1);
  let pair = lumaPair(a, b, mask, size, coarsest * (windowRadius + 1), coarsest);
  if (pair === null) return 1;
  let product = 1;
  for (const [scale, weight] of weights.entries()) {
    const { whole, contrastStructure } = similarity(pair);
    const last = scale === weights.length - 1;
    product *= Math.max(0, last ? whole : contrastStructure) ** (weight / total);
    if (!last) pair = halved(pair);
  }
  return product;
}

/**
 * The part of two pictures that windows around the mask reach, `reach` pixels from it; null where nothing is masked.
 * It begins on multiples of `grid`, so that halving it is halving the picture.
 */
function lumaPair(
  a: Uint8Array,
  b: Uint8Array,
  mask: Uint8Array,
  size: Size,
  reach: number,
  grid = 1,
): LumaPair | null {
  const box = boundingBox(mask, size.width);
  if (box === null) return null;
  const onGrid = (at: number): number => Math.max(0, at - (((at % grid) + grid) % grid));
  const x = onGrid(box.x - reach);
  const y = onGrid(box.y - reach);
  const width = Math.min(size.width, box.x + box.width + reach) - x;
  const height = Math.min(size.height, box.y + box.height + reach) - y;
  const part = { x, y, width, height };
  const cut = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = (y + row) * size.width + x;
    cut.set(mask.subarray(from, from + width), row * width);
  }
  return { width, height, a: luma(a, size.width, part), b: luma(b, size.width, part), mask: cut };
}

/** Means over the masked pixels: of SSIM, and of its contrast and structure terms alone. */
function similarity(pair: LumaPair): { whole: number; contrastStructure: number } {
  const { a, b, mask, width, height } = withinReach(pair);
  const blurred = (values: Float64Array): Float64Array => gaussianBlur(values, width, height);
  const meanA = blurred(a);
  const meanB = blurred(b);
  const squareA = blurred(product(a, a));
  const squareB = blurred(product(b, b));
  const cross = blurred(product(a, b));
  let [whole, contrastStructure, count] = [0, 0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    const ab = meanA[i] * meanB[i];
    const aa = meanA[i] * meanA[i];
    const bb = meanB[i] * meanB[i];
    const cs = (2 * (cross[i] - ab) + c2) / (squareA[i] - aa + squareB[i] - bb + c2);
    contrastStructure += cs;
    whole += ((2 * ab + c1) / (aa + bb + c1)) * cs;
    count++;
  }
  return { whole: whole / count, contrastStructure: contrastStructure / count };
}

/** The part of a pair that the windows around its mask reach: its other pixels are for coarser scales. */
function withinReach({ a, b, mask, width, height }: LumaPair): LumaPair {
  const box = boundingBox(mask, width);
  if (box === null) throw new Error('nothing is masked');
  const [left, top] = [Math.max(0, box.x - windowRadius), Math.max(0, box.y - windowRadius)];
  const part = {
    width: Math.min(width, box.x + box.width + windowRadius) - left,
    height: Math.min(height, box.y + box.height + windowRadius) - top,
  };
  const cut = <Values extends Float64Array | Uint8Array>(values: Values, into: Values): Values => {
    for (let y = 0; y < part.height; y++) {
      const from = (top + y) * width + left;
      into.set(values.subarray(from, from + part.width), y * part.width);
    }
    return into;
  };
  const size = part.width * part.height;
  return {
    ...part,
    a: cut(a, new Float64Array(size)),
    b: cut(b, new Float64Array(size)),
    mask: cut(mask, new Uint8Array(size)),
  };
}

/** Averages of 2 × 2 pixels; at an odd edge the last pixel is repeated. */
function halved({ a, b, mask, width, height }: LumaPair): LumaPair {
  const [narrow, low] = [(width + 1) >> 1, (height + 1) >> 1];
  const half: LumaPair = {
    width: narrow,
    height: low,
    a: new Float64Array(narrow * low),
    b: new Float64Array(narrow * low),
    mask: new Uint8Array(narrow * low),
  };
  for (let y = 0; y < low; y++) {
    const upper = 2 * y * width;
    const lower = Math.min(2 * y + 1, height - 1) * width;
    for (let x = 0; x < narrow; x++) {
      const [left, right] = [2 * x, Math.min(2 * x + 1, width - 1)];
      const to = y * narrow + x;
      half.a[to] = (a[upper + left] + a[upper + right] + a[lower + left] + a[lower + right]) / 4;
      half.b[to] = (b[upper + left] + b[upper + right] + b[lower + left] + b[lower + right]) / 4;
      half.mask[to] = mask[upper + left] | mask[upper + right] | mask[lower + left] | mask[lower + right];
    }
  }
  return half;
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
