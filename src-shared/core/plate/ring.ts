import { growMask, maskBounds, paddedBounds, partOfMask, type Region } from './morphology.ts';
import type { PlaneLayout, Plane } from './planes.ts';

/** Pixels of one stretch of the surroundings of a hole, where other frames are compared with the target. */
export interface RingPatch {
  readonly centreX: number;
  readonly centreY: number;
  /** [x, y] pairs, in pixels. */
  readonly points: Int32Array;
  /** The target's luma at the points, and its slopes along x and y (central differences), in levels. */
  readonly luma: Float32Array;
  readonly slopeX: Float32Array;
  readonly slopeY: Float32Array;
}

/** Width of the ring, in pixels from the hole's border: beyond the soft edge, and near enough to speak for it. */
const ringPx = { from: 2, to: 14 } as const;
/** Holes nearer to each other than twice this share one ring. */
export const joinPx = 10;
/** Side of the squares that cut the ring into patches, in pixels, for holes that need no more than `mostAcross`. */
const patchPx = 32;
const mostAcross = 12;
const points = { most: 96, least: 24 } as const;

/** The ring around all holes of a mask [height, width]: non-zero on it. */
export function ringMask(mask: Uint8Array, { width, height }: PlaneLayout): Uint8Array<ArrayBuffer> {
  const near = growMask(mask, width, height, ringPx.from);
  const around = growMask(mask, width, height, ringPx.to);
  return partOfMask(around, width, maskBounds(around, width), (pixel) => near[pixel] === 0);
}

/**
 * Cuts the ring around one region into patches of at most `points.most` pixels. Patches with too few pixels to
 * judge by are left out.
 *
 * @param region The hole, grown by `joinPx`.
 * @param ring [height, width] from `ringMask`.
 */
export function ringPatches(region: Region, ring: Uint8Array, luma: Plane, layout: PlaneLayout): RingPatch[] {
  const { width, height } = layout;
  const { left, top, right, bottom } = paddedBounds(region, ringPx.to - joinPx, width, height);
  const side = Math.max(patchPx, Math.ceil(Math.max(right - left, bottom - top) / mostAcross));
  const across = Math.ceil((right - left) / side);

  const groups = new Map<number, number[]>();
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      if (ring[y * width + x] === 0) continue;
      const key = Math.floor((y - top) / side) * across + Math.floor((x - left) / side);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [y * width + x]);
      else group.push(y * width + x);
    }
  }
  return [...groups.values()]
    .filter((pixels) => pixels.length >= points.least)
    .map((pixels) => makePatch(thinned(pixels, points.most), luma, width, height));
}

function thinned(pixels: readonly number[], most: number): number[] {
  const count = Math.min(pixels.length, most);
  return Array.from({ length: count }, (_, index) => pixels[Math.floor((index * pixels.length) / count)]);
}

function makePatch(pixels: readonly number[], luma: Plane, width: number, height: number): RingPatch {
  const count = pixels.length;
  const patch = {
    points: new Int32Array(2 * count),
    luma: new Float32Array(count),
    slopeX: new Float32Array(count),
    slopeY: new Float32Array(count),
  };
  let [sumX, sumY] = [0, 0];
  pixels.forEach((pixel, index) => {
    const x = pixel % width;
    const y = (pixel - x) / width;
    const row = y * width;
    patch.points[2 * index] = x;
    patch.points[2 * index + 1] = y;
    patch.luma[index] = luma[pixel];
    patch.slopeX[index] = (luma[row + Math.min(x + 1, width - 1)] - luma[row + Math.max(x - 1, 0)]) / 2;
    patch.slopeY[index] =
      (luma[Math.min(y + 1, height - 1) * width + x] - luma[Math.max(y - 1, 0) * width + x]) / 2;
    sumX += x;
    sumY += y;
  });
  return { ...patch, centreX: sumX / count, centreY: sumY / count };
}
