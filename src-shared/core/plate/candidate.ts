import type { Homography } from './homography.ts';
import { growMask, maskBounds } from './morphology.ts';
import type { PlaneLayout, PicturePlanes } from './planes.ts';

/** A frame that may show what is behind the hole of another. */
export interface PlateCandidate {
  readonly planes: PicturePlanes;
  /** What may be used of it, from `usability`. */
  readonly usable: Uint8Array;
  /** From the target's pixels to this frame's. */
  readonly motion: Homography;
}

/** Values of a usability map. */
export const usableLevel = { no: 0, doubtful: 1, yes: 2 } as const;

/** The mask's border is never taken from, within this distance in pixels: interpolation would reach into it. */
const edgePx = 2;
/** Shadows and soft edges reach this far beyond a mask, in pixels: taken from only where nothing else is shown. */
const shadowPx = 8;

/**
 * What other frames may take from a frame: not its own hole, and the hole's surroundings only with doubt.
 *
 * @param mask [height, width]; non-zero = hole.
 * @returns [height, width] of `usableLevel`.
 */
export function usability(mask: Uint8Array, { width, height }: PlaneLayout): Uint8Array<ArrayBuffer> {
  const edge = growMask(mask, width, height, edgePx);
  const shadow = growMask(mask, width, height, shadowPx);
  const usable = new Uint8Array(mask.length).fill(usableLevel.yes);
  const { left, top, right, bottom } = maskBounds(shadow, width);
  for (let y = top; y < bottom; y++) {
    for (let pixel = y * width + left; pixel < y * width + right; pixel++) {
      if (shadow[pixel] !== 0) usable[pixel] = edge[pixel] !== 0 ? usableLevel.no : usableLevel.doubtful;
    }
  }
  return usable;
}
