import type { Draft } from './mask-shapes.ts';
import type { Placement } from './view-geometry.ts';

/** Draws what a gesture has so far, filled, under the clip's transformation. */
export function drawDraft(context: CanvasRenderingContext2D, draft: Draft): void {
  context.beginPath();
  switch (draft.kind) {
    case 'stroke': {
      const [[x, y], ...rest] = draft.points;
      context.moveTo(x, y);
      if (rest.length === 0) context.lineTo(x, y);
      for (const [nextX, nextY] of rest) context.lineTo(nextX, nextY);
      context.lineWidth = draft.radius * 2;
      context.lineCap = 'round';
      context.lineJoin = 'round';
      context.stroke();
      return;
    }
    case 'polygon':
      for (const [x, y] of draft.points) context.lineTo(x, y);
      break;
    case 'box':
      context.rect(...draft.from, draft.to[0] - draft.from[0], draft.to[1] - draft.from[1]);
      break;
    case 'ellipse': {
      const [radiusX, radiusY] = [(draft.to[0] - draft.from[0]) / 2, (draft.to[1] - draft.from[1]) / 2];
      const [x, y] = [draft.from[0] + radiusX, draft.from[1] + radiusY];
      context.ellipse(x, y, Math.abs(radiusX), Math.abs(radiusY), 0, 0, 2 * Math.PI);
      break;
    }
  }
  context.fill('evenodd');
  context.lineWidth = 2 / context.getTransform().a;
  context.stroke();
}

/** Draws in the clip’s pixels from now on. */
export function underClip(context: CanvasRenderingContext2D, { left, top, scale }: Placement): void {
  context.translate(left, top);
  context.scale(scale, scale);
}
