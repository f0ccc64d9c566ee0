import { chain, identityMotion, mapPoint, type Homography } from './homography.ts';

/** Camera motions from the simplest to the freest; each contains the ones before it. */
export type MotionKind = 'identity' | 'translation' | 'similarity' | 'affine' | 'homography';

/** Pairs of points that show the same spot of the scene: [x, y, u, v] each, (x, y) seen at (u, v), in pixels. */
export type PointPairs = Float64Array;

export interface MotionEstimate {
  readonly kind: MotionKind;
  /** Maps (x, y) to (u, v). */
  readonly motion: Homography;
  readonly inlierRatio: number;
  /** Root mean square distance of the inliers, in pixels. */
  readonly errorPx: number;
}

/** Directions in which each model may leave the identity, as derivatives of the 3 × 3 matrix. */
const directions: Readonly<Record<MotionKind, readonly Homography[]>> = {
  identity: [],
  translation: [Float64Array.of(0, 0, 1, 0, 0, 0, 0, 0, 0), Float64Array.of(0, 0, 0, 0, 0, 1, 0, 0, 0)],
  similarity: [
    Float64Array.of(0, 0, 1, 0, 0, 0, 0, 0, 0),
    Float64Array.of(0, 0, 0, 0, 0, 1, 0, 0, 0),
    Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 0),
    Float64Array.of(0, -1, 0, 1, 0, 0, 0, 0, 0),
  ],
  affine: [0, 1, 2, 3, 4, 5].map(unitDirection),
  homography: [0, 1, 2, 3, 4, 5, 6, 7].map(unitDirection),
};
const kinds = Object.keys(directions) as readonly MotionKind[];

const iterations = 12;
/** Distances beyond this many sigma are outliers: the 99 % point of a 2-D Gaussian. */
const inlierSigmas = 3.03;
/** Feature trackers are rarely better than the first and rarely honest beyond the second, in pixels. */
const sigmaRange = { least: 0.08, most: 0.5 } as const;

/**
 * A camera that moves its picture by less than this (root mean square, in pixels) is taken not to move: errors of
 * the tracker are not independent, so that a slight motion can look certain, and resampling would cost more than it.
 */
const stillPx = 0.06;

/**
 * Fits every model robustly and keeps the one that explains the pairs with the fewest parameters, so that a camera
 * on a tripod comes out as the exact identity. Criterion: sum of squared errors in units of the tracker's noise,
 * truncated for outliers, plus (number of parameters) · ln(2 · pairs): the Bayesian information criterion with
 * the truncation of Torr's GRIC ("Geometric motion segmentation and model selection", 1998).
 *
 * @param seeds First guesses of the motion, such as a RANSAC result; the identity is always tried.
 */
export function selectMotion(pairs: PointPairs, seeds: readonly Homography[]): MotionEstimate {
  const frame = normalisation(pairs);
  const points = frame.apply(pairs);
  const starts = [identityMotion(), ...seeds].map((seed) => frame.toNormal(seed));

  const widest = inlierSigmas * sigmaRange.most * frame.scale;
  const bestStart = leastBy(starts, (start) => truncatedCost(distances(points, start), widest));
  const free = refine(points, bestStart, 'homography', widest);
  const errors = distances(points, free).filter((error) => error <= widest);
  const typical = median(errors) / 1.1774; // the median of a Rayleigh distribution is 1.1774 sigma
  const sigma = Math.min(Math.max(typical, sigmaRange.least * frame.scale), sigmaRange.most * frame.scale);

  const limit = inlierSigmas * sigma;
  const fitted = kinds.map((kind) => {
    const motion =
      kind === 'homography'
        ? refine(points, free, kind, limit)
        : refine(points, closest(bestStart, kind), kind, limit);
    return { kind, motion };
  });
  const best = leastBy(fitted, ({ kind, motion }) => {
    const parameters = directions[kind].length * Math.log(pairs.length / 2);
    return truncatedCost(distances(points, motion), limit) / sigma ** 2 + parameters;
  });

  const still = displacement(points, best.motion) < stillPx * frame.scale;
  const motion = still ? identityMotion() : best.motion;
  const inliers = distances(points, motion).filter((error) => error <= limit);
  const meanSquare = inliers.reduce((sum, error) => sum + error * error, 0) / Math.max(1, inliers.length);
  return {
    kind: still ? 'identity' : best.kind,
    motion: still ? identityMotion() : frame.toPixels(motion),
    inlierRatio: inliers.length / (pairs.length / 4),
    errorPx: Math.sqrt(meanSquare) / frame.scale,
  };
}

