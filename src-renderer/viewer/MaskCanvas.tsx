import { useCallback, useEffect, useRef, useState, type CSSProperties, type PointerEvent } from 'react';
import type { Rect } from '../../src-shared/core/plan/index.ts';
import type { Clip } from '../../src-shared/project/index.ts';
import type { MaskPoint, MaskShape } from '../../src-shared/project/mask/index.ts';
import { text, type TextKey } from '../i18n/index.ts';
import { activeEdit, changeEdit, useEditor, type Tool } from '../state/editor-store.ts';
import { redrawLater } from '../state/redraw.ts';
import { useView } from '../state/view-store.ts';
import { MaskEdge } from './MaskEdge.tsx';
import { livePart, startLiveStroke, type LivePart, type LiveStroke } from './live-stroke.ts';
import { createMaskPainter } from './mask-painter.ts';
import { middleDraft, shapeOfDraft, type Draft } from './mask-shapes.ts';
import { comparedClips } from './PictureCanvas.tsx';
import { simplifyStroke } from './simplify-stroke.ts';
import { createTiledCanvas, type TiledCanvas } from './tiled-canvas.ts';
import type { ClipPlace } from './use-placement.ts';
import { toClip, toScreen, type Placement } from './view-geometry.ts';

const onionFrames = 4;
const onionColours = { before: '#3aa0ff', after: '#3ad07a' };
/** Clip pixels by which a stored line may pass beside the drawn one, per pixel of the brush's radius; at least half. */
const strokeTolerance = 0.04;
const steps: Readonly<Record<Exclude<Tool, 'move'>, TextKey>> = {
  brush: 'step.stroke',
  eraser: 'step.erase',
  lasso: 'step.lasso',
  box: 'step.box',
  ellipse: 'step.ellipse',
  polygon: 'step.polygon',
};

