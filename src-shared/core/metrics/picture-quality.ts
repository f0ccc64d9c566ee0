/**
 * Mean structural similarity over the masked pixels of two pictures, RGB bytes [height, width, 3]; 1 is equal.
 * Wang et al., "Image Quality Assessment: From Error Visibility to Structural Similarity", 2004: on luma, Gaussian
 * window 11 × 11 with σ 1.5, K1 0.01, K2 0.03. Windows are cut (and renormalised) at the picture's edge.
 * 1 where nothing is masked.
 */
export function maskedSsim(
  a: Uint8Array,
  b: Uint8Array,
  mask: Uint8Array,
  size: { readonly width: number; readonly height: number },
): number {
  const { width, height } = size;
  const lumaA = luma(a);
  const lumaB = luma(b);
  const blur = (picture: Float64Array): Float64Array => gaussianBlur(picture, width, height);
  const product = (x: Float64Array, y: Float64Array): Float64Array => x.map((value, i) => value * y[i]);
  const meanA = blur(lumaA);
  const meanB = blur(lumaB);
  const squareA = blur(product(lumaA, lumaA));
  const squareB = blur(product(lumaB, lumaB));
  const cross = blur(product(lumaA, lumaB));
  const c1 = (0.01 * 255) ** 2;
  const c2 = (0.03 * 255) ** 2;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    const ab = meanA[i] * meanB[i];
    const varianceSum = squareA[i] - meanA[i] ** 2 + squareB[i] - meanB[i] ** 2;
    sum +=
      ((2 * ab + c1) * (2 * (cross[i] - ab) + c2)) /
      ((meanA[i] ** 2 + meanB[i] ** 2 + c1) * (varianceSum + c2));
    count++;
  }
  return count === 0 ? 1 : sum / count;
}

/** BT.601 luma of RGB bytes. */
function luma(rgb: Uint8Array): Float64Array {
  return Float64Array.from({ length: rgb.length / 3 }, (_, i) => {
    return 0.299 * rgb[3 * i] + 0.587 * rgb[3 * i + 1] + 0.114 * rgb[3 * i + 2];
  });
}

const windowRadius = 5;
const gaussian = Array.from({ length: 2 * windowRadius + 1 }, (_, i) =>
  Math.exp(-((i - windowRadius) ** 2) / (2 * 1.5 ** 2)),
);

/** Separable 11-tap Gaussian with renormalised weights at the edges. */
function gaussianBlur(picture: Float64Array, width: number, height: number): Float64Array {
  const rows = blurAlong(picture, width, height, 1, width);
  return blurAlong(rows, height, width, width, 1);
}

/** Blurs `lines` lines of `length` samples; a sample's neighbour is `step` away, the next line `lineStep`. */
function blurAlong(
  picture: Float64Array,
  length: number,
  lines: number,
  step: number,
  lineStep: number,
): Float64Array {
  const result = new Float64Array(picture.length);
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < length; i++) {
      let sum = 0;
      let weight = 0;
      for (let j = Math.max(0, i - windowRadius); j <= Math.min(length - 1, i + windowRadius); j++) {
        const tap = gaussian[j - i + windowRadius];
        sum += tap * picture[line * lineStep + j * step];
        weight += tap;
      }
      result[line * lineStep + i * step] = sum / weight;
    }
  }
  return result;
}
