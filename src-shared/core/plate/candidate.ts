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
  /** In a scene of several depths: the layer that moves so, the only one of which `usable` lets anything be used. */
  readonly layer?: CandidateLayer;
}

/** What a candidate shows of a scene of several depths. */
export interface CandidateLayer {
  /** The layer's place in depth; 0 = the nearest. */
  readonly rank: number;
  /** Side of square cells in pixels, and [rows, columns] the rank of the layer that each shows. */
  readonly side: number;
  readonly columns: number;
  readonly ranks: Uint8Array;
  /** [height, width] of `usableLevel`: what may be used whichever layer it is. */
  readonly seen: Uint8Array;
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

/**
 * The part of a usability map that shows one layer; next to another layer only with doubt.
 *
 * @returns [height, width] of `usableLevel`.
 */
export function usableOfLayer(
  { rank, side, columns, ranks, seen }: CandidateLayer,
  { width, height }: PlaneLayout,
): Uint8Array<ArrayBuffer> {
  const rows = ranks.length / columns;
  const levels = ranks.map((own, cell) => {
    if (own !== rank) return usableLevel.no;
    const column = cell % columns;
    const row = (cell - column) / columns;
    for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
        if (ranks[y * columns + x] !== rank) return usableLevel.doubtful;
      }
    }
    return usableLevel.yes;
  });
  const usable = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const start = Math.min(rows - 1, Math.floor(y / side)) * columns;
    for (let x = 0; x < width; x++) {
      const level = levels[start + Math.min(columns - 1, Math.floor(x / side))];
      usable[y * width + x] = Math.min(level, seen[y * width + x]);
    }
  }
  return usable;
}
