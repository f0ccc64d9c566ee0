import { useRef, type PointerEvent } from 'react';
import { decodeMask, encodeMask } from '../../src-shared/core/mask/index.ts';
import type { Clip, EditMask } from '../../src-shared/project/index.ts';
import {
  maskTextAt,
  paintShape,
  type MaskPoint,
  type MaskShape,
  type TrackShape,
} from '../../src-shared/project/mask/index.ts';
import { text, type TextKey } from '../i18n/index.ts';
import { activeEdit, changeEdit, useEditor, type Tool } from '../state/editor-store.ts';
import { select, type Pointed } from '../state/selecting.ts';
import { correct, trackedIndex } from '../state/tracking.ts';
import { useView } from '../state/view-store.ts';
import { drawDraft, underClip } from './draw-draft.ts';
import { startLiveStroke, type LiveStroke } from './live-stroke.ts';
import { middleDraft, shapeOfDraft, type Draft } from './mask-shapes.ts';
import { simplifyStroke } from './simplify-stroke.ts';
import type { TiledCanvas } from './tiled-canvas.ts';
import { toClip, toScreen, type Placement } from './view-geometry.ts';

/** Clip pixels by which a stored line may pass beside the drawn one, per pixel of the brush's radius; at least half. */
const strokeTolerance = 0.04;
const steps: Readonly<Record<Exclude<Tool, 'move' | 'select'>, TextKey>> = {
  brush: 'step.stroke',
  eraser: 'step.erase',
  lasso: 'step.lasso',
  box: 'step.box',
  ellipse: 'step.ellipse',
  polygon: 'step.polygon',
  track: 'step.stroke',
};

/** Whether a tool paints with the brush. */
export const isBrush = (tool: Tool): boolean => tool === 'brush' || tool === 'eraser' || tool === 'track';

/** A gesture that is going on. */
export interface Gesture {
  readonly tool: Exclude<Tool, 'move'>;
  readonly effect: MaskShape['effect'];
  draft: Draft;
  /** Of a soft stroke. */
  readonly live?: LiveStroke;
}

/** The object that what is painted corrects in its frame: the chosen one; of the Track tool, any. */
function correctedObject(tool: Tool, mask: EditMask): TrackShape | undefined {
  const { shape: chosen } = useView.getState();
  const index = tool === 'track' ? trackedIndex(mask, chosen) : chosen;
  const shape = index === null || index === undefined ? undefined : mask.shapes.at(index);
  return shape?.kind === 'track' ? shape : undefined;
}

/** A drag shorter than this many screen pixels is a click. */
const leastDragPx = 5;

/** What was pointed at with the Select tool: a click, or a box. */
function pointedAt({ draft, effect }: Gesture, scale: number): Pointed | null {
  if (draft.kind !== 'box') return null;
  const [[x0, y0], [x1, y1]] = [draft.from, draft.to];
  const takes = effect === 'keep';
  if (takes || Math.hypot(x1 - x0, y1 - y0) * scale < leastDragPx) return { place: draft.from, takes };
  const from: MaskPoint = [Math.min(x0, x1), Math.min(y0, y1)];
  const to: MaskPoint = [Math.max(x0, x1), Math.max(y0, y1)];
  return { place: [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2], box: { from, to }, takes };
}

function store(clip: Clip, { tool, effect, draft }: Gesture): void {
  if (tool === 'select') return;
  const state = useEditor.getState();
  const { frame, paintScope } = state;
  const object = correctedObject(tool, activeEdit(state)?.mask ?? { shapes: [], grow: 0, invert: false });
  if (object !== undefined) {
    const painted = shapeOfDraft(draft, effect, { frame, frames: clip.frames, scope: 'frame' });
    if (painted === null) return;
    const mask = decodeMask(maskTextAt(object, frame) ?? '', clip.width * clip.height);
    paintShape(mask, clip, painted, frame);
    return correct(text(steps[tool]), object, frame, encodeMask(mask));
  }
  const shape = shapeOfDraft(draft, effect, { frame, frames: clip.frames, scope: paintScope });
  if (shape === null) return;
  changeEdit(
    text(steps[tool]),
    (edit) => void edit.mask.shapes.push(shape as (typeof edit.mask.shapes)[number]),
  );
  useView.setState({ shape: (activeEdit(useEditor.getState())?.mask.shapes.length ?? 1) - 1 });
}

