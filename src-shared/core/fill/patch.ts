/** Patches are squares of this many pixels a side. */
export const patchSide = 7;
export const patchRadius = (patchSide - 1) / 2;
export const patchPixels = patchSide * patchSide;

/** Values of one pixel that patches are compared by: luma, Cb, Cr. */
export const featureCount = 3;
/** How much luma changes around a pixel, along x and along y: compared at the middles of two patches. */
export const textureCount = 2;
/** What is known of a whole patch: mean luma, Cb and Cr, and the standard deviation of luma. */
export const momentCount = 4;

/**
 * The sum of squared differences of two patches, luma of the second multiplied with `gain`.
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
  const stride = (width - patchSide) * featureCount;
  const corner = patchRadius * (width + 1);
  let a = (target - corner) * featureCount;
  let b = (source - corner) * featureCount;
  let sum = 0;
  for (let row = 0; row < patchSide; row++) {
    for (const end = a + patchSide * featureCount; a < end; a += featureCount, b += featureCount) {
      const luma = features[a] - gain * features[b];
      const cb = features[a + 1] - features[b + 1];
      const cr = features[a + 2] - features[b + 2];
      sum += luma * luma + cb * cb + cr * cr;
    }
    if (sum >= limit) return Infinity;
    a += stride;
    b += stride;
  }
  return sum;
}
