import { invert, mapPoint, type Homography, type PointPairs } from '../../src-shared/core/plate/index.ts';
import type { Mat, OpenCv } from './opencv.ts';

/** A picture [height, width], 8 bit, and where it is not to be looked at: `mask` [height, width] not 0. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly luma: Uint8Array;
  readonly mask: Uint8Array;
}

/** Corners are kept evenly over the picture: at most `perCell` in each cell of this grid. */
const grid = { columns: 12, rows: 9, perCell: 4 } as const;
const corner = { most: 2000, quality: 0.002, minDistancePx: 6, blockPx: 5 } as const;
const flow = { windowPx: 15, levels: 3, iterations: 20, epsilonPx: 0.01, minEigen: 1e-4 } as const;
/** A point tracked there and back must come home to within this distance. */
const roundTripPx = 0.5;

/**
 * Corners worth following (Shi and Tomasi, "Good features to track", 1994), strongest first in each cell, none on
 * the mask.
 *
 * @returns [x, y] pairs in pixels.
 */
export function findCorners(cv: OpenCv, picture: Picture): Float32Array {
  const { width, height, luma, mask } = picture;
  const image = byteMat(cv, luma, picture);
  const allowed = byteMat(
    cv,
    mask.map((value) => (value === 0 ? 255 : 0)),
    picture,
  );
  const corners = new cv.Mat();
  try {
    const { most, quality, minDistancePx, blockPx } = corner;
    cv.goodFeaturesToTrack(image, corners, most, quality, minDistancePx, allowed, blockPx);
    return spreadEvenly(corners.rows === 0 ? new Float32Array() : corners.data32F, width, height);
  } finally {
    for (const mat of [image, allowed, corners]) mat.delete();
  }
}

function spreadEvenly(points: Float32Array, width: number, height: number): Float32Array {
  const counts = new Uint16Array(grid.columns * grid.rows);
  const kept: number[] = [];
  for (let at = 0; at < points.length; at += 2) {
    const column = Math.floor((points[at] * grid.columns) / width);
    const row = Math.floor((points[at + 1] * grid.rows) / height);
    if (counts[row * grid.columns + column]++ < grid.perCell) kept.push(points[at], points[at + 1]);
  }
  return Float32Array.from(kept);
}

/**
 * Follows points with pyramidal Lucas-Kanade (Bouguet, 2000), and keeps those that come back to where they started
 * when followed in reverse and that do not land on the mask of `to`.
 *
 * @param points [x, y] pairs in `from`.
 * @param guess Where the points are expected: from `from` to `to`.
 */
export function followPoints(
  cv: OpenCv,
  from: Picture,
  to: Picture,
  points: Float32Array,
  guess: Homography,
): PointPairs {
  // The way back starts from the same guess, not from the answer: a point that went astray must not find home.
  const ends = followEach(cv, from, to, points, mapAll(points, guess), (there) =>
    mapAll(there, invert(guess)),
  );
  const pairs: number[] = [];
  for (let at = 0; at < points.length; at += 2) {
    if (!Number.isNaN(ends[at])) pairs.push(points[at], points[at + 1], ends[at], ends[at + 1]);
  }
  return Float64Array.from(pairs);
}

/**
 * As `followPoints`, every point with a guess of its own.
 *
 * @param guesses [x, y] pairs: where the points are expected in `to`.
 * @param guessBack Where points found in `to` are expected in `from`.
 * @returns [x, y] pairs in `to`; NaN where a point was lost.
 */
