import type { MaskPoint, MaskShape, StrokeBrush } from '../../src-shared/project/mask/index.ts';
import type { PaintScope, Tool } from '../state/editor-store.ts';

type Common = Pick<MaskShape, 'effect' | 'startFrame' | 'endFrame'>;

/** When a shape drawn at `frame` is there. */
function scoped(effect: MaskShape['effect'], frame: number, frames: number, scope: PaintScope): Common {
  if (scope === 'all') return { effect };
  return { effect, startFrame: frame, endFrame: scope === 'frame' ? frame + 1 : frames };
}

/** Of brush and eraser: `radius` in the clip's pixels, `softness` 0…1. */
type Brush = Pick<StrokeBrush, 'radius' | 'softness'>;

/** What a gesture of a tool has drawn so far, in the clip's pixels. */
export type Draft =
  | ({ readonly kind: 'stroke'; readonly points: readonly MaskPoint[] } & Brush)
  | { readonly kind: 'polygon'; readonly points: readonly MaskPoint[] }
  | { readonly kind: 'box' | 'ellipse'; readonly from: MaskPoint; readonly to: MaskPoint };

/**
 * What a tool draws in the middle of a clip without being pointed: a dab, or a third of the picture, of which a polygon
 * has the four middles of the sides; else null.
 */
export function middleDraft(
  tool: Tool,
  { width, height }: { readonly width: number; readonly height: number },
  brush: Brush,
): Draft | null {
  if (tool === 'brush' || tool === 'eraser' || tool === 'track')
    return { kind: 'stroke', points: [[width / 2, height / 2]], ...brush };
  if (tool === 'box' || tool === 'ellipse')
    return { kind: tool, from: [width / 3, height / 3], to: [(width * 2) / 3, (height * 2) / 3] };
  if (tool === 'polygon') {
    const points: MaskPoint[] = [
      [width / 2, height / 3],
      [(width * 2) / 3, height / 2],
      [width / 2, (height * 2) / 3],
      [width / 3, height / 2],
    ];
    return { kind: 'polygon', points };
  }
  return null;
}

/** A drag shorter than this many clip pixels on a side makes no box or ellipse. */
const leastSide = 1;

/** The shape that a finished gesture makes; null where it is too small to cover anything. */
export function shapeOfDraft(
  draft: Draft,
  effect: MaskShape['effect'],
  at: { readonly frame: number; readonly frames: number; readonly scope: PaintScope },
): MaskShape | null {
  const { frame } = at;
  const common = scoped(effect, frame, at.frames, at.scope);
  if (draft.kind === 'stroke') {
    const { points, radius, softness } = draft;
    const soft = softness === 0 ? {} : { softness };
    return { kind: 'stroke', ...common, ...soft, keyframes: [{ frame, points: [...points], radius }] };
  }
  if (draft.kind === 'polygon') {
    if (draft.points.length < 3) return null;
    return { kind: 'polygon', ...common, keyframes: [{ frame, points: [...draft.points] }] };
  }
  const from: MaskPoint = [Math.min(draft.from[0], draft.to[0]), Math.min(draft.from[1], draft.to[1])];
  const to: MaskPoint = [Math.max(draft.from[0], draft.to[0]), Math.max(draft.from[1], draft.to[1])];
  const [width, height] = [to[0] - from[0], to[1] - from[1]];
  if (width < leastSide || height < leastSide) return null;
  if (draft.kind === 'box') return { kind: 'box', ...common, keyframes: [{ frame, from, to }] };
  const centre: MaskPoint = [from[0] + width / 2, from[1] + height / 2];
  const key = { frame, centre, radii: [width / 2, height / 2] as [number, number], angleDeg: 0 };
  return { kind: 'ellipse', ...common, keyframes: [key] };
}