/** Gauss-Newton with Tukey's biweight, starting at `start`; `limit` is the distance at which a pair stops counting. */
function refine(points: PointPairs, start: Homography, kind: MotionKind, limit: number): Homography {
  const basis = directions[kind];
  let motion = start;
  if (basis.length === 0) return motion;
  // Begin wide so that a rough seed still holds its inliers, then narrow to the limit.
  let reach = 4 * limit;
  for (let iteration = 0; iteration < iterations; iteration++) {
    const step = solveNormalEquations(points, motion, basis, reach);
    if (step === undefined) break;
    const next = Float64Array.from(motion);
    basis.forEach((direction, k) => direction.forEach((value, entry) => (next[entry] += step[k] * value)));
    motion = next;
    reach = Math.max(limit, reach / 2);
  }
  return motion;
}

function solveNormalEquations(
  points: PointPairs,
  motion: Homography,
  basis: readonly Homography[],
  reach: number,
): Float64Array | undefined {
  const size = basis.length;
  const matrix = new Float64Array(size * (size + 1));
  const du = new Float64Array(size);
  const dv = new Float64Array(size);
  for (let at = 0; at < points.length; at += 4) {
    const x = points[at];
    const y = points[at + 1];
    const w = motion[6] * x + motion[7] * y + motion[8];
    const u = (motion[0] * x + motion[1] * y + motion[2]) / w;
    const v = (motion[3] * x + motion[4] * y + motion[5]) / w;
    const errorU = points[at + 2] - u;
    const errorV = points[at + 3] - v;
    const share = 1 - (errorU * errorU + errorV * errorV) / (reach * reach);
    if (!(share > 0)) continue;
    const weight = share * share;
    for (let k = 0; k < size; k++) {
      const b = basis[k];
      const dw = b[6] * x + b[7] * y + b[8];
      du[k] = (b[0] * x + b[1] * y + b[2] - u * dw) / w;
      dv[k] = (b[3] * x + b[4] * y + b[5] - v * dw) / w;
    }
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        matrix[row * (size + 1) + column] += weight * (du[row] * du[column] + dv[row] * dv[column]);
      }
      matrix[row * (size + 1) + size] += weight * (du[row] * errorU + dv[row] * errorV);
    }
  }
  return solveLinear(matrix, size);
}

/**
 * Solves a [size, size + 1] augmented system by Gauss elimination with pivoting, in place.
 * Undefined where the matrix is singular.
 */
function solveLinear(matrix: Float64Array, size: number): Float64Array | undefined {
  const stride = size + 1;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++) {
      if (Math.abs(matrix[row * stride + column]) > Math.abs(matrix[pivot * stride + column])) pivot = row;
    }
    const lead = matrix[pivot * stride + column];
    if (!(Math.abs(lead) > 1e-12)) return undefined;
    for (let k = column; k <= size; k++) {
      const held = matrix[column * stride + k];
      matrix[column * stride + k] = matrix[pivot * stride + k] / lead;
      if (pivot !== column) matrix[pivot * stride + k] = held;
    }
    for (let row = 0; row < size; row++) {
      const factor = matrix[row * stride + column];
      if (row === column || factor === 0) continue;
      for (let k = column; k <= size; k++) matrix[row * stride + k] -= factor * matrix[column * stride + k];
    }
  }
  return Float64Array.from({ length: size }, (_, row) => matrix[row * stride + size]);
}

