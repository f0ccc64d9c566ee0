import { dilateRuns } from '../mask/index.ts';

/** The parts of a frame in which a filled hole is compared with what surrounds it: masks [height, width], 255 = in it. */
export interface HoleRegions {
  /** What is judged, 4 px inside its edge. */
  readonly inside: Uint8Array;
  /** Between 4 and 40 px outside, without any other part of the mask. */
  readonly ring: Uint8Array;
  /** 2 px on both sides of the edge. */
  readonly edge: Uint8Array;
  /** Between 6 and 10 px outside, without any other part of the mask. */
  readonly beyondEdge: Uint8Array;
}

/** Holes and regions of no more pixels than this say nothing. */
const limits = { tooSmallHole: 200, tooSmallRegion: 100 } as const;

/** Whether a mask has enough pixels to be judged. */
export const canBeJudged = (judged: Uint8Array): boolean => count(judged) > limits.tooSmallHole;

/**
 * The regions around `judged`, a part of the `hole` or all of it: masks [height, width], not 0 = in it. Undefined where
 * at most 100 pixels lie inside, or in the ring. Distances are those of OpenCV's elliptic structuring element, with
 * which the measures are defined.
 */
export function holeRegions(
  judged: Uint8Array,
  hole: Uint8Array,
  width: number,
  height: number,
): HoleRegions | undefined {
  const grown = (px: number): Uint8Array => dilateRuns(judged, width, height, ellipse(px));
  const shrunk = (px: number): Uint8Array =>
    complement(dilateRuns(complement(judged), width, height, ellipse(px)));
  const inside = shrunk(4);
  const ring = between(grown(40), grown(4), hole);
  if (count(inside) <= limits.tooSmallRegion || count(ring) <= limits.tooSmallRegion) return undefined;
  return {
    inside,
    ring,
    edge: between(grown(2), shrunk(2), new Uint8Array(hole.length)),
    beyondEdge: between(grown(10), grown(6), hole),
  };
}

/** Half widths by row of an ellipse of (2·radius + 1)², as OpenCV's `getStructuringElement` draws it. */
function ellipse(radius: number): number[] {
  return Array.from({ length: radius + 1 }, (_, row) => Math.round(Math.sqrt(radius * radius - row * row)));
}

function complement(mask: Uint8Array): Uint8Array {
  const other = new Uint8Array(mask.length);
  for (let i = 0; i < mask.length; i++) if (mask[i] === 0) other[i] = 255;
  return other;
}

/** In `outer`, not in `inner`, not in `hole`. */
function between(outer: Uint8Array, inner: Uint8Array, hole: Uint8Array): Uint8Array {
  const result = new Uint8Array(outer.length);
  for (let i = 0; i < outer.length; i++) {
    if (outer[i] !== 0 && inner[i] === 0 && hole[i] === 0) result[i] = 255;
  }
  return result;
}

function count(mask: Uint8Array): number {
  let pixels = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) pixels++;
  return pixels;
}
