import type { Rect } from '../../src-shared/core/plan/index.ts';
import { paintStroke, type MaskPoint, type StrokeBrush } from '../../src-shared/project/mask/index.ts';
import { colourMask } from './mask-painter.ts';
import type { Box } from './tiled-canvas.ts';
import type { Placement, Size } from './view-geometry.ts';

/**
 * A soft stroke while it is drawn. A canvas cannot take the larger of two opacities, and a stroke drawn in pieces would
 * get denser where they meet: so it is drawn into the mask itself, by what will rasterise it in the end, piece by piece.
 */
export interface LiveStroke {
  /** The mask with the stroke as far as it is drawn: [height, width], 0…255. */
  readonly coverage: Uint8Array;
  /** All that the stroke has touched, in pixels of the clip. */
  readonly touched: () => Rect;
  /** Draws on along points, the first of which is where the stroke has come to; returns what they touch. */
  extend(points: readonly MaskPoint[]): Rect;
}

/** A part of the screen that is drawn anew. */
export interface LivePart {
  readonly box: Box;
  draw: (
    context: CanvasRenderingContext2D,
    drawMask: (context: CanvasRenderingContext2D, drawPicture: () => void) => void,
  ) => void;
}

/** The pixels within `radius` of the points, in the picture; never empty, so that it can be drawn. */
function around(points: readonly MaskPoint[], radius: number, { width, height }: Size): Rect {
  const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, value));
  const span = (values: readonly number[], size: number): readonly [number, number] => {
    const from = clamp(Math.floor(Math.min(...values) - radius), size - 1);
    return [from, clamp(Math.ceil(Math.max(...values) + radius), size) - from];
  };
  const [x, across] = span(
    points.map((point) => point[0]),
    width,
  );
  const [y, down] = span(
    points.map((point) => point[1]),
    height,
  );
  return { x, y, width: Math.max(1, across), height: Math.max(1, down) };
}

function union(a: Rect, b: Rect): Rect {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  const endX = Math.max(a.x + a.width, b.x + b.width);
  const endY = Math.max(a.y + a.height, b.y + b.height);
  return { x, y, width: endX - x, height: endY - y };
}

/** Begins a stroke over a mask (coverage [clip.height, clip.width], 0…255), which stays as it is. */
export function startLiveStroke(mask: Uint8Array, clip: Size, brush: StrokeBrush): LiveStroke {
  const coverage = mask.slice();
  let touched: Rect | null = null;
  return {
    coverage,
    touched: () => touched ?? { x: 0, y: 0, width: 1, height: 1 },
    extend(points) {
      paintStroke(coverage, clip, points, brush);
      const rect = around(points, brush.radius, clip);
      touched = touched === null ? rect : union(touched, rect);
      return rect;
    },
  };
}

/**
 * What puts the part `rect` of a live stroke on the screen: `drawMask` draws the mask over a place that has been cleared,
 * with the picture of it that it is handed. `canvas` is for that picture.
 */
export function livePart(
  { coverage }: LiveStroke,
  rect: Rect,
  clip: Size,
  placement: Placement,
  colour: string,
  canvas: HTMLCanvasElement,
): LivePart {
  const box = screenBox(rect, placement, window.devicePixelRatio);
  const seen = sampledRect(rect, placement.scale, clip);
  canvas.width = seen.width;
  canvas.height = seen.height;
  const picture = colourMask(coverage, clip.width, seen, colour);
  (canvas.getContext('2d') as CanvasRenderingContext2D).putImageData(picture, 0, 0);
  return {
    box,
    draw(context, drawMask) {
      const place = [box.left, box.top, box.right - box.left, box.bottom - box.top] as const;
      context.save();
      context.beginPath();
      context.rect(...place);
      context.clip();
      context.clearRect(...place);
      drawMask(context, () => context.drawImage(canvas, seen.x, seen.y));
      context.restore();
    },
  };
}

/** The pixels of the screen that a part of the clip touches, in the place's CSS pixels. */
export function screenBox(rect: Rect, { left, top, scale }: Placement, ratio: number): Box {
  const before = (value: number): number => Math.floor(value * ratio) / ratio;
  const after = (value: number): number => Math.ceil(value * ratio) / ratio;
  return {
    left: before(left + rect.x * scale),
    top: before(top + rect.y * scale),
    right: after(left + (rect.x + rect.width) * scale),
    bottom: after(top + (rect.y + rect.height) * scale),
  };
}

/** The part of the clip from which the screen's pixels over `rect` are scaled. */
export function sampledRect(rect: Rect, scale: number, clip: Size): Rect {
  const margin = 2 + Math.ceil(2 / scale);
  const x = Math.max(0, rect.x - margin);
  const y = Math.max(0, rect.y - margin);
  return {
    x,
    y,
    width: Math.min(clip.width, rect.x + rect.width + margin) - x,
    height: Math.min(clip.height, rect.y + rect.height + margin) - y,
  };
}
