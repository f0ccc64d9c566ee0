import { chain, isIdentity, type Homography } from './homography.ts';
import { solveLinear } from './motion-model.ts';
import { chromaSize, sampleCubic, type PictureLayout, type PicturePlanes, type Plane } from './picture.ts';

/** Pixels around a hole, at which other frames are compared with the one to be completed. */
export interface Ring {
  /** [x, y] pairs. */
  readonly points: Int32Array;
  /** The target's luma there, and its slopes along x and y (central differences). */
  readonly luma: Float32Array;
  readonly slopeX: Float32Array;
  readonly slopeY: Float32Array;
}

/** How one frame fits around a hole of another. */
export interface Alignment {
  /** From the target to the candidate, in pixels, with the local correction. */
  readonly motion: Homography;
  /** target ≈ gain · candidate + bias for luma; chroma has a bias only. Levels of the clip's bit depth. */
  readonly gain: number;
  readonly bias: readonly [number, number, number];
  /** Robust standard deviation of what is left between the two on the ring, in 8-bit levels. */
  readonly sigma: number;
  /** Share of the ring that the candidate shows unmasked. */
  readonly visibleShare: number;
}

const rounds = 5;
/** A local correction larger than this is no correction but a failure, in pixels. */
const mostShiftPx = 3;
/** Corrections that explain less than this share of the difference are not worth a resampling. */
const leastImprovement = 0.02;
/** Exposure differences below this, in 8-bit levels, are noise. */
const leastExposure = 1;
/** Keeps the gain at 1 where the ring has little contrast: the variance of 8-bit levels that counts as contrast. */
const contrastPrior = 25;

/** Reads the ring's pixels from the target. `pixels`: indices into [height, width]. */
export function makeRing(pixels: Int32Array, luma: Plane, width: number, height: number): Ring {
  const ring: Ring = {
    points: new Int32Array(2 * pixels.length),
    luma: new Float32Array(pixels.length),
    slopeX: new Float32Array(pixels.length),
    slopeY: new Float32Array(pixels.length),
  };
  for (let index = 0; index < pixels.length; index++) {
    const x = pixels[index] % width;
    const y = (pixels[index] - x) / width;
    const row = y * width;
    ring.points[2 * index] = x;
    ring.points[2 * index + 1] = y;
    ring.luma[index] = luma[row + x];
    ring.slopeX[index] = (luma[row + Math.min(x + 1, width - 1)] - luma[row + Math.max(x - 1, 0)]) / 2;
    ring.slopeY[index] =
      (luma[Math.min(y + 1, height - 1) * width + x] - luma[Math.max(y - 1, 0) * width + x]) / 2;
  }
  return ring;
}

/**
 * Fits exposure (gain and bias) and, unless the camera stood still, a local shift between the target and a
 * candidate on the ring around the hole, by alternating robust least squares (Lucas-Kanade with the target's own
 * slopes). What remains tells how far the candidate can be trusted inside the hole.
 *
 * @param blocked [height, width] of the candidate: non-zero = not to be used.
 */
export function alignCandidate(
  ring: Ring,
  target: PicturePlanes,
  candidate: PicturePlanes,
  blocked: Uint8Array,
  motion: Homography,
  layout: PictureLayout,
): Alignment {
  const unit = 1 << (layout.bitDepth - 8);
  const values = new Float32Array(ring.luma.length);
  const used: number[] = [];
  const still = isIdentity(motion);

  let shift: readonly [number, number] = [0, 0];
  let best = { shift, gain: 1, sigma: Infinity };
  for (let round = 0; round < (still ? 1 : rounds); round++) {
    sampleRing(ring, candidate[0], blocked, shifted(motion, shift), layout, values, used);
    if (used.length === 0) break;
    const gain = fitGain(ring, values, used, unit);
    const sigma = residualSigma(ring, values, used, gain);
    if (sigma < best.sigma * (1 - leastImprovement)) best = { shift, gain, sigma };
    else break;
    const step = still ? undefined : shiftStep(ring, values, used, gain, sigma);
    if (step === undefined) break;
    shift = [shift[0] + step[0], shift[1] + step[1]];
    if (Math.hypot(...shift) > mostShiftPx) break;
  }

  const aligned = shifted(motion, best.shift);
  const chroma = chromaBias(ring, target, candidate, blocked, aligned, layout, unit);
  return {
    motion: aligned,
    gain: best.gain,
    bias: [0, ...chroma],
    sigma: best.sigma / unit,
    visibleShare: used.length / Math.max(1, values.length),
  };
}

function shifted(motion: Homography, shift: readonly [number, number]): Homography {
  if (shift[0] === 0 && shift[1] === 0) return motion;
  return chain(Float64Array.of(1, 0, shift[0], 0, 1, shift[1], 0, 0, 1), motion);
}

