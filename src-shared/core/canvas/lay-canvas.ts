import { pushPullFill } from '../fill/index.ts';
import {
  growMask,
  invert,
  levelUnit,
  maskBounds,
  paddedBounds,
  sampleCubic,
  sampleLinear,
  writeHole,
  type Bounds,
  type Homography,
  type PicturePlanes,
  type PlaneLayout,
} from '../plate/index.ts';
import type { FilledCanvas } from './fill-canvas.ts';

/** Width of the surroundings that say how the canvas must be changed to meet the frame, in pixels. */
const ringPx = 14;
/** Squares of (2·radius + 1) pixels over which that is averaged: noise must not run into the hole. */
const blurRadius = 3;
/** Differences this many standard deviations from the usual one, plus some levels, are something else. */
const outlier = { sigmas: 3, levels: 5 } as const;
/** Grain and movement beyond this many standard deviations is something that passes by. */
const grainSigmas = 3;

export interface FrameToFill {
  /** The frame, with its hole filled as far as other frames show it. */
  readonly planes: PicturePlanes;
  /** [height, width]; non-zero = hole. */
  readonly mask: Uint8Array;
  /** [height, width]; non-zero = to be filled from the canvas; a part of the mask. */
  readonly open: Uint8Array;
  /** [height, width]; 0 = of another layer of the scene than what is filled, and no measure for it. Absent: one layer. */
  readonly owned?: Uint8Array;
  /** From the frame's pixels to the canvas's. */
  readonly motion: Homography;
  /** Whether the camera stands: then what moves in the background, as water does, goes on moving in the hole. */
  readonly still: boolean;
}

/** A rectangle of the frame in 8-bit levels. */
interface Crop extends Bounds {
  readonly width: number;
  readonly height: number;
  /** [3, height, width]: the canvas as it looks from the frame. */
  readonly base: Float32Array;
  /** [3, height, width]: the frame. */
  readonly shown: Float32Array;
  /** [height, width]; 1 = to be filled. */
  readonly open: Uint8Array;
  /** [height, width]; 1 = around what is to be filled, known to frame and canvas. */
  readonly ring: Uint8Array;
}

/**
 * Lays the canvas into the open pixels of a frame: by the camera's motion, so that it stands still with the
 * background; brighter or darker and tinted as the frame is around the hole; and with the frame's own grain, taken
 * where the texture was copied from.
 *
 * @returns The planes with the open pixels filled; chroma only where all of a sample's pixels are in the mask.
 */
export function layCanvas(frame: FrameToFill, canvas: FilledCanvas, layout: PlaneLayout): PicturePlanes {
  const { planes, mask, open } = frame;
  const result: PicturePlanes = [planes[0].slice(), planes[1].slice(), planes[2].slice()];
  const box = maskBounds(open, layout.width);
  if (box.right === 0) return result;
  const crop = cropAround(frame, canvas, paddedBounds(box, ringPx, layout.width, layout.height), layout);
  const meet = changeToMeet(crop);
  const { change } = meet;
  const grain = grainOf(frame, canvas, crop, meet, layout);
  const pixels = crop.width * crop.height;
  const values = crop.base.map((value, at) => value + change[at] + (at < pixels ? grain[at] : 0));
  writeHole(result, planesOf(values, crop, planes, layout), mask, open, layout);
  return result;
}

function cropAround(
  { planes, open, owned, motion: m }: FrameToFill,
  canvas: FilledCanvas,
  bounds: Bounds,
  layout: PlaneLayout,
): Crop {
  const [width, height] = [bounds.right - bounds.left, bounds.bottom - bounds.top];
  const pixels = width * height;
  const base = new Float32Array(3 * pixels);
  const shown = new Float32Array(3 * pixels);
  const cropOpen = new Uint8Array(pixels);
  const ring = new Uint8Array(pixels);
  const near = growMask(open, layout.width, layout.height, ringPx);
  const all = canvas.width * canvas.height;
  const [luma, cb, cr] = [0, 1, 2].map((plane) => canvas.picture.subarray(plane * all, (plane + 1) * all));
  const unit = levelUnit(layout);
  const stride = (layout.width + layout.chromaShiftX) >> layout.chromaShiftX;
  for (let row = 0, at = 0; row < height; row++) {
    const y = bounds.top + row;
    for (let column = 0; column < width; column++, at++) {
      const x = bounds.left + column;
      const pixel = y * layout.width + x;
      if (near[pixel] === 0) continue;
      const w = m[6] * x + m[7] * y + m[8];
      const u = (m[0] * x + m[1] * y + m[2]) / w;
      const v = (m[3] * x + m[4] * y + m[5]) / w;
      base[at] = sampleCubic(luma, canvas.width, canvas.height, u, v);
      base[pixels + at] = sampleLinear(cb, canvas.width, canvas.height, u, v);
      base[2 * pixels + at] = sampleLinear(cr, canvas.width, canvas.height, u, v);
      const cell = (y >> layout.chromaShiftY) * stride + (x >> layout.chromaShiftX);
      shown[at] = planes[0][pixel] / unit;
      shown[pixels + at] = planes[1][cell] / unit;
      shown[2 * pixels + at] = planes[2][cell] / unit;
      if (open[pixel] !== 0) cropOpen[at] = 1;
      else if (owned?.[pixel] !== 0 && canvasKnows(canvas, u, v)) ring[at] = 1;
    }
  }
  return { ...bounds, width, height, base, shown, open: cropOpen, ring };
}

