import type { AffineMotion, MotionOutside } from '../../src-shared/core/metrics/index.ts';
import { byteMat, pointMat } from './feature-tracking.ts';
import { loadOpenCv, type Mat, type OpenCv } from './opencv.ts';

/** As the measure is defined: see `holeFlicker`. */
const corner = { most: 400, quality: 0.005, minDistancePx: 8, blockPx: 3 } as const;
const flow = { windowPx: 21, levels: 3, iterations: 30, epsilonPx: 0.01, minEigen: 1e-4 } as const;
const ransacPx = 1.5;
const leastPoints = 12;

const atRest = (): AffineMotion => Float64Array.of(1, 0, 0, 0, 1, 0);

/**
 * Measures the affine motion of what lies outside a hole between two pictures [height, width]: corners followed with
 * pyramidal Lucas-Kanade, then RANSAC. A picture with fewer than 12 corners counts as at rest.
 */
export async function openMotionOutside(width: number, height: number): Promise<MotionOutside> {
  const { cv } = await loadOpenCv();
  return (before, now, outside) => {
    const size = { width, height };
    const mats = [before, now, outside].map((values) => byteMat(cv, values, size));
    const [from, to, allowed] = mats;
    const corners = new cv.Mat();
    try {
      const { most, quality, minDistancePx, blockPx } = corner;
      cv.goodFeaturesToTrack(from, corners, most, quality, minDistancePx, allowed, blockPx);
      return corners.rows < leastPoints ? atRest() : followedMotion(cv, from, to, corners);
    } finally {
      for (const mat of [...mats, corners]) mat.delete();
    }
  };
}

function followedMotion(cv: OpenCv, from: Mat, to: Mat, corners: Mat): AffineMotion {
  const [ends, status, error] = [new cv.Mat(), new cv.Mat(), new cv.Mat()];
  let pairs: { starts: number[]; ends: number[] };
  try {
    const { windowPx, levels, iterations, epsilonPx, minEigen } = flow;
    const until = new cv.TermCriteria(cv.TermCriteria_COUNT + cv.TermCriteria_EPS, iterations, epsilonPx);
    const window = new cv.Size(windowPx, windowPx);
    cv.calcOpticalFlowPyrLK(from, to, corners, ends, status, error, window, levels, until, 0, minEigen);
    pairs = followed(corners.data32F, ends.data32F, status.data);
  } finally {
    for (const mat of [ends, status, error]) mat.delete();
  }
  if (pairs.starts.length < 2 * leastPoints) return atRest();
  const mats = [pointMat(cv, pairs.starts), pointMat(cv, pairs.ends), new cv.Mat()];
  try {
    cv.setRNGSeed(0); // the same clip must give the same figure
    const affine = cv.estimateAffine2D(mats[0], mats[1], mats[2], cv.RANSAC, ransacPx);
    const motion = affine.rows === 0 ? atRest() : affine.data64F.slice();
    affine.delete();
    return motion;
  } finally {
    for (const mat of mats) mat.delete();
  }
}

/** The [x, y] pairs that were found again. */
function followed(
  starts: Float32Array,
  ends: Float32Array,
  found: Uint8Array,
): { starts: number[]; ends: number[] } {
  const kept = { starts: [] as number[], ends: [] as number[] };
  for (const [index, value] of found.entries()) {
    if (value === 0) continue;
    kept.starts.push(starts[2 * index], starts[2 * index + 1]);
    kept.ends.push(ends[2 * index], ends[2 * index + 1]);
  }
  return kept;
}
