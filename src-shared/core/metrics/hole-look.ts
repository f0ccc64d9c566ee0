import type { HoleRegions } from './hole-regions.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** [a, b, c, d, e, f]: (x, y) of one picture is (a·x + b·y + c, d·x + e·y + f) of the next, in pixels. */
export type AffineMotion = Float64Array;

/** Luma 0…255 [height, width] of RGB bytes [height, width, 3], after ITU-R BT.601 in 2^−14, as OpenCV rounds it. */
export function lumaBytes(rgb: Uint8Array): Uint8Array<ArrayBuffer> {
  const luma = new Uint8Array(rgb.length / 3);
  for (let i = 0, at = 0; i < luma.length; i++, at += 3) {
    luma[i] = (4899 * rgb[at] + 9617 * rgb[at + 1] + 1868 * rgb[at + 2] + 8192) >> 14;
  }
  return luma;
}

/** How one frame's filled hole looks beside what surrounds it. */
export interface HoleLook {
  /** Median luma gradient, averaged over 9 × 9, inside ÷ in the ring. 1: as much detail as around it; 0: a smear. */
  readonly texture: number;
  /** Mean luma gradient along the edge ÷ a little outside of it. 1: no seam. */
  readonly seam: number;
}

/** Luma [height, width], 0…255. */
export function holeLook(luma: Uint8Array, regions: HoleRegions, { width, height }: Size): HoleLook {
  const gradient = gradientLength(luma, width, height);
  const detail = boxMean(gradient, width, height);
  const inside = median(valuesIn(detail, regions.inside));
  const ring = median(valuesIn(detail, regions.ring));
  return {
    texture: inside / Math.max(ring, 1e-6),
    seam: meanIn(gradient, regions.edge) / Math.max(meanIn(gradient, regions.beyondEdge), 1e-6),
  };
}

/** Levels added to both sides of the flicker, so that two standing pictures compare as 1. */
const standingLevels = 0.25;

/**
 * How lively the hole is beside its ring: mean change of luma, against the frame before moved by `motion`, in the part
 * of the hole that was in `holeBefore` too ÷ in the ring; 0.25 levels are added to both. 1: as alive as the ring; more:
 * it flickers. Undefined where at most 100 pixels are in both holes. Lumas [height, width], 0…255.
 */
export function holeFlicker(
  before: Uint8Array,
  now: Uint8Array,
  motion: AffineMotion,
  holeBefore: Uint8Array,
  regions: HoleRegions,
  { width, height }: Size,
): number | undefined {
  const moved = moveLuma(before, motion, width, height);
  const change = moved.map((value, i) => Math.abs(now[i] - value));
  const both = regions.inside.map((value, i) => (holeBefore[i] === 0 ? 0 : value));
  if (valuesIn(change, both).length <= 100) return undefined;
  return (meanIn(change, both) + standingLevels) / (meanIn(change, regions.ring) + standingLevels);
}

/** Length of the central differences' vector; a difference across the picture's edge is 0. */
function gradientLength(luma: Uint8Array, width: number, height: number): Float32Array {
  const lengths = new Float32Array(luma.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const across = x > 0 && x < width - 1 ? (luma[at + 1] - luma[at - 1]) / 2 : 0;
      const down = y > 0 && y < height - 1 ? (luma[at + width] - luma[at - width]) / 2 : 0;
      lengths[at] = Math.sqrt(across * across + down * down);
    }
  }
  return lengths;
}

/** Mean over 9 × 9; beyond the picture's edge it is mirrored about the edge pixel. */
function boxMean(values: Float32Array, width: number, height: number): Float32Array {
  const reach = 4;
  const across = new Float32Array(values.length);
  const result = new Float32Array(values.length);
  const columns = Int32Array.from({ length: width + 2 * reach }, (_, at) => mirrored(at - reach, width));
  for (let row = 0; row < values.length; row += width) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = x; k <= x + 2 * reach; k++) sum += values[row + columns[k]];
      across[row + x] = sum;
    }
  }
  for (let y = 0; y < height; y++) {
    for (let k = -reach; k <= reach; k++) {
      const row = mirrored(y + k, height) * width;
      for (let x = 0; x < width; x++) result[y * width + x] += across[row + x] / 81;
    }
  }
  return result;
}

/** … 2 1 0 1 2 … */
function mirrored(at: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * length - 2;
  const inPeriod = ((at % period) + period) % period;
  return inPeriod < length ? inPeriod : period - inPeriod;
}

/** The luma moved by `motion`, interpolated linearly; beyond its edge it is mirrored, the edge pixel twice. */
function moveLuma(luma: Uint8Array, motion: AffineMotion, width: number, height: number): Float32Array {
  const [a, b, c, d, e, f] = motion;
  const determinant = a * e - b * d;
  const moved = new Float32Array(luma.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fromX = (e * (x - c) - b * (y - f)) / determinant;
      const fromY = (a * (y - f) - d * (x - c)) / determinant;
      const left = Math.floor(fromX);
      const top = Math.floor(fromY);
      const across = fromX - left;
      const down = fromY - top;
      const [column, nextColumn] = [mirroredTwice(left, width), mirroredTwice(left + 1, width)];
      const row = mirroredTwice(top, height) * width;
      const nextRow = mirroredTwice(top + 1, height) * width;
      const upper = luma[row + column] * (1 - across) + luma[row + nextColumn] * across;
      const lower = luma[nextRow + column] * (1 - across) + luma[nextRow + nextColumn] * across;
      moved[y * width + x] = upper * (1 - down) + lower * down;
    }
  }
  return moved;
}

/** … 1 0 0 1 2 … */
function mirroredTwice(at: number, length: number): number {
  const period = 2 * length;
  const inPeriod = ((at % period) + period) % period;
  return inPeriod < length ? inPeriod : period - 1 - inPeriod;
}

function valuesIn(values: Float32Array, mask: Uint8Array): Float32Array {
  const found = new Float32Array(values.length);
  let count = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) found[count++] = values[i];
  return found.subarray(0, count);
}

function meanIn(values: Float32Array, mask: Uint8Array): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    sum += values[i];
    count++;
  }
  return sum / count;
}

/** The middle value, or the mean of the middle two; NaN of none. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
