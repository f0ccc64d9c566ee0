import type { TrackPicture } from './track-picture.ts';

/** Levels of difference between neighbours that count as far as one pixel. */
const levelsPerPixel = 6;
const sweeps = 3;

/**
 * How far every pixel is from the seeds along the shortest path inside the picture, where a step across an edge is a long
 * one: float32 [height, width], in pixels of even picture; Infinity where there are no seeds. By sweeps over the picture,
 * forward and backward (Toivanen 1996), so that paths that wind more often than that come out too long.
 *
 * @param seeds [height, width]: 0 where there is none.
 */
export function geodesicDistance(
  { width, height, samples }: TrackPicture,
  seeds: Uint8Array,
): Float32Array<ArrayBuffer> {
  const distance = new Float32Array(width * height);
  for (let pixel = 0; pixel < distance.length; pixel++) distance[pixel] = seeds[pixel] === 0 ? Infinity : 0;
  const step = (pixel: number, other: number, length: number): void => {
    const [a, b] = [3 * pixel, 3 * other];
    const levels =
      Math.abs(samples[a] - samples[b]) +
      Math.abs(samples[a + 1] - samples[b + 1]) +
      Math.abs(samples[a + 2] - samples[b + 2]);
    const far = distance[other] + length * (1 + levels / levelsPerPixel);
    if (far < distance[pixel]) distance[pixel] = far;
  };
  for (let sweep = 0; sweep < 2 * sweeps; sweep++) {
    const direction = sweep % 2 === 0 ? 1 : -1;
    for (let i = 0; i < height; i++) {
      const y = direction === 1 ? i : height - 1 - i;
      const hasRow = y - direction >= 0 && y - direction < height;
      for (let j = 0; j < width; j++) {
        const x = direction === 1 ? j : width - 1 - j;
        const pixel = y * width + x;
        const hasBefore = x - direction >= 0 && x - direction < width;
        const hasAfter = x + direction >= 0 && x + direction < width;
        if (hasBefore) step(pixel, pixel - direction, 1);
        if (!hasRow) continue;
        const above = pixel - direction * width;
        step(pixel, above, 1);
        if (hasBefore) step(pixel, above - direction, Math.SQRT2);
        if (hasAfter) step(pixel, above + direction, Math.SQRT2);
      }
    }
  }
  return distance;
}
