import { usableLevel, type PlateCandidate } from './candidate.ts';
import { isIdentity } from './homography.ts';
import { medianInPlace } from './median.ts';
import { levelUnit, sampleCubic, type PlaneLayout } from './planes.ts';
import type { RingPatch } from './ring.ts';

/** How a candidate fits the target on each patch of the ring; all arrays are [patches]. */
export interface RingFit {
  /** Local correction in target pixels: the candidate's motion is to be applied at (x + shiftX, y + shiftY). */
  readonly shiftX: Float32Array;
  readonly shiftY: Float32Array;
  /** Robust standard deviation of what is left between the two, in 8-bit levels. */
  readonly sigma: Float32Array;
  /** Share of the patch that the candidate shows, 0…1. */
  readonly visible: Float32Array;
}

interface Fit {
  readonly shiftX: number;
  readonly shiftY: number;
  readonly sigma: number;
  readonly visible: number;
}

const rounds = 5;
/** Differences beyond this many standard deviations pull less (95 % efficiency under Gaussian noise). */
const huber = 1.345;
/** A correction larger than this is no correction but a failure, in pixels. */
const mostShiftPx = 4;
/** Corrections that explain less than this share of the difference are not worth having. */
const leastImprovement = 0.03;
/** Slopes of this strength, in 8-bit levels per pixel, hold a patch as firmly as its neighbours do. */
const neighbourSlope = 2;

/**
 * How much a mean difference counts against a candidate: less than one of structure, since what is removed from a
 * clip mostly throws a soft shadow around itself.
 */
const biasShare = 0.5;

/**
 * Compares a candidate with the target around a hole and corrects its motion locally, first for the whole ring, then
 * for every patch: the background behind a hole need not be in the plane that the camera's motion was fitted to.
 * Iterated least squares on the target's own slopes (Lucas and Kanade, 1981) with Huber weights; a patch without
 * texture stays with the ring. Where the camera stood still nothing is shifted, so that nothing is resampled.
 */
export function alignToRing(
  patches: readonly RingPatch[],
  candidate: PlateCandidate,
  gain: number,
  layout: PlaneLayout,
): RingFit {
  const still = isIdentity(candidate.motion);
  const start: Fit = { shiftX: 0, shiftY: 0, sigma: Infinity, visible: 0 };
  const whole = still ? start : fitShift(patches, candidate, gain, layout, start, 0, rounds);
  const fits = patches.map((patch) =>
    fitShift([patch], candidate, gain, layout, whole, neighbourSlope, still ? 1 : rounds),
  );
  const collect = (field: keyof Fit) => Float32Array.from(fits, (fit) => fit[field]);
  return {
    shiftX: collect('shiftX'),
    shiftY: collect('shiftY'),
    sigma: collect('sigma'),
    visible: collect('visible'),
  };
}

/** Shift of `patches` together, from `start` and held to it by `hold` (a slope); one round only measures. */
function fitShift(
  patches: readonly RingPatch[],
  candidate: PlateCandidate,
  gain: number,
  layout: PlaneLayout,
  start: Fit,
  hold: number,
  mostRounds: number,
): Fit {
  const unit = levelUnit(layout);
  const total = patches.reduce((sum, { luma }) => sum + luma.length, 0);
  const seen: Comparison = {
    differences: new Float32Array(total),
    slopesX: new Float32Array(total),
    slopesY: new Float32Array(total),
    scratch: new Float32Array(total),
    count: 0,
  };
  let { shiftX, shiftY } = start;
  let best: Fit = { shiftX, shiftY, sigma: Infinity, visible: 0 };
  for (let round = 0; round < mostRounds; round++) {
    compare(patches, candidate, gain, layout, shiftX, shiftY, seen);
    if (seen.count === 0) break;
    const { bias, spread } = centre(seen);
    const sigma = Math.hypot(spread, biasShare * bias) / unit;
    if (!(sigma < best.sigma * (1 - leastImprovement))) break;
    best = { shiftX, shiftY, sigma, visible: seen.count / total };
    if (mostRounds === 1) break;

    const limit = huber * Math.max(spread, 0.5 * unit);
    const pull = seen.count * (hold * unit) ** 2;
    const step = shiftStep(seen, limit, pull, start.shiftX - shiftX, start.shiftY - shiftY, unit);
    if (step === undefined) break;
    shiftX += step[0];
    shiftY += step[1];
    if (Math.hypot(shiftX, shiftY) > mostShiftPx) break;
  }
  return best;
}