function canvasKnows({ width, height, seen, doubtful }: FilledCanvas, u: number, v: number): boolean {
  const [column, row] = [Math.round(u), Math.round(v)];
  if (!(column >= 0 && row >= 0 && column < width && row < height)) return false;
  return seen[row * width + column] > 0 && doubtful[row * width + column] === 0;
}

/** How the canvas is made to meet the frame, in 8-bit levels. */
interface Meeting {
  /** [3, height, width]: what is added. */
  readonly change: Float32Array;
  /** The median of what is added to luma, and the robust standard deviation from it. */
  readonly usual: number;
  readonly sigma: number;
}

/** Differences around the hole are carried smoothly through it; where something else stands, the others count. */
function changeToMeet({ width, height, base, shown, ring }: Crop): Meeting {
  const pixels = width * height;
  const change = new Float32Array(3 * pixels);
  let [usualLuma, sigma] = [0, 0];
  for (let plane = 0; plane < 3; plane++) {
    const differences: number[] = [];
    for (let at = 0; at < pixels; at++) {
      if (ring[at] === 1) differences.push(shown[plane * pixels + at] - base[plane * pixels + at]);
    }
    if (differences.length === 0) continue;
    const usual = medianOf(differences);
    // 1.4826 makes the median deviation of a Gaussian its standard deviation.
    const spread = 1.4826 * medianOf(differences.map((difference) => Math.abs(difference - usual)));
    if (plane === 0) [usualLuma, sigma] = [usual, spread];
    const limit = outlier.sigmas * spread + outlier.levels;
    const sums = new Float32Array(pixels);
    const weights = new Float32Array(pixels);
    for (let at = 0; at < pixels; at++) {
      if (ring[at] === 0) continue;
      const difference = shown[plane * pixels + at] - base[plane * pixels + at];
      if (Math.abs(difference - usual) > limit) continue;
      sums[at] = difference;
      weights[at] = 1;
    }
    boxSum(sums, width, height, blurRadius);
    boxSum(weights, width, height, blurRadius);
    const unknown = weights.map((weight) => (weight < 1 ? 1 : 0));
    const means = sums.map((sum, at) => (weights[at] < 1 ? 0 : sum / weights[at]));
    change.set(pushPullFill(means, Uint8Array.from(unknown), { channels: 1, height, width }), plane * pixels);
  }
  return { change, usual: usualLuma, sigma };
}

