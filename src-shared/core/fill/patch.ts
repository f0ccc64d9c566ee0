/** Patches are squares of this many pixels a side. */
export const patchSide = 7;
export const patchRadius = (patchSide - 1) / 2;

/** Values of one pixel: luma, Cb, Cr, and how much luma changes around it along x and along y. */
export const featureCount = 5;

/**
 * The sum of squared differences of two patches, luma and texture of the second multiplied with `gain`.
 *
 * @param features [height, width, featureCount].
 * @param target Middle of the first patch, an index into [height, width]; `source` that of the second.
 * @param limit From this on the sum does not matter, and Infinity is returned.
 */
export function squaredDifference(
  features: Float32Array,
  width: number,
  target: number,
  source: number,
  gain: number,
  limit: number,
): number {
  const stride = width * featureCount;
  const corner = patchRadius * (width + 1);
  let rowA = (target - corner) * featureCount;
  let rowB = (source - corner) * featureCount;
  let sum = 0;
  for (let row = 0; row < patchSide; row++) {
    for (
      let a = rowA, b = rowB, end = rowA + patchSide * featureCount;
      a < end;
      a += featureCount, b += featureCount
    ) {
      const luma = features[a] - gain * features[b];
      const cb = features[a + 1] - features[b + 1];
      const cr = features[a + 2] - features[b + 2];
      const across = features[a + 3] - gain * features[b + 3];
      const down = features[a + 4] - gain * features[b + 4];
      sum += luma * luma + cb * cb + cr * cr + across * across + down * down;
    }
    if (sum >= limit) return Infinity;
    rowA += stride;
    rowB += stride;
  }
  return sum;
}