/** Candidate luma at every ring point into `values`, and the indices of the points that it shows into `used`. */
function sampleRing(
  ring: Ring,
  plane: Plane,
  blocked: Uint8Array,
  motion: Homography,
  { width, height }: PictureLayout,
  values: Float32Array,
  used: number[],
): void {
  used.length = 0;
  for (let index = 0; index < values.length; index++) {
    const x = ring.points[2 * index];
    const y = ring.points[2 * index + 1];
    const w = motion[6] * x + motion[7] * y + motion[8];
    const u = (motion[0] * x + motion[1] * y + motion[2]) / w;
    const v = (motion[3] * x + motion[4] * y + motion[5]) / w;
    if (!(w > 0 && u >= 0 && v >= 0 && u <= width - 1 && v <= height - 1)) continue;
    if (blocked[Math.round(v) * width + Math.round(u)] !== 0) continue;
    values[index] = sampleCubic(plane, width, height, u, v);
    used.push(index);
  }
}

interface Exposure {
  readonly gain: number;
  readonly bias: number;
}

/** Robust ratio of the ring's luma to the candidate's: a change of exposure scales gamma-coded levels as well. */
function fitGain(ring: Ring, values: Float32Array, used: readonly number[], unit: number): number {
  let gain = 1;
  for (let pass = 0; pass < 3; pass++) {
    const reach = 2.5 * residualSigma(ring, values, used, gain) + unit;
    let [luma, value] = [0, 0];
    for (const i of used) {
      if (Math.abs(ring.luma[i] - gain * values[i]) > reach) continue;
      luma += ring.luma[i];
      value += values[i];
    }
    gain = value > 0 ? luma / value : 1;
  }
  const level = medianOf(used, (i) => ring.luma[i]);
  return Math.abs(gain - 1) * level < +((globalThis as any).process.env.LEAST ?? 99) * unit ? 1 : gain;
}

/** Gauss-Newton step of the shift with Huber weights; undefined where the ring has no texture to hold on to. */
function shiftStep(
  ring: Ring,
  values: Float32Array,
  used: readonly number[],
  gain: number,
  sigma: number,
): Float64Array | undefined {
  let [xx, xy, yy, xr, yr] = [0, 0, 0, 0, 0];
  const limit = 1.345 * Math.max(sigma, 1e-3);
  for (const i of used) {
    const difference = ring.luma[i] - gain * values[i];
    const weight = Math.min(1, limit / Math.max(Math.abs(difference), 1e-6));
    xx += weight * ring.slopeX[i] * ring.slopeX[i];
    xy += weight * ring.slopeX[i] * ring.slopeY[i];
    yy += weight * ring.slopeY[i] * ring.slopeY[i];
    xr += weight * ring.slopeX[i] * difference;
    yr += weight * ring.slopeY[i] * difference;
  }
  // The smallest eigenvalue says how well the weaker direction is held (aperture problem).
  const weaker = (xx + yy) / 2 - Math.hypot((xx - yy) / 2, xy);
  if (weaker < used.length) return undefined;
  return solveLinear(Float64Array.of(xx, xy, xr, xy, yy, yr), 2);
}

function residualSigma(ring: Ring, values: Float32Array, used: readonly number[], gain: number): number {
  return 1.4826 * medianOf(used, (i) => Math.abs(ring.luma[i] - gain * values[i]));
}

/** Median difference of both chroma planes on the ring, 0 where it is below `leastExposure`. */
function chromaBias(
  ring: Ring,
  target: PicturePlanes,
  candidate: PicturePlanes,
  blocked: Uint8Array,
  motion: Homography,
  layout: PictureLayout,
  unit: number,
): readonly [number, number] {
  const { width, height } = chromaSize(layout);
  const { chromaShiftX, chromaShiftY } = layout;
  const differences: [number[], number[]] = [[], []];
  for (let index = 0; index < ring.luma.length; index++) {
    const x = ring.points[2 * index];
    const y = ring.points[2 * index + 1];
    const w = motion[6] * x + motion[7] * y + motion[8];
    const u = Math.round((motion[0] * x + motion[1] * y + motion[2]) / w);
    const v = Math.round((motion[3] * x + motion[4] * y + motion[5]) / w);
    if (!(w > 0 && u >= 0 && v >= 0 && u < layout.width && v < layout.height)) continue;
    if (blocked[v * layout.width + u] !== 0) continue;
    const here = Math.min(y >> chromaShiftY, height - 1) * width + Math.min(x >> chromaShiftX, width - 1);
    const there = Math.min(v >> chromaShiftY, height - 1) * width + Math.min(u >> chromaShiftX, width - 1);
    differences[0].push(target[1][here] - candidate[1][there]);
    differences[1].push(target[2][here] - candidate[2][there]);
  }
  const [blue, red] = differences.map((list) => {
    const bias = medianOf(list, (value) => value);
    return Math.abs(bias) < leastExposure * unit ? 0 : bias;
  });
  return [blue, red];
}

function medianOf(items: readonly number[], value: (item: number) => number): number {
  if (items.length === 0) return 0;
  const values = Float32Array.from(items, value).sort();
  return (values[(values.length - 1) >> 1] + values[values.length >> 1]) / 2;
}