/** What the frame shows beyond the canvas where the texture was copied from: its grain, and what lives there. */
function grainOf(
  { planes, mask, motion, still }: FrameToFill,
  canvas: FilledCanvas,
  crop: Crop,
  { usual, sigma }: Meeting,
  layout: PlaneLayout,
): Float32Array {
  const { width, height, base, open } = crop;
  const grain = new Float32Array(width * height);
  const luma = canvas.picture.subarray(0, canvas.width * canvas.height);
  const back = invert(motion);
  const unit = levelUnit(layout);
  const m = motion;
  const limits = new Float32Array(width * height);
  for (let at = 0; at < open.length; at++) {
    if (open[at] === 0) continue;
    const column = at % width;
    const x = crop.left + column;
    const y = crop.top + (at - column) / width;
    const w = m[6] * x + m[7] * y + m[8];
    const u = (m[0] * x + m[1] * y + m[2]) / w;
    const v = (m[3] * x + m[4] * y + m[5]) / w;
    const [nearX, nearY] = [Math.round(u), Math.round(v)];
    if (!(nearX >= 0 && nearY >= 0 && nearX < canvas.width && nearY < canvas.height)) continue;
    const source = canvas.copiedFrom[nearY * canvas.width + nearX];
    if (source < 0) continue;
    const sourceX = (source % canvas.width) + u - nearX;
    const sourceY = Math.floor(source / canvas.width) + v - nearY;
    const backW = back[6] * sourceX + back[7] * sourceY + back[8];
    const frameX = (back[0] * sourceX + back[1] * sourceY + back[2]) / backW;
    const frameY = (back[3] * sourceX + back[4] * sourceY + back[5]) / backW;
    if (!(
      backW > 0 &&
      frameX >= 0 &&
      frameY >= 0 &&
      frameX <= layout.width - 1 &&
      frameY <= layout.height - 1
    ))
      continue;
    if (mask[Math.round(frameY) * layout.width + Math.round(frameX)] !== 0) continue;
    const there = sampleCubic(planes[0], layout.width, layout.height, frameX, frameY) / unit;
    grain[at] = there - sampleCubic(luma, canvas.width, canvas.height, sourceX, sourceY) - usual;
    limits[at] = grainSigmas * Math.max(1, sigma, still ? 1.4826 * canvas.spread[source] : 0);
  }
  const sums = grain.map((value, at) => Math.abs(value) - limits[at] / 2);
  boxSum(sums, width, height, 2);
  for (let at = 0; at < grain.length; at++) {
    // A pixel may be far off by chance, its whole neighbourhood only where something stands in the way.
    if (sums[at] > 0 || base[at] === 0) grain[at] = 0;
    else grain[at] = Math.min(limits[at], Math.max(-limits[at], grain[at]));
  }
  return grain;
}

/** The crop's values as planes of the frame; what lies outside the crop is the frame's. */
function planesOf(
  values: Float32Array,
  crop: Crop,
  planes: PicturePlanes,
  layout: PlaneLayout,
): PicturePlanes {
  const result: PicturePlanes = [planes[0].slice(), planes[1].slice(), planes[2].slice()];
  const { width, height, left, top, open } = crop;
  const { chromaShiftX, chromaShiftY, bitDepth } = layout;
  const pixels = width * height;
  const unit = levelUnit(layout);
  const peak = (1 << bitDepth) - 1;
  const level = (value: number) => Math.min(peak, Math.max(0, Math.round(value * unit)));
  const stride = (layout.width + chromaShiftX) >> chromaShiftX;
  for (let at = 0; at < pixels; at++) {
    if (open[at] === 0) continue;
    const column = at % width;
    const x = left + column;
    const y = top + (at - column) / width;
    result[0][y * layout.width + x] = level(values[at]);
    // A chroma sample is written once, by the first of its pixels that is open, as the mean over those that are.
    const cell = { x: x >> chromaShiftX, y: y >> chromaShiftY };
    let [cb, cr, count, isFirst] = [0, 0, 0, true];
    for (let py = cell.y << chromaShiftY; py < Math.min(layout.height, (cell.y + 1) << chromaShiftY); py++) {
      for (let px = cell.x << chromaShiftX; px < Math.min(layout.width, (cell.x + 1) << chromaShiftX); px++) {
        const other = (py - top) * width + px - left;
        if (px < left || py < top || px >= left + width || py >= top + height || open[other] === 0) continue;
        if (count === 0 && other !== at) isFirst = false;
        cb += values[pixels + other];
        cr += values[2 * pixels + other];
        count++;
      }
    }
    if (!isFirst) continue;
    result[1][cell.y * stride + cell.x] = level(cb / count);
    result[2][cell.y * stride + cell.x] = level(cr / count);
  }
  return result;
}

/** Sums over squares of (2·radius + 1) pixels, in place, cut off at the edges. */
function boxSum(plane: Float32Array, width: number, height: number, radius: number): void {
  const line = new Float32Array(Math.max(width, height));
  const slide = (start: number, step: number, length: number) => {
    for (let k = 0; k < length; k++) line[k] = plane[start + k * step];
    let sum = 0;
    for (let k = -radius; k < length; k++) {
      if (k + radius < length) sum += line[k + radius];
      if (k - radius > 0) sum -= line[k - radius - 1];
      if (k >= 0) plane[start + k * step] = sum;
    }
  };
  for (let y = 0; y < height; y++) slide(y * width, 1, width);
  for (let x = 0; x < width; x++) slide(x, width, height);
}

function medianOf(values: readonly number[]): number {
  const sorted = Float32Array.from(values).sort();
  return sorted[sorted.length >> 1];
}
