import { useEffect, useRef } from 'react';
import type { Clip, EditMask } from '../../src-shared/project/index.ts';
import { activeEdit, useEditor } from '../state/editor-store.ts';
import { clearedContext, redrawLater } from '../state/redraw.ts';
import { shownMask, useTracking } from '../state/tracking.ts';
import { useView } from '../state/view-store.ts';
import type { MaskPainter } from './mask-painter.ts';
import { comparedClips } from './PictureCanvas.tsx';
import type { ClipPlace } from './use-placement.ts';

/** Slow enough to be quiet at the edge of the eye. */
const marchMs = 110;
const dashPx = 4;
/** The next stroke, or the next frame of a drag, does not wait for an edge to be found. */
const restMs = 150;

/** Slanting stripes, dark and light: a line drawn with them is dashed whatever its direction, and marches as they move. */
function stripes(context: CanvasRenderingContext2D, ratio: number): CanvasPattern {
  const edge = Math.round(dashPx * ratio) * 2;
  const tile = new OffscreenCanvas(edge, edge);
  const draw = tile.getContext('2d') as OffscreenCanvasRenderingContext2D;
  const image = new ImageData(edge, edge);
  for (let y = 0; y < edge; y++)
    for (let x = 0; x < edge; x++)
      image.data.set((x + y) % edge < edge / 2 ? [255, 255, 255, 255] : [0, 0, 0, 255], (y * edge + x) * 4);
  draw.putImageData(image, 0, 0);
  return context.createPattern(tile, 'repeat') as CanvasPattern;
}

/** The active edit's mask has an edge that marches; it stands while something plays, and for who wants no motion. */
export function MaskEdge({
  clip,
  where,
  painter,
  painting,
}: {
  readonly clip: Clip;
  readonly where: ClipPlace;
  readonly painter: MaskPainter;
  /** A stroke is being drawn; its edge is not known before it ends. */
  readonly painting: () => boolean;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { place, placement } = where;
  useEffect(() => {
    const still = window.matchMedia('(prefers-reduced-motion: reduce)');
    let step = 0;
    /** For the mask and the frame to stay as they are. */
    let waits: { mask: EditMask; frame: number; timer: ReturnType<typeof setTimeout> } | null = null;
    let rested = false;
    const { schedule, stop } = redrawLater(() => {
      const element = canvas.current;
      // Before its place is known.
      if (element === null || place.width < 1 || place.height < 1) return;
      const state = useEditor.getState();
      const mask = shownMask(activeEdit(state));
      const { compare } = comparedClips();
      const hidden = !state.overlay.shown || compare === 'after' || compare === 'difference';
      // While it plays, every frame may have another edge; to find it takes longer than a frame.
      const absent = mask === undefined || hidden || state.playRate !== 0 || painting();
      // An empty canvas would still be composed with every picture.
      element.hidden = absent || (mask.shapes.length === 0 && !mask.invert);
      if (absent || element.hidden) return;
      if (!rested && !painter.knowsEdge(mask, clip, state.frame)) {
        element.hidden = true;
        if (waits?.mask === mask && waits.frame === state.frame) return;
        clearTimeout(waits?.timer);
        const timer = setTimeout(() => {
          rested = true;
          schedule();
        }, restMs);
        waits = { mask, frame: state.frame, timer };
        return;
      }
      waits = null;
      rested = false;
      const edge = painter.edge(mask, clip, state.frame);
      const context = clearedContext(element, place.width, place.height);
      const ratio = window.devicePixelRatio;
      const { left, top, scale } = placement;
      if (compare === 'wipe') {
        context.beginPath();
        context.rect(0, 0, left + clip.width * scale * useView.getState().wipe, place.height);
        context.clip();
      }
      const onScreen = new Path2D();
      onScreen.addPath(edge, new DOMMatrix([scale * ratio, 0, 0, scale * ratio, left * ratio, top * ratio]));
      const pattern = stripes(context, ratio);
      pattern.setTransform(new DOMMatrix().translate(step, 0));
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.strokeStyle = pattern;
      context.lineWidth = Math.max(1, ratio);
      context.stroke(onScreen);
    });
    const march = setInterval(() => {
      if (still.matches || document.hidden || useEditor.getState().playRate !== 0 || painting()) return;
      step = (step + 1) % (dashPx * 2);
      schedule();
    }, marchMs);
    const stops = [
      useEditor.subscribe(schedule),
      useView.subscribe(schedule),
      useTracking.subscribe(schedule),
      stop,
    ];
    return () => {
      clearInterval(march);
      clearTimeout(waits?.timer);
      for (const end of stops) end();
    };
  }, [painter, painting, clip, placement, place.width, place.height]);
  return <canvas ref={canvas} className="viewer-canvas" style={{ width: place.width }} aria-hidden />;
}
