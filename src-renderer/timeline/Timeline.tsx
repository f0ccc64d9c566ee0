import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { framesPerSecond, type Clip } from '../../src-shared/project/index.ts';
import { useText } from '../i18n/index.ts';
import { activeClip, activeEdit, useEditor } from '../state/editor-store.ts';
import { nameEdits, useFingerprints } from '../state/fingerprints.ts';
import { createFrameCache, loadPicture } from '../state/frame-cache.ts';
import { clearedContext, redrawLater } from '../state/redraw.ts';
import { shownMask, useTracking } from '../state/tracking.ts';
import { ClipTabs } from './ClipTabs.tsx';
import { drawTimeline, rowsOf } from './draw-timeline.ts';
import { shownStates } from './edit-state.ts';
import { Keyframes } from './Keyframes.tsx';
import { Markers } from './Markers.tsx';
import { usePeaks } from './peaks.ts';
import { Playhead } from './Playhead.tsx';
import { deleteKeyframe } from './timeline-actions.ts';
import { clampScale, frameToX } from './timeline-scale.ts';
import { TrackHeads } from './TrackHeads.tsx';
import { useTimelineDrag } from './use-timeline-drag.ts';
import { useTimelineKeys, useTimelineScale } from './use-timeline-scale.ts';
import './timeline.css';

const thumbnailBytes = 16e6;

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

function Tracks({ clip }: { readonly clip: Clip }) {
  const t = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [selectedKey, selectKey] = useState<number | null>(null);
  const media = useEditor((state) => state.opened[clip.id]);
  const jobs = useEditor((state) => state.jobs);
  const named = useFingerprints((state) => state.named);
  const active = useEditor(activeEdit);
  const running = useTracking((state) => state.running);
  const edit = useMemo(() => {
    const mask = shownMask(active);
    return active === undefined || mask === undefined ? undefined : { ...active, mask };
  }, [active, running]);
  const peaks = usePeaks(media);
  const [thumbnails] = useState(() =>
    createFrameCache({ load: loadPicture, maxBytes: thumbnailBytes, maxLoading: 2 }),
  );
  const rows = useMemo(() => rowsOf(clip, media?.hasAudio === true), [clip, media]);
  const states = useMemo(() => shownStates(clip, jobs, named), [clip, jobs, named, t]);
  useEffect(() => {
    // A drag is not asked about at every frame that it passes.
    const timer = setTimeout(() => nameEdits(clip.edits), 100);
    return () => clearTimeout(timer);
  }, [clip.edits]);
  const { frames, frameRate } = clip;
  const [scale, setScale] = useTimelineScale(frames, width, scroller, canvas);
  useTimelineKeys(frames, width, scale, setScale);
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

  const pointer = useTimelineDrag({ clip, edit, rows, scale, onSelectKey: selectKey });

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
          <canvas ref={canvas} className="timeline-canvas" style={{ height }} tabIndex={-1} {...pointer} />
          <Keyframes clip={clip} rows={rows} scale={scale} width={width} onSelect={selectKey} />
          <Markers clip={clip} scale={scale} width={width} />
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
