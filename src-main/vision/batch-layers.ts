import {
  farApart,
  labelCells,
  splitTracks,
  type ComparedPicture,
  type LabelledCells,
  type SplitTracks,
  type Tracks,
} from '../../src-shared/core/layers/index.ts';
import {
  chain,
  invert,
  mapPoint,
  motionBetween,
  type Homography,
} from '../../src-shared/core/plate/index.ts';
import type { CameraPose } from '../engine/plate/camera-tracker.ts';
import { findCorners, followEach, ransacSeeds, type Picture } from './feature-tracking.ts';
import type { OpenCv } from './opencv.ts';

const ransacPx = 1.0;
/** Pictures are compared where parallax between them is at least this, in pixels: one on either side, and a farther one. */
const leastParallaxPx = 3;
const comparedPerSide = 2;
/** Cells along the width of a picture, unless they would be smaller than this, in pixels. */
const cells = { across: 120, leastPx: 4 } as const;

export interface BatchFrame {
  /** Number among all pictures. */
  readonly number: number;
  readonly picture: Picture;
  readonly pose: CameraPose;
}

/** A batch split into planes. */
export type Batch = SplitTracks & { readonly tracks: Tracks };

/** For each layer from one picture's pixels to another's. */
export function motionsTo({ motions }: SplitTracks, from: number, to: number): (Homography | undefined)[] {
  return motions.map((ofLayer) => {
    const [a, b] = [ofLayer[from], ofLayer[to]];
    return a === undefined || b === undefined ? undefined : chain(invert(a), b);
  });
}

/** Which layer each cell of each picture belongs to. */
export function labelBatch(frames: readonly BatchFrame[], split: Batch): LabelledCells[] {
  const { width, height } = frames[0].picture;
  const { side } = gridOf(width, height);
  return frames.map(({ picture }, at) => {
    const compared = (step: number): ComparedPicture[] =>
      neighboursOf(split, frames.length, at, step).map((other) => ({
        ...frames[other].picture,
        motions: motionsTo(split, at, other),
      }));
    return labelCells(picture, compared(-1), compared(1), split.motions.length, side);
  });
}

/** The nearest pictures on one side from which parallax tells layers apart; failing these the farthest. */
export function neighboursOf(split: Batch, count: number, at: number, step: number): number[] {
  const chosen: number[] = [];
  let last = at;
  for (let other = at + step; other >= 0 && other < count; other += step) {
    const seen = motionsTo(split, at, other).filter((motion) => motion !== undefined);
    if (seen.length < 2) continue;
    last = other;
    const wanted = (chosen.length + 1) * leastParallaxPx;
    const pairs = seen.flatMap((a, i) => seen.slice(i + 1).map((b) => farApart(a, b, split.tracks.corners)));
    if (Math.min(...pairs) < wanted) continue;
    chosen.push(other);
    if (chosen.length === comparedPerSide) return chosen;
  }
  return chosen.length > 0 || last === at ? chosen : [last];
}

/** Follows the corners of a batch's middle picture through it, and splits them; undefined where there are none. */
export function splitBatch(cv: OpenCv, frames: readonly BatchFrame[]): Batch | undefined {
  const anchor = frames.length >> 1;
  const corners = findCorners(cv, frames[anchor].picture);
  if (corners.length === 0) return undefined;
  const positions: Float32Array[] = frames.map(() => corners);
  for (const step of [-1, 1]) {
    for (let at = anchor + step; at >= 0 && at < frames.length; at += step) {
      positions[at] = followOn(cv, frames, anchor, at, step, corners, positions);
    }
  }
  const tracks: Tracks = { corners, positions, anchor };
  return { ...splitTracks(tracks, (pairs) => ransacSeeds(cv, pairs, ransacPx)), tracks };
}

/** Follows the anchor's corners to a picture whose neighbour towards the anchor they have been followed to. */
function followOn(
  cv: OpenCv,
  frames: readonly BatchFrame[],
  anchor: number,
  at: number,
  step: number,
  corners: Float32Array,
  positions: readonly Float32Array[],
): Float32Array {
  const [last, beforeLast] = [positions[at - step], positions[at - 2 * step]];
  const moved = motionBetween(frames[anchor].pose.toReference, frames[at].pose.toReference);
  const guesses = new Float32Array(corners.length);
  for (let k = 0; k < corners.length; k += 2) {
    // A corner goes on as it went; the first step is the camera's.
    const steady = at - step !== anchor && !Number.isNaN(last[k]) && !Number.isNaN(beforeLast[k]);
    const [x, y] = mapPoint(moved, corners[k], corners[k + 1]);
    guesses[k] = steady ? 2 * last[k] - beforeLast[k] : x;
    guesses[k + 1] = steady ? 2 * last[k + 1] - beforeLast[k + 1] : y;
  }
  return followEach(cv, frames[anchor].picture, frames[at].picture, corners, guesses, (ends) =>
    ends.map((end, k) => end - guesses[k] + corners[k]),
  );
}

/** The grid of cells over a picture. */
export function gridOf(width: number, height: number) {
  const side = Math.max(cells.leastPx, Math.ceil(width / cells.across));
  return { side, columns: Math.ceil(width / side), rows: Math.ceil(height / side) };
}