/** The start with what `kind` cannot express taken out. */
function closest(start: Homography, kind: MotionKind): Homography {
  const [a, b, tx, c, d, ty] = start;
  if (kind === 'identity') return identityMotion();
  if (kind === 'translation') return Float64Array.of(1, 0, tx, 0, 1, ty, 0, 0, 1);
  if (kind === 'similarity') {
    const [scale, turn] = [(a + d) / 2, (c - b) / 2];
    return Float64Array.of(scale, -turn, tx, turn, scale, ty, 0, 0, 1);
  }
  return Float64Array.of(a, b, tx, c, d, ty, 0, 0, 1);
}

/** Moves the points' centre to 0 and their spread to about 1, so that all parameters have one magnitude. */
function normalisation(pairs: PointPairs) {
  const count = pairs.length / 4;
  let [centreX, centreY, spread] = [0, 0, 0];
  for (let at = 0; at < pairs.length; at += 4) {
    centreX += pairs[at] / count;
    centreY += pairs[at + 1] / count;
  }
  for (let at = 0; at < pairs.length; at += 4) {
    spread += Math.hypot(pairs[at] - centreX, pairs[at + 1] - centreY) / count;
  }
  const scale = 1 / Math.max(spread, 1);
  const into = Float64Array.of(scale, 0, -scale * centreX, 0, scale, -scale * centreY, 0, 0, 1);
  const outOf = Float64Array.of(1 / scale, 0, centreX, 0, 1 / scale, centreY, 0, 0, 1);
  return {
    scale,
    apply: (points: PointPairs): PointPairs =>
      points.map((value, index) => scale * (value - (index % 2 === 0 ? centreX : centreY))),
    toNormal: (motion: Homography): Homography => chain(chain(outOf, motion), into),
    toPixels: (motion: Homography): Homography => chain(chain(into, motion), outOf),
  };
}

function distances(points: PointPairs, motion: Homography): Float64Array {
  const result = new Float64Array(points.length / 4);
  for (let index = 0; index < result.length; index++) {
    const x = points[4 * index];
    const y = points[4 * index + 1];
    const w = motion[6] * x + motion[7] * y + motion[8];
    const u = (motion[0] * x + motion[1] * y + motion[2]) / w;
    const v = (motion[3] * x + motion[4] * y + motion[5]) / w;
    // A point that the map sends behind the camera fits nothing.
    result[index] = w > 0 ? Math.hypot(points[4 * index + 2] - u, points[4 * index + 3] - v) : Infinity;
  }
  return result;
}

/** Sum of squared errors, each counted as `limit` at most. */
function truncatedCost(errors: Float64Array, limit: number): number {
  return errors.reduce((sum, error) => sum + Math.min(error, limit) ** 2, 0);
}

/** Root mean square distance by which `motion` moves the points (x, y). */
function displacement(points: PointPairs, motion: Homography): number {
  let sum = 0;
  for (let at = 0; at < points.length; at += 4) {
    const [u, v] = mapPoint(motion, points[at], points[at + 1]);
    sum += (u - points[at]) ** 2 + (v - points[at + 1]) ** 2;
  }
  return Math.sqrt((4 * sum) / points.length);
}

function unitDirection(entry: number): Homography {
  const direction = new Float64Array(9);
  direction[entry] = 1;
  return direction;
}

function median(values: Float64Array): number {
  return values.length === 0 ? 0 : values.slice().sort()[values.length >> 1];
}

function leastBy<T>(items: readonly T[], cost: (item: T) => number): T {
  let best = items[0];
  let least = cost(best);
  for (const item of items.slice(1)) {
    const value = cost(item);
    if (value < least) [best, least] = [item, value];
  }
  return best;
}