/** Draws what a gesture has so far, filled, under the clip's transformation. */
function drawDraft(context: CanvasRenderingContext2D, draft: Draft): void {
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

function underClip(context: CanvasRenderingContext2D, { left, top, scale }: Placement): void {
  context.translate(left, top);
  context.scale(scale, scale);
}

/** A gesture that is going on. */
interface Gesture {
  readonly tool: Exclude<Tool, 'move'>;
  readonly effect: MaskShape['effect'];
  draft: Draft;
  /** Of a soft stroke. */
  readonly live?: LiveStroke;
}

function store(clip: Clip, { tool, effect, draft }: Gesture): void {
  const { frame, paintScope } = useEditor.getState();
  const shape = shapeOfDraft(draft, effect, { frame, frames: clip.frames, scope: paintScope });
  if (shape === null) return;
  changeEdit(
    text(steps[tool]),
    (edit) => void edit.mask.shapes.push(shape as (typeof edit.mask.shapes)[number]),
  );
  useView.setState({ shape: (activeEdit(useEditor.getState())?.mask.shapes.length ?? 1) - 1 });
}

/** Whether Enter means the chosen tool: the window has the focus, or the tool itself. */
function isFree({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  const onTool = target instanceof HTMLElement && target.closest('.tool-column [role="radiogroup"]') !== null;
  return (target === document.body || onTool) && !ctrlKey && !metaKey && !altKey;
}

/** For those who do not point: what the tool draws, in the middle; the arrows move it from there. */
function placeInMiddle(clip: Clip): void {
  const { tool, brushRadius: radius, brushSoftness: softness } = useEditor.getState();
  const draft = middleDraft(tool, clip, { radius, softness });
  if (draft === null || tool === 'move') return;
  store(clip, { tool, effect: tool === 'eraser' ? 'keep' : 'remove', draft });
}

function useGestures(
  clip: Clip,
  placement: Placement,
  surface: () => HTMLElement | null,
  tiles: () => TiledCanvas | null,
  redraw: () => void,
  mask: () => Uint8Array,
  drawLive: (live: LiveStroke, points: readonly MaskPoint[]) => void,
) {
  const gesture = useRef<Gesture | null>(null);
  const pointOf = (event: { clientX: number; clientY: number }): MaskPoint => {
    const box = surface()?.getBoundingClientRect();
    return toClip(placement, [event.clientX - (box?.left ?? 0), event.clientY - (box?.top ?? 0)]);
  };
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
    store(clip, done);
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
    if (tool === 'brush' || tool === 'eraser') {
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
    else gesture.current = { tool, effect, draft: { kind: tool, from: point, to: point } };
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
    if (draft.kind !== 'polygon') going.draft = { ...draft, to: last };
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

/** The mask over the picture, and the tools that draw it. */
export function MaskCanvas({ clip, where }: { readonly clip: Clip; readonly where: ClipPlace }) {
  const surface = useRef<HTMLDivElement>(null);
  const tiles = useRef<TiledCanvas | null>(null);
  const host = useRef<HTMLDivElement>(null);
  const schedule = useRef(() => {});
  const drawLive = useRef<(live: LiveStroke, points: readonly MaskPoint[]) => void>(() => {});
  const cursor = useRef<HTMLDivElement>(null);
  const tool = useEditor((state) => state.tool);
  const radius = useEditor((state) => state.brushRadius);
  const softness = useEditor((state) => state.brushSoftness);
  const opacity = useEditor((state) => state.overlay.opacity);
  const panning = useView((state) => state.panning);
  const [painter] = useState(createMaskPainter);
  const { place, placement } = where;
  const gestures = useGestures(
    clip,
    placement,
    () => surface.current,
    () => tiles.current,
    () => schedule.current(),
    () => {
      const state = useEditor.getState();
      const { mask } = activeEdit(state) ?? {};
      return mask === undefined || !state.overlay.shown
        ? new Uint8Array(clip.width * clip.height)
        : painter.coverage(mask, clip, state.frame);
    },
    (live, points) => drawLive.current(live, points),
  );
  const { gesture, cancel, close } = gestures;
  const painting = useCallback(() => gesture.current !== null, [gesture]);

  useEffect(() => {
    if (host.current === null) return;
    tiles.current ??= createTiledCanvas(host.current);
    const canvas = tiles.current;
    const drawMask = (context: CanvasRenderingContext2D, drawPicture?: () => void): void => {
      const state = useEditor.getState();
      const mask = activeEdit(state)?.mask;
      const { compare } = comparedClips();
      if (mask === undefined || compare === 'after' || compare === 'difference') return;
      const { onionSkin, wipe } = useView.getState();
      if (compare === 'wipe') {
        context.beginPath();
        context.rect(0, 0, placement.left + clip.width * placement.scale * wipe, place.height);
        context.clip();
      }
      underClip(context, placement);
      context.beginPath();
      context.rect(0, 0, clip.width, clip.height);
      context.clip();
      context.imageSmoothingEnabled = placement.scale < 3;
      if (onionSkin) {
        context.globalAlpha = 0.6;
        const { before, after } = onionColours;
        for (const [distance, colour] of [[-onionFrames, before] as const, [onionFrames, after] as const]) {
          const frame = state.frame + distance;
          if (frame >= 0 && frame < clip.frames)
            context.drawImage(painter.picture(mask, clip, frame, colour), 0, 0);
        }
        context.globalAlpha = 1;
      }
      const { colour } = state.overlay;
      if (drawPicture !== undefined) drawPicture();
      else if (state.overlay.shown) context.drawImage(painter.picture(mask, clip, state.frame, colour), 0, 0);
      if (gesture.current !== null && gesture.current.live === undefined) {
        context.fillStyle = colour;
        context.strokeStyle = colour;
        if (gesture.current.effect === 'keep') context.globalCompositeOperation = 'destination-out';
        drawDraft(context, gesture.current.draft);
      }
    };
    const part = document.createElement('canvas');
    const partOf = (live: LiveStroke, rect: Rect): LivePart =>
      livePart(live, rect, clip, placement, useEditor.getState().overlay.colour, part);
    drawLive.current = (live, points) => {
      const { box, draw } = partOf(live, live.extend(points));
      canvas.drawOver(box, (context) => draw(context, drawMask));
    };
    const { schedule: later, stop } = redrawLater(() => {
      const live = gesture.current?.live;
      const drawn = live && partOf(live, live.touched());
      canvas.redraw(place.width, place.height, (context) => {
        context.save();
        drawMask(context);
        context.restore();
        drawn?.draw(context, drawMask);
      });
    });
    schedule.current = later;
    const stops = [useEditor.subscribe(later), useView.subscribe(later), stop];
    return () => {
      for (const end of stops) end();
    };
  }, [painter, clip, placement, place.width, place.height, gesture]);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (gesture.current === null) {
        if (event.key === 'Enter' && isFree(event)) placeInMiddle(clip);
        return;
      }
      if (event.key === 'Escape') cancel();
      else if (event.key === 'Enter') close();
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown, true);
    return () => window.removeEventListener('keydown', onKeyDown, true);
  });

  const brush = tool === 'brush' || tool === 'eraser';
  const across = Math.max(2, radius * 2 * placement.scale);
  return (
    <div
      ref={surface}
      className="viewer-surface"
      data-tool={tool}
      style={{ pointerEvents: tool === 'move' || panning ? 'none' : 'auto' }}
      onPointerDown={gestures.start}
      onPointerMove={(event) => {
        gestures.move(event);
        const box = event.currentTarget.getBoundingClientRect();
        const ring = cursor.current;
        if (ring === null) return;
        ring.style.translate = `${event.clientX - box.left}px ${event.clientY - box.top}px`;
        ring.style.visibility = 'visible';
      }}
      onPointerLeave={() => {
        if (cursor.current !== null) cursor.current.style.visibility = 'hidden';
      }}
      onPointerUp={gestures.end}
      onPointerCancel={cancel}
    >
      <div
        ref={host}
        className="viewer-tiles"
        style={{ '--opacity': opacity } as CSSProperties}
        aria-hidden
      />
      <MaskEdge clip={clip} where={where} painter={painter} painting={painting} />
      {brush && (
        <div
          ref={cursor}
          className="brush-cursor"
          style={{ width: across, height: across, visibility: 'hidden' }}
        >
          {softness > 0 && softness < 1 && (
            <div className="brush-core" style={{ inset: `${(softness * 100) / 2}%` }} />
          )}
        </div>
      )}
    </div>
  );
}
