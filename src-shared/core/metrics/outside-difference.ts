import type { PictureLayout, PicturePlanes } from '../picture/index.ts';

/**
 * Largest difference of two pictures' samples outside the mask [height, width] (not 0 = inside). A chroma sample
 * counts as outside as soon as any pixel that shares it is. 0 means: bit for bit the same.
 */
export function maxDifferenceOutside(
  a: PicturePlanes,
  b: PicturePlanes,
  mask: Uint8Array,
  layout: Pick<PictureLayout, 'width' | 'height' | 'pixelFormat'>,
): number {
  const { width, height, pixelFormat } = layout;
  let worst = 0;
  for (let index = 0; index < 3; index++) {
    const shiftX = index === 0 ? 0 : pixelFormat.chromaShiftX;
    const shiftY = index === 0 ? 0 : pixelFormat.chromaShiftY;
    const stride = (width + shiftX) >> shiftX;
    const planeA = a[index];
    const planeB = b[index];
    if (planeA.length !== planeB.length) {
      throw new RangeError(`plane ${index}: ${planeA.length} and ${planeB.length} samples`);
    }
    for (let sample = 0; sample < planeA.length; sample++) {
      const difference = Math.abs(planeA[sample] - planeB[sample]);
      // Equal samples, by far the most, need no look at the mask.
      if (difference <= worst) continue;
      const row = Math.floor(sample / stride);
      const left = (sample - row * stride) << shiftX;
      const right = Math.min(width - 1, left + shiftX);
      const upper = (row << shiftY) * width;
      const lower = Math.min(height - 1, (row << shiftY) + shiftY) * width;
      const isInside =
        mask[upper + left] !== 0 &&
        mask[upper + right] !== 0 &&
        mask[lower + left] !== 0 &&
        mask[lower + right] !== 0;
      if (!isInside) worst = difference;
    }
  }
  return worst;
}
