import { useRef, type PointerEvent } from 'react';
import type { Clip, Edit, FrameRange } from '../../src-shared/project/index.ts';
import { activeClip, goToFrame, useEditor } from '../state/editor-store.ts';
import { changeRange, setRangePoint, withinClip, type RangeOf } from '../state/playing.ts';
import { headBottom, pointsTop, type Row } from './draw-timeline.ts';
import { keyframesOf, withKeysMoved } from './keyframe-rows.ts';
import { changeMask, copyEdit } from './timeline-actions.ts';
import { frameToX, snapFrame, xToFrame, type TimelineScale } from './timeline-scale.ts';

const snapPx = 6;

/** What the pointer drags; `gesture` joins its changes into one step of the history. */
type Drag =
  | { readonly kind: 'playhead' }
  | { readonly kind: 'in' | 'out'; readonly of: RangeOf; readonly gesture: string }
  | {
      readonly kind: 'move';
      readonly editId: string;
      readonly from: FrameRange;
      readonly at: number;
      readonly gesture: string;
    }
  | { readonly kind: 'key'; readonly gesture: string; frame: number };

let gestures = 0;

interface DragPlace {
  readonly clip: Clip;
  readonly edit: Edit | undefined;
  readonly rows: readonly Row[];
  readonly scale: TimelineScale;
  readonly onSelectKey: (frame: number | null) => void;
}

/**
 * Drags playhead, in and out point, keyframes and the regions of edits over the canvas: a region by its ends or as a
 * whole, with Alt a copy of it. Each snaps to the others, unless Alt is held.
 */
export function useTimelineDrag({ clip, edit, rows, scale, onSelectKey }: DragPlace) {
  const drag = useRef<Drag | null>(null);
  const { frames } = clip;
  const range = clip.range ?? { startFrame: 0, endFrame: frames };
  const rangeOfEdit = (editId: string): FrameRange =>
    activeClip(useEditor.getState())?.edits.find(({ id }) => id === editId)?.range ?? {
      startFrame: 0,
      endFrame: frames,
    };
  const keys = edit === undefined ? [] : keyframesOf(edit.mask);

  const onPointerDown = (event: PointerEvent<HTMLCanvasElement>): void => {
    if (event.button !== 0) return;
    const box = event.currentTarget.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const row = rows.find(({ top, height: rowHeight }) => y >= top && y < top + rowHeight);
    if (row === undefined) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    onSelectKey(null);
    if (row.editId !== undefined) useEditor.setState({ editId: row.editId });
    const near = (at: number): boolean => Math.abs(frameToX(scale, at) - x) <= snapPx;
    const key = row.kind === 'mask' ? keys.find((frame) => near(frame + 0.5)) : undefined;
    const playheadX = frameToX(scale, useEditor.getState().frame + 0.5);
    const onHead = y < headBottom && Math.abs(playheadX - x) <= snapPx;
    const onPoints = row.kind === 'ruler' && y >= pointsTop && !onHead;
    const gesture = `timeline-${++gestures}`;
    if (key !== undefined) {
      onSelectKey(key);
      drag.current = { kind: 'key', gesture, frame: key };
    } else if (onPoints && near(range.startFrame)) drag.current = { kind: 'in', of: 'clip', gesture };
    else if (onPoints && near(range.endFrame)) drag.current = { kind: 'out', of: 'clip', gesture };
    else if (row.editId === undefined) {
      drag.current = { kind: 'playhead' };
      onPointerMove(event);
    } else {
      const region = rangeOfEdit(row.editId);
      const of = { editId: row.editId };
      if (near(region.startFrame)) drag.current = { kind: 'in', of, gesture };
      else if (near(region.endFrame)) drag.current = { kind: 'out', of, gesture };
      else if (xToFrame(scale, x) > region.startFrame && xToFrame(scale, x) < region.endFrame)
        drag.current = {
          kind: 'move',
          editId: event.altKey ? copyEdit(row.editId) : row.editId,
          from: region,
          at: xToFrame(scale, x),
          gesture,
        };
    }
  };

  const onPointerMove = (event: PointerEvent<HTMLCanvasElement>): void => {
    const dragged = drag.current;
    if (dragged === null) return;
    const at = xToFrame(scale, event.clientX - event.currentTarget.getBoundingClientRect().left);
    const reach = event.altKey ? 0 : snapPx;
    const playhead = useEditor.getState().frame;
    const inClip = (frame: number): number => Math.min(frames - 1, Math.max(0, frame));
    if (dragged.kind === 'playhead') {
      useEditor.setState({ playRate: 0 });
      // A frame is as wide as its time: the pointer anywhere in it shows it.
      const marks = [range.startFrame, range.endFrame - 1, ...keys];
      goToFrame(snapFrame(scale, Math.floor(at), marks, reach));
    } else if (dragged.kind === 'key') {
      const marks = [playhead, range.startFrame, range.endFrame - 1];
      const frame = inClip(snapFrame(scale, Math.floor(at), marks, reach));
      if (frame === dragged.frame || keys.includes(frame)) return;
      const from = dragged.frame;
      changeMask('step.moveKey', (mask) => withKeysMoved(mask, from, frame), dragged.gesture);
      dragged.frame = frame;
      onSelectKey(frame);
    } else if (dragged.kind === 'move') {
      const { from, editId } = dragged;
      const length = from.endFrame - from.startFrame;
      const to = snapFrame(
        scale,
        from.startFrame + at - dragged.at,
        [playhead, range.startFrame, ...keys],
        reach,
      );
      const startFrame = Math.min(frames - length, Math.max(0, to));
      const moved = { startFrame, endFrame: startFrame + length };
      if (startFrame === rangeOfEdit(editId).startFrame) return;
      changeRange({ editId }, 'step.moveEdit', () => withinClip(moved, frames), dragged.gesture);
    } else {
      const { of, kind } = dragged;
      const now = of === 'clip' ? range : rangeOfEdit(of.editId);
      const marks = [playhead, ...keys, ...(of === 'clip' ? [] : [range.startFrame, range.endFrame - 1])];
      const frame =
        kind === 'in'
          ? inClip(snapFrame(scale, at, marks, reach))
          : inClip(
              snapFrame(
                scale,
                at,
                marks.map((mark) => mark + 1),
                reach,
              ) - 1,
            );
      const isRight = kind === 'in' ? frame < now.endFrame : frame >= now.startFrame;
      if (isRight) setRangePoint(of, kind, frame, dragged.gesture);
    }
  };

  const end = (): void => {
    drag.current = null;
  };
  return { onPointerDown, onPointerMove, onPointerUp: end, onPointerCancel: end };
}