export function followEach(
  cv: OpenCv,
  from: Picture,
  to: Picture,
  points: Float32Array,
  guesses: Float32Array,
  guessBack: (ends: Float32Array) => Float32Array,
): Float32Array {
  const images = [byteMat(cv, from.luma, from), byteMat(cv, to.luma, to)] as const;
  const start = pointMat(cv, points);
  const there = pointMat(cv, guesses);
  const back = pointMat(cv, points);
  try {
    const foundThere = track(cv, images[0], images[1], start, there);
    const ends = there.data32F.slice();
    back.data32F.set(guessBack(ends));
    const foundBack = track(cv, images[1], images[0], there, back);
    const homes = back.data32F;
    for (let index = 0; index < foundThere.length; index++) {
      const [x, y, u, v] = [points[2 * index], points[2 * index + 1], ends[2 * index], ends[2 * index + 1]];
      const astray = Math.hypot(homes[2 * index] - x, homes[2 * index + 1] - y);
      const [column, row] = [Math.round(u), Math.round(v)];
      const inside = column >= 0 && row >= 0 && column < to.width && row < to.height;
      const found = foundThere[index] !== 0 && foundBack[index] !== 0 && astray <= roundTripPx;
      if (found && inside && to.mask[row * to.width + column] === 0) continue;
      ends.fill(NaN, 2 * index, 2 * index + 2);
    }
    return ends;
  } finally {
    for (const mat of [...images, start, there, back]) mat.delete();
  }
}

/** One pass of Lucas-Kanade; `toPoints` holds the guess and receives the result. Non-zero where a point was found. */
function track(cv: OpenCv, from: Mat, to: Mat, fromPoints: Mat, toPoints: Mat): Uint8Array {
  const status = new cv.Mat();
  const error = new cv.Mat();
  try {
    cv.calcOpticalFlowPyrLK(
      from,
      to,
      fromPoints,
      toPoints,
      status,
      error,
      new cv.Size(flow.windowPx, flow.windowPx),
      flow.levels,
      new cv.TermCriteria(cv.TermCriteria_COUNT + cv.TermCriteria_EPS, flow.iterations, flow.epsilonPx),
      cv.OPTFLOW_USE_INITIAL_FLOW,
      flow.minEigen,
    );
    return status.data.slice();
  } finally {
    status.delete();
    error.delete();
  }
}

/**
 * First guesses of the motion behind the pairs, by RANSAC: an affine map and a homography, where they exist.
 * `thresholdPx`: how far an inlier may be off.
 */
export function ransacSeeds(cv: OpenCv, pairs: PointPairs, thresholdPx: number): Homography[] {
  const from = pointMat(
    cv,
    pairs.filter((_, index) => index % 4 < 2),
  );
  const to = pointMat(
    cv,
    pairs.filter((_, index) => index % 4 >= 2),
  );
  const inliers = new cv.Mat();
  try {
    cv.setRNGSeed(0); // the same clip must give the same plate
    const affine = cv.estimateAffine2D(from, to, inliers, cv.RANSAC, thresholdPx);
    const homography = cv.findHomography(from, to, cv.RANSAC, thresholdPx, inliers);
    const seeds = [affine, homography].filter((mat) => mat.rows > 0).map((mat) => toHomography(mat.data64F));
    affine.delete();
    homography.delete();
    return seeds;
  } finally {
    from.delete();
    to.delete();
    inliers.delete();
  }
}

function toHomography(entries: Float64Array): Homography {
  const motion = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
  motion.set(entries);
  return motion;
}

export function byteMat(
  cv: OpenCv,
  values: Uint8Array,
  { width, height }: Pick<Picture, 'width' | 'height'>,
): Mat {
  const mat = new cv.Mat(height, width, cv.CV_8UC1);
  mat.data.set(values);
  return mat;
}

export function pointMat(cv: OpenCv, points: ArrayLike<number>): Mat {
  const mat = new cv.Mat(points.length / 2, 1, cv.CV_32FC2);
  mat.data32F.set(points);
  return mat;
}

function mapAll(points: Float32Array, motion: Homography): Float32Array {
  const mapped = new Float32Array(points.length);
  for (let at = 0; at < points.length; at += 2) mapped.set(mapPoint(motion, points[at], points[at + 1]), at);
  return mapped;
}