/** Whether Enter means the chosen tool: the window has the focus, or the tool itself. */
export function isFree({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  const onTool = target instanceof HTMLElement && target.closest('.tool-column [role="radiogroup"]') !== null;
  return (target === document.body || onTool) && !ctrlKey && !metaKey && !altKey;
}

/** For those who do not point: what the tool draws, in the middle; the arrows move it from there. */
export function placeInMiddle(clip: Clip): void {
  const { tool, brushRadius: radius, brushSoftness: softness } = useEditor.getState();
  if (tool === 'select') return void select({ place: [clip.width / 2, clip.height / 2], takes: false });
  const draft = middleDraft(tool, clip, { radius, softness });
  if (draft === null || tool === 'move') return;
  store(clip, { tool, effect: tool === 'eraser' ? 'keep' : 'remove', draft });
}

interface GestureSurface {
  readonly clip: Clip;
  readonly placement: Placement;
  readonly surface: () => HTMLElement | null;
  readonly tiles: () => TiledCanvas | null;
  readonly redraw: () => void;
  /** What the mask covers at the playhead: [height, width], 0…255. */
  readonly mask: () => Uint8Array;
  readonly drawLive: (live: LiveStroke, points: readonly MaskPoint[]) => void;
}

/** What the pointer draws with a tool: shown while it goes on, a shape of the mask once it is finished. */
export function useMaskGestures({ clip, placement, surface, tiles, redraw, mask, drawLive }: GestureSurface) {
  const gesture = useRef<Gesture | null>(null);
  const pointOf = (event: { clientX: number; clientY: number }): MaskPoint => {
    const box = surface()?.getBoundingClientRect();
    return toClip(placement, [event.clientX - (box?.left ?? 0), event.clientY - (box?.top ?? 0)]);
  };
  const inside = ([x, y]: MaskPoint): MaskPoint => [
    Math.min(clip.width, Math.max(0, x)),
    Math.min(clip.height, Math.max(0, y)),
  ];
  /** Only the new part of a stroke, at once: the screen shows it with the frame that follows the event. */
  const drawSegment = (points: readonly MaskPoint[], radius: number, effect: MaskShape['effect']): void => {
    const { colour } = useEditor.getState().overlay;
    const onScreen = points.map((point) => toScreen(placement, point));
    const reach = radius * placement.scale + 1;
    const box = {
      left: Math.min(...onScreen.map(([x]) => x)) - reach,
      top: Math.min(...onScreen.map(([, y]) => y)) - reach,
      right: Math.max(...onScreen.map(([x]) => x)) + reach,
      bottom: Math.max(...onScreen.map(([, y]) => y)) + reach,
    };
    tiles()?.drawOver(box, (context) => {
      underClip(context, placement);
      context.strokeStyle = colour;
      if (effect === 'keep') context.globalCompositeOperation = 'destination-out';
      drawDraft(context, { kind: 'stroke', points, radius, softness: 0 });
    });
  };
  const finish = (): void => {
    const done = gesture.current;
    gesture.current = null;
    if (done === null) return;
    const { draft } = done;
    if (draft.kind === 'stroke') {
      const tolerance = Math.max(0.5, draft.radius * strokeTolerance);
      done.draft = { ...draft, points: simplifyStroke(draft.points, tolerance) };
    } else if (done.tool === 'lasso' && draft.kind === 'polygon')
      done.draft = { ...draft, points: simplifyStroke(draft.points, 0.75) };
    const pointed = done.tool === 'select' ? pointedAt(done, placement.scale) : null;
    if (pointed !== null) void select(pointed);
    else store(clip, done);
    redraw();
  };
  const start = (event: PointerEvent<HTMLElement>): void => {
    const { tool, brushRadius: radius, brushSoftness: softness } = useEditor.getState();
    if (event.button !== 0 || tool === 'move' || useView.getState().panning) return;
    useEditor.setState({ playRate: 0 });
    const point = pointOf(event);
    if (tool === 'polygon') return addCorner(point, event);
    event.currentTarget.setPointerCapture(event.pointerId);
    // Alt takes from the mask instead.
    const effect = (tool === 'eraser') !== event.altKey ? 'keep' : 'remove';
    if (isBrush(tool)) {
      const draft: Draft = { kind: 'stroke', points: [point], radius, softness };
      if (softness === 0) {
        gesture.current = { tool, effect, draft };
        drawSegment([point], radius, effect);
      } else {
        const live = startLiveStroke(mask(), clip, { radius, softness, effect });
        gesture.current = { tool, effect, draft, live };
        drawLive(live, [point]);
      }
    } else if (tool === 'lasso')
      gesture.current = { tool, effect, draft: { kind: 'polygon', points: [point] } };
    else if (tool === 'select')
      gesture.current = { tool, effect, draft: { kind: 'box', from: inside(point), to: inside(point) } };
    else if (tool === 'box' || tool === 'ellipse')
      gesture.current = { tool, effect, draft: { kind: tool, from: point, to: point } };
  };
  /** A click is a corner; one on the first corner, or a second click in the same place, closes. */
  const addCorner = (point: MaskPoint, event: PointerEvent): void => {
    const { draft } = gesture.current ?? {};
    if (gesture.current === null || draft?.kind !== 'polygon') {
      const effect = event.altKey ? 'keep' : 'remove';
      gesture.current = { tool: 'polygon', effect, draft: { kind: 'polygon', points: [point, point] } };
      return redraw();
    }
    const corners = draft.points.slice(0, -1);
    const near = ([x, y]: MaskPoint): boolean => Math.hypot(x - point[0], y - point[1]) * placement.scale < 8;
    const closes = near(corners[0]) || near(corners[corners.length - 1]);
    gesture.current.draft = { kind: 'polygon', points: closes ? corners : [...corners, point, point] };
    if (closes) finish();
    else redraw();
  };
  const move = (event: PointerEvent<HTMLElement>): void => {
    const going = gesture.current;
    if (going === null) return;
    const { draft } = going;
    const native = event.nativeEvent;
    const coalesced = native.getCoalescedEvents();
    const points = (coalesced.length === 0 ? [native] : coalesced).map(pointOf);
    const last = points[points.length - 1];
    if (draft.kind === 'stroke') {
      const previous = draft.points[draft.points.length - 1];
      if (going.live === undefined) drawSegment([previous, ...points], draft.radius, going.effect);
      else drawLive(going.live, [previous, ...points]);
      (draft.points as MaskPoint[]).push(...points);
      return;
    }
    if (draft.kind !== 'polygon')
      going.draft = { ...draft, to: going.tool === 'select' ? inside(last) : last };
    else if (going.tool === 'lasso') (draft.points as MaskPoint[]).push(...points);
    else going.draft = { ...draft, points: [...draft.points.slice(0, -1), last] };
    redraw();
  };
  return {
    gesture,
    start,
    move,
    end: () => {
      if (gesture.current?.tool !== 'polygon') finish();
    },
    cancel: () => {
      gesture.current = null;
      redraw();
    },
    /** Closes a polygon that is being drawn. */
    close: () => {
      const going = gesture.current;
      if (going?.draft.kind !== 'polygon') return;
      going.draft = { ...going.draft, points: going.draft.points.slice(0, -1) };
      finish();
    },
  };
}