/** Target minus candidate, and the target's slopes, at the `count` points that the candidate shows. */
interface Comparison {
  readonly differences: Float32Array;
  readonly slopesX: Float32Array;
  readonly slopesY: Float32Array;
  readonly scratch: Float32Array;
  count: number;
}

function compare(
  patches: readonly RingPatch[],
  { planes, usable, motion }: PlateCandidate,
  gain: number,
  { width, height }: PlaneLayout,
  shiftX: number,
  shiftY: number,
  seen: Comparison,
): void {
  seen.count = 0;
  for (const { points, luma, slopeX, slopeY } of patches) {
    for (let i = 0; i < luma.length; i++) {
      const x = points[2 * i] + shiftX;
      const y = points[2 * i + 1] + shiftY;
      const w = motion[6] * x + motion[7] * y + motion[8];
      const u = (motion[0] * x + motion[1] * y + motion[2]) / w;
      const v = (motion[3] * x + motion[4] * y + motion[5]) / w;
      if (!(w > 0 && u >= 0 && v >= 0 && u <= width - 1 && v <= height - 1)) continue;
      if (usable[Math.round(v) * width + Math.round(u)] === usableLevel.no) continue;
      seen.differences[seen.count] = luma[i] - gain * sampleCubic(planes[0], width, height, u, v);
      seen.slopesX[seen.count] = slopeX[i];
      seen.slopesY[seen.count++] = slopeY[i];
    }
  }
}

/** Takes the median off the differences; returns it and the robust standard deviation of what is left, in levels. */
function centre({ differences, scratch, count }: Comparison): { bias: number; spread: number } {
  for (let i = 0; i < count; i++) scratch[i] = differences[i];
  const bias = medianInPlace(scratch, count);
  for (let i = 0; i < count; i++) {
    differences[i] -= bias;
    scratch[i] = Math.abs(differences[i]);
  }
  // 1.4826 makes the median deviation of a Gaussian its standard deviation.
  return { bias, spread: 1.4826 * medianInPlace(scratch, count) };
}

/**
 * One Gauss-Newton step with Huber weights beyond `limit`; `pull` is the weight of the way back (`backX`, `backY`).
 * Undefined where the texture holds one direction only (the aperture problem).
 */
function shiftStep(
  { differences, slopesX, slopesY, count }: Comparison,
  limit: number,
  pull: number,
  backX: number,
  backY: number,
  unit: number,
): readonly [number, number] | undefined {
  let [xx, xy, yy, xr, yr] = [pull, 0, pull, pull * backX, pull * backY];
  for (let i = 0; i < count; i++) {
    const weight = Math.min(1, limit / Math.max(Math.abs(differences[i]), 1e-6));
    xx += weight * slopesX[i] * slopesX[i];
    xy += weight * slopesX[i] * slopesY[i];
    yy += weight * slopesY[i] * slopesY[i];
    xr += weight * slopesX[i] * differences[i];
    yr += weight * slopesY[i] * differences[i];
  }
  const weaker = (xx + yy) / 2 - Math.hypot((xx - yy) / 2, xy);
  if (weaker < count * unit * unit) return undefined;
  const determinant = xx * yy - xy * xy;
  return [(yy * xr - xy * yr) / determinant, (xx * yr - xy * xr) / determinant];
}
