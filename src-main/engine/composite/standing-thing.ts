import { growMask, maskRegions, sampleLinear } from '../../../src-shared/core/plate/index.ts';
import type { EditWindow } from '../../../src-shared/core/plan/index.ts';
import type { ClipInfo, PixelFormat, Plane } from '../frames.ts';
import type { FramePatch } from './patch-store.ts';
import { planeSize } from './planes.ts';

/** What the network painted in one frame's hole, cut out of it. */
export interface StandingThing {
  /** The frame's patch with the whole hole as it was generated. */
  readonly generated: FramePatch;
  /** [rect.height, rect.width], 0…1: how much of the picture is the thing, or its shadow. */
  readonly alpha: Float32Array;
  /** Pixels of the hole that it was painted into. */
  readonly placePixels: number;
}

/**
 * Differences from the background, in 8-bit levels. Where something was painted they are at least `none`, and so many times
 * those of the quietest quarter of the place, which is background that the network did not meet; `all` above that hides it.
 */
const difference = { none: 10, timesNoise: 2, all: 16 } as const;
/** What the network repeats of the background it blurs: both are compared blurred, over these pixels of its own picture. */
const blurRadius = 1.5;
/** Colours differ by less than brightness does. */
const chromaWeight = 1.5;

/** Means over squares of (2·radius + 1) pixels, of as many as there are. */
function blurred(plane: Float32Array, width: number, height: number, radius: number): Float32Array {
  const across = new Float32Array(plane.length);
  const result = new Float32Array(plane.length);
  const pass = (
    from: Float32Array,
    to: Float32Array,
    lines: number,
    length: number,
    line: number,
    step: number,
  ) => {
    for (let l = 0; l < lines; l++) {
      for (let k = 0; k < length; k++) {
        let [sum, count] = [0, 0];
        for (let j = Math.max(0, k - radius); j <= Math.min(length - 1, k + radius); j++, count++) {
          sum += from[l * line + j * step];
        }
        to[l * line + k * step] = sum / count;
      }
    }
  };
  pass(plane, across, height, width, width, 1);
  pass(across, result, width, height, 1, width);
  return result;
}

/** Plane `index` of a patch at luma's size, in 8-bit levels. */
function levels({ rect, planes }: FramePatch, index: number, format: PixelFormat): Float32Array {
  const [shiftX, shiftY] = index === 0 ? [0, 0] : [format.chromaShiftX, format.chromaShiftY];
  const { width: stride } = planeSize(index, rect, format);
  const unit = 2 ** (format.bitDepth - 8);
  return Float32Array.from({ length: rect.width * rect.height }, (_, at) => {
    const x = at % rect.width;
    return planes[index][(((at - x) / rect.width) >> shiftY) * stride + (x >> shiftX)] / unit;
  });
}

/**
 * Cuts out what was painted into a hole: all that differs from the background which the network was shown, in one piece.
 * `background`: the frame's patch before, whose residual is the hole.
 */
export function cutThing(
  background: FramePatch,
  generated: FramePatch,
  window: Pick<EditWindow, 'crop' | 'workingWidth'>,
  { pixelFormat }: Pick<ClipInfo, 'pixelFormat'>,
): StandingThing {
  const { width, height } = background.rect;
  const scale = Math.max(1, window.crop.width / window.workingWidth);
  const radius = Math.round(blurRadius * scale);
  const squares = new Float32Array(width * height);
  for (let index = 0; index < 3; index++) {
    const painted = levels(generated, index, pixelFormat);
    const before = levels(background, index, pixelFormat);
    const apart = blurred(
      painted.map((value, at) => value - before[at]),
      width,
      height,
      radius,
    );
    const weight = index === 0 ? 1 : chromaWeight ** 2;
    for (let at = 0; at < squares.length; at++) squares[at] += weight * apart[at] ** 2;
  }
  const inPlace = squares.filter((_, at) => background.residual[at] !== 0).sort();
  const noise = Math.sqrt(inPlace[inPlace.length >> 2] ?? 0);
  const none = Math.max(difference.none, difference.timesNoise * noise);
  const alpha = squares.map((square, at) => {
    if (background.residual[at] === 0) return 0;
    return Math.min(1, Math.max(0, (Math.sqrt(square) - none) / difference.all));
  });
  const matte = wholePart(alpha, width, height, Math.round(2 * scale));
  // Its soft edge ends with the hole.
  matte.forEach((_, at) => {
    if (background.residual[at] === 0) matte[at] = 0;
  });
  const placePixels = background.residual.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0);
  return { generated, alpha: matte, placePixels };
}

