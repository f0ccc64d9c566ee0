import { boundingBox } from '../mask/index.ts';
import { enlargeMotion, type Homography } from '../plate/index.ts';
import type { LumaLevel, LumaPyramid } from './luma-pyramid.ts';
import { directionCounts, directionsAt, type PlaneFrame, type PlaneFreedom } from './plane-motion.ts';

/** What the shape shows in its own frame, at one level of the pyramid. */
export interface TemplateLevel {
  /** In what way it is moved on this level: few pixels hold no perspective. */
  readonly freedom: PlaneFreedom;
  /** Pixels of this level are 2^level of the picture's. */
  readonly level: number;
  readonly frame: PlaneFrame;
  /** [count, 2]: where, in this level's pixels. */
  readonly points: Float32Array;
  /** [count]: brightness there. */
  readonly values: Float32Array;
  /** [count, directions]: by how much brightness changes along each direction of the freedom. */
  readonly slopes: Float32Array;
  /** [count]: the cell of the shape that each point lies in; cells are counted from 0. */
  readonly cells: Uint8Array;
  readonly cellCount: number;
  /** Standard deviation of the brightness, in levels, 4 at least. */
  readonly contrast: number;
}

/** From the finest level to the coarsest. */
export interface Template {
  readonly freedom: PlaneFreedom;
  /** In pixels of the picture. */
  readonly frame: PlaneFrame;
  readonly levels: readonly TemplateLevel[];
}

/** Pixels that are looked at, at most, at one level: a larger shape is sampled. */
const mostPoints = 6000;
/** A level is worth having with this many pixels of the shape. */
const leastPoints = 60;
/** Pixels of a level that hold a perspective. */
const leastForPerspective = 400;
/** Cells across the shape: each is seen or hidden. */
const cellsAcross = 6;
/** At most so many levels. */
export const mostLevels = 5;

/**
 * What lies inside a shape, for `alignPlane`. `mask` [height, width] of the picture: not 0 inside the shape. No levels
 * where the shape is too small to be followed.
 */
export function makeTemplate(pyramid: LumaPyramid, mask: Uint8Array, freedom: PlaneFreedom): Template {
  const [{ width, height }] = pyramid;
  const box = boundingBox(mask, width);
  if (box === null) return { freedom, frame: { x: 0, y: 0, radius: 1 }, levels: [] };
  const frame: PlaneFrame = {
    x: box.x + (box.width - 1) / 2,
    y: box.y + (box.height - 1) / 2,
    radius: Math.max(box.width, box.height) / 2,
  };
  const levels: TemplateLevel[] = [];
  for (let level = 0; level < pyramid.length; level++) {
    const made = levelOf(pyramid[level], level, { mask, width, height }, frame, freedom);
    if (made.values.length < leastPoints) break;
    levels.push(made);
  }
  return { freedom, frame, levels };
}

/** A motion of the picture's pixels in those of a level. */
export function motionAtLevel(motion: Homography, level: number): Homography {
  return enlargeMotion(motion, 1 / 2 ** level);
}

function levelOf(
  { width, height, values }: LumaLevel,
  level: number,
  shape: { readonly mask: Uint8Array; readonly width: number; readonly height: number },
  whole: PlaneFrame,
  freedom: PlaneFreedom,
): TemplateLevel {
  const factor = 2 ** level;
  const toLevel = (at: number): number => (at - (factor - 1) / 2) / factor;
  const frame: PlaneFrame = { x: toLevel(whole.x), y: toLevel(whole.y), radius: whole.radius / factor };
  const inside: number[] = [];
  const [left, right] = [frame.x - frame.radius, frame.x + frame.radius].map(Math.round);
  const [top, bottom] = [frame.y - frame.radius, frame.y + frame.radius].map(Math.round);
  for (let y = Math.max(1, top); y <= Math.min(height - 2, bottom); y++) {
    for (let x = Math.max(1, left); x <= Math.min(width - 2, right); x++) {
      const row = Math.min(shape.height - 1, y * factor + (factor >> 1));
      const column = Math.min(shape.width - 1, x * factor + (factor >> 1));
      const lies = (dx: number, dy: number): boolean =>
        shape.mask[(row + dy * factor) * shape.width + column + dx * factor] > 0;
      // The border's pixels, and the slopes beside it, show half of what lies behind.
      if (lies(0, 0) && lies(-1, 0) && lies(1, 0) && lies(0, -1) && lies(0, 1)) inside.push(y * width + x);
    }
  }
  const stride = Math.max(1, inside.length / mostPoints);
  const count = Math.floor(inside.length / stride);
  const held = freedom === 'perspective' && count < leastForPerspective ? 'similarity' : freedom;
  const directions = directionCounts[held];
  const points = new Float32Array(2 * count);
  const brightness = new Float32Array(count);
  const slopes = new Float32Array(count * directions);
  const cells = new Uint8Array(count);
  const along = new Float64Array(2 * directions);
  for (let at = 0; at < count; at++) {
    const pixel = inside[Math.floor(at * stride)];
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    points[2 * at] = x;
    points[2 * at + 1] = y;
    brightness[at] = values[pixel];
    const slopeX = (values[pixel + 1] - values[pixel - 1]) / 2;
    const slopeY = (values[pixel + width] - values[pixel - width]) / 2;
    const [u, v] = [(x - frame.x) / frame.radius, (y - frame.y) / frame.radius];
    directionsAt(held, u, v, along);
    for (let k = 0; k < directions; k++)
      slopes[at * directions + k] = frame.radius * (slopeX * along[2 * k] + slopeY * along[2 * k + 1]);
    const cell = (place: number): number =>
      Math.min(cellsAcross - 1, Math.max(0, Math.floor(((place + 1) * cellsAcross) / 2)));
    cells[at] = cell(v) * cellsAcross + cell(u);
  }
  const contrast = Math.max(4, spreadOf(brightness));
  const cellCount = cellsAcross ** 2;
  return { level, freedom: held, frame, points, values: brightness, slopes, cells, cellCount, contrast };
}

/** Standard deviation. */
function spreadOf(values: Float32Array): number {
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / Math.max(1, values.length);
  return Math.sqrt(Math.max(0, squares / Math.max(1, values.length) - mean * mean));
}
