import {
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type PointerEvent,
} from 'react';
import type { JobRow } from '../../src-shared/ipc/index.ts';
import { framesPerSecond, timecode, type Clip } from '../../src-shared/project/index.ts';
import { text, useText } from '../i18n/index.ts';
import { hasChangedSince, useFingerprints, type NamedEdit } from '../state/fingerprints.ts';
import { activeClip, activeEdit, goToFrame, useEditor } from '../state/editor-store.ts';
import { createFrameCache, loadPicture } from '../state/frame-cache.ts';
import { isTaken, keysOf } from '../state/key-events.ts';
import { goToEnd, setRangePoint, stepFrames } from '../state/playing.ts';
import { clearedContext, redrawLater } from '../state/redraw.ts';
import { ClipTabs } from './ClipTabs.tsx';
import { drawTimeline, rowsOf, type TimelineView } from './draw-timeline.ts';
import { editState } from './edit-state.ts';
import { Keyframes } from './Keyframes.tsx';
import { keyframesOf, withKeysMoved } from './keyframe-rows.ts';
import { usePeaks } from './peaks.ts';
import { changeMask, deleteKeyframe, goToKeyframe, toggleKeyframe } from './timeline-actions.ts';
import {
  clampScale,
  frameToX,
  snapFrame,
  wholeClip,
  xToFrame,
  zoomAt,
  type TimelineScale,
} from './timeline-scale.ts';
import { TrackHeads } from './TrackHeads.tsx';
import './timeline.css';

const thumbnailBytes = 16e6;
const snapPx = 6;

/** The active clip's pictures, mask, edits and sound along its frames. */
export function Timeline() {
  const clip = useEditor(activeClip);
  if (clip === undefined) return null;
  return (
    <div className="timeline">
      <ClipTabs />
      <Tracks key={clip.id} clip={clip} />
    </div>
  );
}

function stateTexts(
  clip: Clip,
  jobs: readonly JobRow[],
  named: readonly NamedEdit[],
): TimelineView['states'] {
  return Object.fromEntries(
    clip.edits.map((edit) => {
      const { state, share } = editState(edit, jobs, hasChangedSince(edit, clip.range, named));
      const written = state === 'running' ? `${Math.round(share * 100)} %` : text(`timeline.${state}`);
      return [edit.id, { state, share, text: written }];
    }),
  );
}

type Drag =
  | { readonly kind: 'playhead' }
  | { readonly kind: 'in' | 'out'; readonly gesture: string }
  | { readonly kind: 'key'; readonly gesture: string; frame: number };

let gestures = 0;

