import { useEffect, useMemo, useState, type RefObject } from 'react';
import { useEditor } from '../state/editor-store.ts';
import { isTaken, keysOf } from '../state/key-events.ts';
import { commandOf } from '../state/key-map.ts';
import { goToKeyframe, toggleKeyframe } from './timeline-actions.ts';
import { clampScale, frameToX, wholeClip, zoomAt, type TimelineScale } from './timeline-scale.ts';

/**
 * Which frames the timeline shows, and how wide: the whole clip at first; the wheel scrolls and, with Ctrl, zooms.
 * @param width of the canvas, in CSS pixels
 */
export function useTimelineScale(
  frames: number,
  width: number,
  scroller: RefObject<HTMLElement | null>,
  canvas: RefObject<HTMLElement | null>,
): readonly [TimelineScale, (scale: TimelineScale) => void] {
  const [chosenScale, setScale] = useState<TimelineScale | null>(null);
  const scale = useMemo(
    () => clampScale(chosenScale ?? wholeClip(frames, width), frames, width),
    [chosenScale, frames, width],
  );
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const onWheel = (event: WheelEvent): void => {
      const box = canvas.current?.getBoundingClientRect();
      if (box === undefined) return;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        setScale(zoomAt(scale, 2 ** (-event.deltaY / 240), event.clientX - box.left, frames, width));
        return;
      }
      // Rows that do not fit are reached with Shift, or with the scroll bar.
      const moved = event.deltaX === 0 ? event.deltaY : event.deltaX;
      if (event.shiftKey) return;
      event.preventDefault();
      setScale(
        clampScale({ ...scale, firstFrame: scale.firstFrame + moved / scale.pxPerFrame }, frames, width),
      );
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [scale, frames, width]);

  return [scale, setScale];
}

/** The timeline’s own keys: zoom, and keyframes. */
export function useTimelineKeys(
  frames: number,
  width: number,
  scale: TimelineScale,
  setScale: (scale: TimelineScale) => void,
): void {
  useEffect(() => {
    const zoom = (factor: number): void => {
      // About the playhead while it is in sight, else about the middle.
      const x = frameToX(scale, useEditor.getState().frame + 0.5);
      setScale(zoomAt(scale, factor, x < 0 || x > width ? width / 2 : x, frames, width));
    };
    const actions: Readonly<Record<string, () => void>> = {
      'Ctrl+ArrowRight': () => zoom(2),
      'Ctrl+ArrowLeft': () => zoom(1 / 2),
      ArrowUp: () => goToKeyframe(-1),
      ArrowDown: () => goToKeyframe(1),
    };
    const onKeyDown = (event: globalThis.KeyboardEvent): void => {
      if (event.defaultPrevented || event.altKey || isTaken(event.target, event.key)) return;
      const keys = keysOf(event);
      const action = commandOf(keys) === 'keyframe' ? toggleKeyframe : actions[keys];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [scale, setScale, frames, width]);
}
