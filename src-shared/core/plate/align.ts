import { usableLevel, type PlateCandidate } from './candidate.ts';
import { isIdentity } from './homography.ts';
import { levelUnit, sampleCubic, type PictureLayout } from './picture.ts';
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
 * for every patch: the background behind a hole need not lie in the plane that the camera's motion was fitted to.
 * Iterated least squares on the target's own slopes (Lucas and Kanade, 1981) with Huber weights; a patch without
 * texture stays with the ring. Where the camera stood still nothing is shifted, so that nothing is resampled.
 */
export function alignToRing(
  patches: readonly RingPatch[],
  candidate: PlateCandidate,
  gain: number,
  layout: PictureLayout,
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
  layout: PictureLayout,
  start: Fit,
  hold: number,
  mostRounds: number,
): Fit {
  const unit = levelUnit(layout);
  let { shiftX, shiftY } = start;
  let best: Fit = { shiftX, shiftY, sigma: Infinity, visible: 0 };
  for (let round = 0; round < mostRounds; round++) {
    const { differences, slopesX, slopesY, total } = compare(
      patches,
      candidate,
      gain,
      layout,
      shiftX,
      shiftY,
    );
    if (differences.length === 0) break;
    const bias = median(differences);
    for (let i = 0; i < differences.length; i++) differences[i] -= bias;
    const spread = (1.4826 * median(differences.map(Math.abs))) / unit;
    const sigma = Math.hypot(spread, (biasShare * bias) / unit);
    if (!(sigma < best.sigma * (1 - leastImprovement))) break;
    best = { shiftX, shiftY, sigma, visible: differences.length / total };

    const limit = 1.345 * Math.max(spread, 0.5) * unit;
    const prior = differences.length * (hold * unit) ** 2;
    let [xx, xy, yy] = [prior, 0, prior];
    let xr = prior * (start.shiftX - shiftX);
    let yr = prior * (start.shiftY - shiftY);
    for (let i = 0; i < differences.length; i++) {
      const weight = Math.min(1, limit / Math.max(Math.abs(differences[i]), 1e-6));
      xx += weight * slopesX[i] * slopesX[i];
      xy += weight * slopesX[i] * slopesY[i];
      yy += weight * slopesY[i] * slopesY[i];
      xr += weight * slopesX[i] * differences[i];
      yr += weight * slopesY[i] * differences[i];
    }
    // The weaker eigenvalue says how well the less textured direction is held (the aperture problem).
    const weaker = (xx + yy) / 2 - Math.hypot((xx - yy) / 2, xy);
    if (weaker < differences.length * unit * unit) break;
    const determinant = xx * yy - xy * xy;
    shiftX += (yy * xr - xy * yr) / determinant;
    shiftY += (xx * yr - xy * xr) / determinant;
    if (Math.hypot(shiftX, shiftY) > mostShiftPx) break;
  }
  return best;
}

/** Target minus candidate, and the target's slopes, at all points that the candidate shows. */
function compare(
  patches: readonly RingPatch[],
  { planes, usable, motion }: PlateCandidate,
  gain: number,
  { width, height }: PictureLayout,
  shiftX: number,
  shiftY: number,
) {
  const differences: number[] = [];
  const slopesX: number[] = [];
  const slopesY: number[] = [];
  let total = 0;
  for (const { points, luma, slopeX, slopeY } of patches) {
    total += luma.length;
    for (let i = 0; i < luma.length; i++) {
      const x = points[2 * i] + shiftX;
      const y = points[2 * i + 1] + shiftY;
      const w = motion[6] * x + motion[7] * y + motion[8];
      const u = (motion[0] * x + motion[1] * y + motion[2]) / w;
      const v = (motion[3] * x + motion[4] * y + motion[5]) / w;
      if (!(w > 0 && u >= 0 && v >= 0 && u <= width - 1 && v <= height - 1)) continue;
      if (usable[Math.round(v) * width + Math.round(u)] === usableLevel.no) continue;
      differences.push(luma[i] - gain * sampleCubic(planes[0], width, height, u, v));
      slopesX.push(slopeX[i]);
      slopesY.push(slopeY[i]);
    }
  }
  return { differences, slopesX, slopesY, total };
}

function median(values: readonly number[]): number {
  const sorted = Float32Array.from(values).sort();
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
