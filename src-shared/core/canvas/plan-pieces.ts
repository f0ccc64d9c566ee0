import { chain, identityMotion, motionBetween, type Homography } from '../plate/index.ts';
import type { Rect } from '../plan/index.ts';

/** A frame of a shot, as far as the canvas must hold it. */
export interface CanvasView {
  /** Position in the clip. */
  readonly index: number;
  /** From this frame's pixels to those that all views of the shot share. */
  readonly toReference: Homography;
  /** Around what is open in the frame; null: nothing is. */
  readonly open: Rect | null;
}

/** Some of a shot's frames, laid onto one canvas. */
export interface CanvasPiece {
  /** Indices of the frames whose open pixels the canvas is for, ascending. */
  readonly frames: readonly number[];
  readonly width: number;
  readonly height: number;
  /** `toReference` of the first frame, and from its pixels to the canvas's. */
  readonly base: Homography;
  readonly toCanvas: Homography;
  /** Canvas pixels for one of the frames' at their finest; 1 unless what must be held is larger than the canvas. */
  readonly scale: number;
}

/** A canvas has at most so many pixels: about 250 MB while it is filled. */
export const mostCanvasPixels = 3_000_000;
/** Surroundings that are kept around what is open: at least so many pixels, else as many as it is wide or high. */
const leastMarginPx = 96;
/** A zoom of less than this is not worth resampling. */
const sameZoom = 1.03;

interface Extent {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** The smallest area in shared pixels that one pixel of a frame takes. */
  readonly finest: number;
}

interface Growing {
  readonly frames: number[];
  /** `toReference` of the first of them. */
  readonly base: Homography;
  extent: Extent;
}

/**
 * Cuts a shot into pieces, each small enough for a canvas that shows the frames' open parts with their surroundings as
 * finely as the frames do. A camera that stands is one piece, laid pixel on pixel. A frame whose open part alone is too
 * large has a piece of its own, scaled down.
 *
 * @param views Of one shot, ascending.
 */
export function planPieces(
  views: readonly CanvasView[],
  frame: { readonly width: number; readonly height: number },
  mostPixels = mostCanvasPixels,
): CanvasPiece[] {
  const pieces: CanvasPiece[] = [];
  let piece: Growing | undefined;
  for (const { index, toReference, open } of views) {
    if (open === null) continue;
    const box = withMargin(open, frame);
    if (piece !== undefined) {
      const grown = union(piece.extent, extentOf(box, motionBetween(toReference, piece.base)));
      if (pixelsOf(grown) <= mostPixels) {
        piece.frames.push(index);
        piece.extent = grown;
        continue;
      }
      pieces.push(finish(piece, mostPixels));
    }
    piece = { frames: [index], base: toReference, extent: extentOf(box, identityMotion()) };
  }
  if (piece !== undefined) pieces.push(finish(piece, mostPixels));
  return pieces;
}

function withMargin(open: Rect, frame: { readonly width: number; readonly height: number }): Rect {
  const margin = Math.max(leastMarginPx, open.width, open.height);
  const x = Math.max(0, open.x - margin);
  const y = Math.max(0, open.y - margin);
  const endX = Math.min(frame.width, open.x + open.width + margin);
  const endY = Math.min(frame.height, open.y + open.height + margin);
  return { x, y, width: endX - x, height: endY - y };
}

function extentOf({ x, y, width, height }: Rect, motion: Homography): Extent {
  const corners = [
    [x, y],
    [x + width, y],
    [x, y + height],
    [x + width, y + height],
  ].map(([column, row]) => {
    const w = motion[6] * column + motion[7] * row + motion[8];
    return {
      x: (motion[0] * column + motion[1] * row + motion[2]) / w,
      y: (motion[3] * column + motion[4] * row + motion[5]) / w,
    };
  });
  const [a, b, c, d] = corners;
  // The area of the mapped box by its diagonals.
  const area = Math.abs((d.x - a.x) * (c.y - b.y) - (d.y - a.y) * (c.x - b.x)) / 2;
  return {
    left: Math.min(...corners.map((corner) => corner.x)),
    top: Math.min(...corners.map((corner) => corner.y)),
    right: Math.max(...corners.map((corner) => corner.x)),
    bottom: Math.max(...corners.map((corner) => corner.y)),
    finest: area / (width * height),
  };
}

function union(a: Extent, b: Extent): Extent {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
    finest: Math.min(a.finest, b.finest),
  };
}

/** Canvas pixels along one shared pixel. */
function density({ finest }: Extent): number {
  const wanted = 1 / Math.sqrt(finest);
  return wanted < sameZoom && wanted > 1 / sameZoom ? 1 : wanted;
}

function pixelsOf(extent: Extent): number {
  const scale = density(extent);
  return (extent.right - extent.left) * scale * ((extent.bottom - extent.top) * scale);
}

function finish({ frames, base, extent }: Growing, mostPixels: number): CanvasPiece {
  const scale = Math.min(1, Math.sqrt(mostPixels / pixelsOf(extent)));
  const factor = density(extent) * scale;
  const left = Math.floor(extent.left);
  const top = Math.floor(extent.top);
  const toCanvas = Float64Array.of(factor, 0, -left * factor, 0, factor, -top * factor, 0, 0, 1);
  return {
    frames,
    width: Math.ceil((extent.right - left) * factor) + 1,
    height: Math.ceil((extent.bottom - top) * factor) + 1,
    base,
    toCanvas,
    scale,
  };
}

/** From a frame's pixels to those of the canvas; whole shifts for frames that look where the first one does. */
export function motionToCanvas(piece: CanvasPiece, toReference: Homography): Homography {
  return chain(motionBetween(toReference, piece.base), piece.toCanvas);
}