/** The largest part of a matte without what lies about it, without holes, and with a soft edge of `edge` pixels. */
function wholePart(alpha: Float32Array, width: number, height: number, edge: number): Float32Array {
  const solid = Uint8Array.from(alpha, (value) => (value > 0.5 ? 255 : 0));
  const [largest] = maskRegions(solid, width, height).sort((a, b) => b.pixels.length - a.pixels.length);
  if (largest === undefined) return new Float32Array(alpha.length);
  const part = new Uint8Array(solid.length);
  largest.pixels.forEach((at) => (part[at] = 255));
  // What the border of the picture cannot be reached from without crossing it is inside.
  const outside = part.map((value) => (value === 0 ? 255 : 0));
  for (const region of maskRegions(outside, width, height)) {
    const { left, top, right, bottom } = region;
    if (left > 0 && top > 0 && right < width && bottom < height)
      region.pixels.forEach((at) => (part[at] = 255));
  }
  const near = growMask(part, width, height, edge);
  return blurred(
    alpha.map((value, at) => (part[at] !== 0 ? 1 : near[at] !== 0 ? value : 0)),
    width,
    height,
    Math.max(1, edge >> 1),
  );
}

/**
 * Lays a thing into the patch of a frame. `toKey`: from the frame's pixels to those of the frame that the thing was cut
 * out of, [3, 3] row-major. What is the thing's counts as shown by no other frame, all else as it did.
 */
export function layThing(
  { generated, alpha }: StandingThing,
  patch: FramePatch,
  toKey: readonly number[],
  { pixelFormat }: Pick<ClipInfo, 'pixelFormat'>,
): FramePatch {
  const { rect } = patch;
  const from = generated.rect;
  const share = shareAt(alpha, from, rect, toKey);
  const planes = patch.planes.map((plane, index) => {
    const [shiftX, shiftY] = index === 0 ? [0, 0] : [pixelFormat.chromaShiftX, pixelFormat.chromaShiftY];
    const source = Float32Array.from(generated.planes[index]);
    const { width: sourceWidth, height: sourceHeight } = planeSize(index, from, pixelFormat);
    const { width, height } = planeSize(index, rect, pixelFormat);
    const result: Plane = plane.slice();
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        // The middle of the sample's pixels.
        const [left, top] = [x << shiftX, y << shiftY];
        const a = share[Math.min(rect.height - 1, top) * rect.width + Math.min(rect.width - 1, left)];
        if (a === 0) continue;
        const [u, v] = mapped(toKey, rect.x + left, rect.y + top);
        const value = sampleLinear(
          source,
          sourceWidth,
          sourceHeight,
          (u - from.x) / (1 << shiftX),
          (v - from.y) / (1 << shiftY),
        );
        result[y * width + x] = Math.round((1 - a) * plane[y * width + x] + a * value);
      }
    }
    return result;
  });
  return {
    rect,
    planes: [planes[0], planes[1], planes[2]],
    residual: new Uint8Array(patch.residual.length),
    unseen: patch.unseen.map((value, at) => (share[at] > 0.5 ? 255 : value)),
  };
}

function mapped(m: readonly number[], x: number, y: number): readonly [number, number] {
  const w = m[6] * x + m[7] * y + m[8];
  return [(m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w];
}

/** The matte as it is seen in a frame: [rect.height, rect.width]. */
function shareAt(
  alpha: Float32Array,
  from: FramePatch['rect'],
  rect: FramePatch['rect'],
  toKey: readonly number[],
): Float32Array {
  const share = new Float32Array(rect.width * rect.height);
  for (let y = 0; y < rect.height; y++) {
    for (let x = 0; x < rect.width; x++) {
      const [u, v] = mapped(toKey, rect.x + x, rect.y + y);
      if (!(u >= from.x && v >= from.y && u <= from.x + from.width - 1 && v <= from.y + from.height - 1))
        continue;
      share[y * rect.width + x] = sampleLinear(alpha, from.width, from.height, u - from.x, v - from.y);
    }
  }
  return share;
}
