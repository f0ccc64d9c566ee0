import {
  chain,
  identityMotion,
  mapPoint,
  selectMotion,
  type Homography,
  type PointPairs,
} from '../plate/index.ts';
import { farApart } from './frame-layers.ts';

/** Corners of one picture, the anchor, followed through its neighbours. */
export interface Tracks {
  /** [x, y] pairs in the anchor. */
  readonly corners: Float32Array;
  /** For each picture [x, y] pairs; NaN where a corner was lost. */
  readonly positions: readonly Float32Array[];
  /** Number of the anchor among the pictures. */
  readonly anchor: number;
}

export interface SplitTracks {
  /** For each corner its layer; −1 where none explains it. */
  readonly labels: Int8Array;
  /** [layer][picture]: from the anchor's pixels to the picture's; undefined where too little of it is seen. */
  readonly motions: readonly (readonly (Homography | undefined)[])[];
}

/** A layer has at least so many corners, and this share of all. */
const least = { corners: 14, share: 0.06 } as const;
/** A corner this far from where a motion puts it does not move by it, in pixels. */
const inlierPx = 1.2;
/** A corner that went astray in one picture counts this much there. */
const astrayPx = 3;
/** Layers that move more alike than this are one, in pixels. */
const leastApartPx = 2;
/** A motion is found from so many corners on. */
const leastPairs = 8;
/** Layers that are told apart. */
const mostLayers = 4;
const rounds = 2;

/**
 * Splits the scene into planes: the motion of most corners, then that of most of the rest, and so on, in the picture
 * where parallax is largest; then each corner goes to the plane that explains it in all pictures (sequential robust
 * fits, as in Vincent and Laganière, "Detecting planar homographies in an image pair", 2001).
 *
 * @param seeds First guesses of a motion, such as those of RANSAC.
 * @returns One layer, or several where that explains more; the one with most corners first.
 */
export function splitTracks(
  tracks: Tracks,
  seeds: (pairs: PointPairs) => readonly Homography[],
): SplitTracks {
  const { corners, positions } = tracks;
  const count = corners.length / 2;
  const at = farthest(tracks);
  const needed = Math.max(least.corners, least.share * count);
  const labels = new Int8Array(count).fill(-1);
  const found: Homography[] = [];
  while (found.length < mostLayers) {
    const rest = indices(count).filter((i) => labels[i] < 0 && !Number.isNaN(positions[at][2 * i]));
    if (rest.length < needed) break;
    const pairs = pairsOf(tracks, at, rest);
    const { motion } = selectMotion(pairs, seeds(pairs));
    const inliers = rest.filter((i) => distance(tracks, at, i, motion) <= inlierPx);
    if (inliers.length < needed) break;
    const points = inliers.flatMap((i) => [corners[2 * i], corners[2 * i + 1]]);
    if (found.some((other) => farApart(other, motion, points) < leastApartPx)) break;
    for (const i of inliers) labels[i] = found.length;
    found.push(motion);
  }
  if (found.length < 2) return { labels: labels.fill(0), motions: [positions.map(() => undefined)] };
  let motions: (Homography | undefined)[][] = [];
  for (let round = 0; round < rounds; round++) {
    motions = found.map((_, layer) => motionsOf(tracks, labels, layer));
    for (let i = 0; i < count; i++) labels[i] = bestLayer(tracks, motions, i);
  }
  return { labels, motions };
}

const indices = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Of the pictures that show most of the corners, the one farthest from the anchor. */
function farthest({ positions, anchor }: Tracks): number {
  const alive = positions.map((points, at) =>
    at === anchor ? 0 : points.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0),
  );
  const most = Math.max(...alive);
  let best = anchor;
  for (let at = 0; at < positions.length; at++) {
    if (at === anchor || 2 * alive[at] < most) continue;
    if (best === anchor || Math.abs(at - anchor) > Math.abs(best - anchor)) best = at;
  }
  return best;
}

function pairsOf({ corners, positions }: Tracks, at: number, which: readonly number[]): PointPairs {
  const points = positions[at];
  return Float64Array.from(
    which.flatMap((i) => [corners[2 * i], corners[2 * i + 1], points[2 * i], points[2 * i + 1]]),
  );
}

function distance({ corners, positions }: Tracks, at: number, i: number, motion: Homography): number {
  const [u, v] = mapPoint(motion, corners[2 * i], corners[2 * i + 1]);
  return Math.hypot(positions[at][2 * i] - u, positions[at][2 * i + 1] - v);
}

/** A layer's motion in each picture, found from that of its neighbour towards the anchor. */
function motionsOf(tracks: Tracks, labels: Int8Array, layer: number): (Homography | undefined)[] {
  const { positions, anchor } = tracks;
  const own = indices(labels.length).filter((i) => labels[i] === layer);
  const motions = new Array<Homography | undefined>(positions.length).fill(undefined);
  motions[anchor] = identityMotion();
  for (const step of [-1, 1]) {
    let last = identityMotion();
    for (let at = anchor + step; at >= 0 && at < positions.length; at += step) {
      const pairs = pairsOf(
        tracks,
        at,
        own.filter((i) => !Number.isNaN(positions[at][2 * i])),
      );
      if (pairs.length < 4 * leastPairs) continue;
      last = selectMotion(pairs, [last, movedOn(pairs, last)]).motion;
      motions[at] = last;
    }
  }
  return motions;
}

/** A motion, and then the shift that most pairs show beyond it. */
function movedOn(pairs: PointPairs, motion: Homography): Homography {
  const beyond = [0, 1].map((axis) => {
    const values = new Float64Array(pairs.length / 4);
    for (let k = 0; k < values.length; k++) {
      values[k] = pairs[4 * k + 2 + axis] - mapPoint(motion, pairs[4 * k], pairs[4 * k + 1])[axis];
    }
    return values.sort()[values.length >> 1];
  });
  return chain(motion, Float64Array.of(1, 0, beyond[0], 0, 1, beyond[1], 0, 0, 1));
}

/** The layer whose motion explains a corner best in all pictures that show it; −1 where none does. */
function bestLayer(
  tracks: Tracks,
  motions: readonly (readonly (Homography | undefined)[])[],
  i: number,
): number {
  let [best, leastMean] = [-1, inlierPx];
  motions.forEach((ofLayer, layer) => {
    let [sum, count] = [0, 0];
    ofLayer.forEach((motion, at) => {
      if (motion === undefined || at === tracks.anchor || Number.isNaN(tracks.positions[at][2 * i])) return;
      sum += Math.min(astrayPx, distance(tracks, at, i, motion));
      count++;
    });
    if (count > 0 && sum / count < leastMean) [best, leastMean] = [layer, sum / count];
  });
  return best;
}
