/** 11 taps with σ 1.5: the window of SSIM (Wang et al., 2004). */
export const windowRadius = 5;
const gaussian = Float64Array.from({ length: 2 * windowRadius + 1 }, (_, i) =>
  Math.exp(-((i - windowRadius) ** 2) / (2 * 1.5 ** 2)),
);

/** Separable 11-tap Gaussian [height, width]; at the edges the taps inside are renormalised. */
export function gaussianBlur(picture: Float64Array, width: number, height: number): Float64Array {
  const across = new Float64Array(picture.length);
  const columns = Array.from({ length: width }, (_, x) => tapsAt(x, width));
  for (let row = 0; row < picture.length; row += width) {
    for (let x = 0; x < width; x++) {
      const { first, last, share } = columns[x];
      let sum = 0;
      for (let k = first; k <= last; k++) sum += gaussian[k - x + windowRadius] * picture[row + k];
      across[row + x] = sum * share;
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