function Tracks({ clip }: { readonly clip: Clip }) {
  const t = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [chosenScale, setScale] = useState<TimelineScale | null>(null);
  const [selectedKey, selectKey] = useState<number | null>(null);
  const media = useEditor((state) => state.opened[clip.id]);
  const jobs = useEditor((state) => state.jobs);
  const named = useFingerprints((state) => state.named);
  const edit = useEditor(activeEdit);
  const peaks = usePeaks(media);
  const drag = useRef<Drag | null>(null);
  const [thumbnails] = useState(() =>
    createFrameCache({ load: loadPicture, maxBytes: thumbnailBytes, maxLoading: 2 }),
  );
  const rows = useMemo(() => rowsOf(clip, media?.hasAudio === true), [clip, media]);
  const states = useMemo(() => stateTexts(clip, jobs, named), [clip, jobs, named, t]);
  const { frames, frameRate } = clip;
  const scale = useMemo(
    () => clampScale(chosenScale ?? wholeClip(frames, width), frames, width),
    [chosenScale, frames, width],
  );
  const last = rows[rows.length - 1];
  const height = last.top + last.height;

  useLayoutEffect(() => {
    const watched = canvas.current?.parentElement;
    if (watched === null || watched === undefined) return;
    const observer = new ResizeObserver(([{ contentRect }]) => setWidth(contentRect.width));
    observer.observe(watched);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const { schedule, stop } = redrawLater(() => {
      const element = canvas.current;
      if (element === null || width === 0) return;
      const { frame, playRate } = useEditor.getState();
      const x = frameToX(scale, frame);
      // Turns the page while it plays.
      if (playRate !== 0 && (x < 0 || x > width)) {
        const page = playRate > 0 ? frame : frame - width / scale.pxPerFrame;
        const turned = clampScale({ ...scale, firstFrame: page }, frames, width);
        if (turned.firstFrame !== scale.firstFrame) return setScale(turned);
      }
      drawTimeline(clearedContext(element, width, height), {
        clip,
        media,
        rows,
        scale,
        width,
        height,
        frame,
        edit,
        states,
        selectedKey,
        peaks,
        thumbnails,
      });
    });
    const themed = new MutationObserver(schedule);
    themed.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const unsubscribe = useEditor.subscribe(({ frame }, before) => {
      if (frame !== before.frame) schedule();
    });
    const unlisten = thumbnails.onArrival(schedule);
    return () => {
      for (const end of [stop, unsubscribe, unlisten, () => themed.disconnect()]) end();
    };
  }, [clip, media, rows, scale, width, height, frames, edit, states, selectedKey, peaks, thumbnails]);

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
      'Shift+K': toggleKeyframe,
    };
    const onKeyDown = (event: globalThis.KeyboardEvent): void => {
      if (event.defaultPrevented || event.altKey || isTaken(event.target, event.key)) return;
      const action = actions[keysOf(event)];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [scale, frames, width]);

  const range = clip.range ?? { startFrame: 0, endFrame: frames };
  const keys = edit === undefined ? [] : keyframesOf(edit.mask);

  const onPointerDown = (event: PointerEvent<HTMLCanvasElement>): void => {
    if (event.button !== 0) return;
    const box = event.currentTarget.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const row = rows.find(({ top, height: rowHeight }) => y >= top && y < top + rowHeight);
    if (row === undefined) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    selectKey(null);
    if (row.editId !== undefined) useEditor.setState({ editId: row.editId });
    const near = (at: number): boolean => Math.abs(frameToX(scale, at) - x) <= snapPx;
    const key = row.kind === 'mask' ? keys.find((frame) => near(frame + 0.5)) : undefined;
    const gesture = `timeline-${++gestures}`;
    if (key !== undefined) {
      selectKey(key);
      drag.current = { kind: 'key', gesture, frame: key };
    } else if (row.kind === 'ruler' && near(range.startFrame)) drag.current = { kind: 'in', gesture };
    else if (row.kind === 'ruler' && near(range.endFrame)) drag.current = { kind: 'out', gesture };
    else if (row.kind !== 'edit') {
      drag.current = { kind: 'playhead' };
      onPointerMove(event);
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
      selectKey(frame);
    } else if (dragged.kind === 'in') {
      const frame = inClip(snapFrame(scale, at, [playhead, ...keys], reach));
      if (frame < range.endFrame) setRangePoint('in', frame, dragged.gesture);
    } else {
      const frame = inClip(snapFrame(scale, at, [playhead + 1, ...keys.map((key) => key + 1)], reach) - 1);
      if (frame >= range.startFrame) setRangePoint('out', frame, dragged.gesture);
    }
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if ((event.key !== 'Delete' && event.key !== 'Backspace') || selectedKey === null) return;
    event.preventDefault();
    deleteKeyframe(selectedKey);
    selectKey(null);
  };

  return (
    <div ref={scroller} className="timeline-scroll" onKeyDown={onKeyDown}>
      <div className="timeline-rows" style={{ height }}>
        <TrackHeads clip={clip} rows={rows} />
        <div className="timeline-canvas-place">
          <canvas
            ref={canvas}
            className="timeline-canvas"
            style={{ height }}
            tabIndex={-1}
            onPointerDown={onPointerDown}
            onPointerMove={onPointerMove}
            onPointerUp={() => {
              drag.current = null;
            }}
            onPointerCancel={() => {
              drag.current = null;
            }}
          />
          <Keyframes clip={clip} rows={rows} scale={scale} width={width} onSelect={selectKey} />
          <Playhead
            clip={clip}
            scale={scale}
            perSecond={Math.max(1, Math.round(framesPerSecond(frameRate)))}
          />
        </div>
      </div>
    </div>
  );
}

/** The playhead for keyboard and screen reader; it is drawn on the canvas. */
function Playhead({
  clip,
  scale,
  perSecond,
}: {
  readonly clip: Clip;
  readonly scale: TimelineScale;
  readonly perSecond: number;
}) {
  const t = useText();
  const frame = useEditor((state) => state.frame);
  const moves: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => stepFrames(-1),
    ArrowRight: () => stepFrames(1),
    ArrowDown: () => stepFrames(-1),
    ArrowUp: () => stepFrames(1),
    PageDown: () => stepFrames(-perSecond),
    PageUp: () => stepFrames(perSecond),
    Home: () => goToEnd('first'),
    End: () => goToEnd('last'),
  };
  return (
    <div
      className="playhead"
      role="slider"
      tabIndex={0}
      aria-label={t('timeline.playhead')}
      aria-valuemin={0}
      aria-valuemax={clip.frames - 1}
      aria-valuenow={frame}
      aria-valuetext={timecode(frame, clip.frameRate)}
      style={{ transform: `translateX(${Math.round(frameToX(scale, frame + 0.5)) - 7}px)` }}
      onKeyDown={(event) => {
        const move = event.ctrlKey || event.metaKey || event.altKey ? undefined : moves[event.key];
        if (move === undefined) return;
        event.preventDefault();
        move();
      }}
    />
  );
}
