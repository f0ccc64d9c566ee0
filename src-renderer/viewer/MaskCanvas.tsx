import { useCallback, useEffect, useRef, useState, type CSSProperties } from 'react';
import type { Rect } from '../../src-shared/core/plan/index.ts';
import type { Clip } from '../../src-shared/project/index.ts';
import type { MaskPoint } from '../../src-shared/project/mask/index.ts';
import { activeEdit, useEditor } from '../state/editor-store.ts';
import { redrawLater } from '../state/redraw.ts';
import { useSelecting } from '../state/selecting.ts';
import { shownMask, useTracking } from '../state/tracking.ts';
import { useView } from '../state/view-store.ts';
import { drawMask } from './draw-mask.ts';
import { livePart, type LivePart, type LiveStroke } from './live-stroke.ts';
import { createMaskPainter } from './mask-painter.ts';
import { MaskEdge } from './MaskEdge.tsx';
import { createTiledCanvas, type TiledCanvas } from './tiled-canvas.ts';
import { isBrush, isFree, placeInMiddle, useMaskGestures } from './use-mask-gestures.ts';
import type { ClipPlace } from './use-placement.ts';

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
  const selecting = useSelecting((state) => state.running);
  const panning = useView((state) => state.panning);
  const [painter] = useState(createMaskPainter);
  const { place, placement } = where;
  const gestures = useMaskGestures({
    clip,
    placement,
    surface: () => surface.current,
    tiles: () => tiles.current,
    redraw: () => schedule.current(),
    mask: () => {
      const state = useEditor.getState();
      const mask = shownMask(activeEdit(state));
      return mask === undefined || !state.overlay.shown
        ? new Uint8Array(clip.width * clip.height)
        : painter.coverage(mask, clip, state.frame);
    },
    drawLive: (live, points) => drawLive.current(live, points),
  });
  const { gesture, cancel, close } = gestures;
  const painting = useCallback(() => gesture.current !== null, [gesture]);

  useEffect(() => {
    if (host.current === null) return;
    tiles.current ??= createTiledCanvas(host.current);
    const canvas = tiles.current;
    const drawMaskOn = (context: CanvasRenderingContext2D, drawPicture?: () => void): void =>
      drawMask(context, { painter, clip, where, gesture: gesture.current }, drawPicture);
    const part = document.createElement('canvas');
    const partOf = (live: LiveStroke, rect: Rect): LivePart =>
      livePart(live, rect, clip, placement, useEditor.getState().overlay.colour, part);
    drawLive.current = (live, points) => {
      const { box, draw } = partOf(live, live.extend(points));
      canvas.drawOver(box, (context) => draw(context, drawMaskOn));
    };
    const { schedule: later, stop } = redrawLater(() => {
      const live = gesture.current?.live;
      const drawn = live && partOf(live, live.touched());
      canvas.redraw(place.width, place.height, (context) => {
        context.save();
        drawMaskOn(context);
        context.restore();
        drawn?.draw(context, drawMaskOn);
      });
    });
    schedule.current = later;
    const stops = [useEditor.subscribe(later), useView.subscribe(later), useTracking.subscribe(later), stop];
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

  const brush = isBrush(tool);
  const across = Math.max(2, radius * 2 * placement.scale);
  return (
    <div
      ref={surface}
      className="viewer-surface"
      data-tool={tool}
      data-busy={tool === 'select' && selecting}
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
