import { useEffect, useRef, type KeyboardEvent, type PointerEvent } from 'react';
import type { Clip } from '../../src-shared/project/index.ts';
import { useText } from '../i18n/index.ts';
import { activeClip, activeEdit, useEditor } from '../state/editor-store.ts';
import { isTyping } from '../state/key-events.ts';
import { trackedIndex } from '../state/tracking.ts';
import { useView } from '../state/view-store.ts';
import { LatentOverlay } from './LatentOverlay.tsx';
import { MaskCanvas } from './MaskCanvas.tsx';
import { CornerHandles } from './CornerHandles.tsx';
import { comparedClips, PictureCanvas } from './PictureCanvas.tsx';
import { shapeAction } from './shape-keys.ts';
import { ShapeHandles } from './ShapeHandles.tsx';
import { SourceOverlay } from './SourceOverlay.tsx';
import { TokenOverlay } from './TokenOverlay.tsx';
import { Transport } from './Transport.tsx';
import { usePlacement, type ClipPlace } from './use-placement.ts';
import { clampPan, zoomAbout } from './view-geometry.ts';
import './viewer.css';

/** The active clip's picture with its mask, and the controls of playing below it. */
export function Viewer() {
  const clip = useEditor(activeClip);
  return clip === undefined ? null : <ClipViewer clip={clip} />;
}

/** Ctrl+wheel zooms about the pointer, a wheel alone pans, as does a drag with the middle button or Space. */
function usePanAndZoom(clip: Clip, { place }: ClipPlace) {
  const stage = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = stage.current;
    if (element === null) return;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const { pan, shownZoom } = useView.getState();
      const box = element.getBoundingClientRect();
      const at = [(event.clientX - box.left) % place.width, event.clientY - box.top] as const;
      if (event.ctrlKey || event.metaKey) {
        const next = zoomAbout(place, pan, shownZoom, 2 ** (-event.deltaY / 240), at);
        useView.setState({ zoom: next.zoom, pan: clampPan(place, clip, next.zoom, next.pan, 48) });
      } else {
        const moved = [pan[0] - event.deltaX, pan[1] - event.deltaY] as const;
        useView.setState({ pan: clampPan(place, clip, shownZoom, moved, 48) });
      }
    };
    // React's own listener is passive and could not keep the page from zooming.
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [clip, place]);
  const onPointerDownCapture = (event: PointerEvent<HTMLDivElement>): void => {
    const { panning, pan: from, shownZoom } = useView.getState();
    if (event.button !== 1 && !(event.button === 0 && panning)) return;
    event.preventDefault();
    event.stopPropagation();
    const element = event.currentTarget;
    element.setPointerCapture(event.pointerId);
    const [startX, startY] = [event.clientX, event.clientY];
    const onMove = ({ clientX, clientY }: globalThis.PointerEvent): void => {
      const moved = [from[0] + clientX - startX, from[1] + clientY - startY] as const;
      useView.setState({ pan: clampPan(place, clip, shownZoom, moved, 48), panned: true });
    };
    const onEnd = (): void => {
      element.removeEventListener('pointermove', onMove);
      element.removeEventListener('pointerup', onEnd);
      element.removeEventListener('pointercancel', onEnd);
    };
    element.addEventListener('pointermove', onMove);
    element.addEventListener('pointerup', onEnd);
    element.addEventListener('pointercancel', onEnd);
  };
  return { stage, onPointerDownCapture };
}

function ClipViewer({ clip }: { readonly clip: Clip }) {
  const holder = useRef<HTMLDivElement>(null);
  const where = usePlacement(holder, clip);
  const { stage, onPointerDownCapture } = usePanAndZoom(clip, where);
  const panning = useView((state) => state.panning);
  const compare = useEditor((state) => state.compare);
  const editId = useEditor((state) => state.editId);
  const heard = useView((state) => state.heard);
  useEffect(() => {
    const edit = activeEdit(useEditor.getState());
    // Painting goes on correcting what was tracked, as when it was left.
    useView.setState({ shape: (edit && trackedIndex(edit.mask, null)) ?? null });
  }, [editId, clip.id]);
  useEffect(() => {
    const onKeyDown = (event: globalThis.KeyboardEvent): void => {
      if (event.defaultPrevented || isTyping(event.target)) return;
      const action = shapeAction(event);
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    <div className="viewer">
      <div
        ref={stage}
        className={panning ? 'viewer-stage panning' : 'viewer-stage'}
        onPointerDownCapture={onPointerDownCapture}
      >
        <div ref={holder} className="viewer-holder">
          <PictureCanvas clip={clip} where={where} />
          <TokenOverlay clip={clip} where={where} />
          <SourceOverlay where={where} />
          <MaskCanvas clip={clip} where={where} />
          <LatentOverlay clip={clip} where={where} />
          <ShapeHandles clip={clip} where={where} />
          <CornerHandles where={where} />
          {compare === 'wipe' && comparedClips().compare === 'wipe' && <Divider clip={clip} where={where} />}
        </div>
      </div>
      <Transport clip={clip} />
      <p className="visually-hidden" role="status">
        {heard}
      </p>
    </div>
  );
}

/** What the wipe's two sides meet at; dragged, or moved with the arrow keys. */
function Divider({ clip, where }: { readonly clip: Clip; readonly where: ClipPlace }) {
  const t = useText();
  const wipe = useView((state) => state.wipe);
  const { left, top, scale } = where.placement;
  const width = clip.width * scale;
  const move = (next: number): void => {
    useView.setState({ wipe: Math.min(1, Math.max(0, next)) });
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const place = event.currentTarget.parentElement?.getBoundingClientRect();
    move((event.clientX - (place?.left ?? 0) - left) / width);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -0.02, ArrowRight: 0.02, Home: -1, End: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    move(wipe + step);
  };
  return (
    <div
      className="wipe-divider"
      role="slider"
      tabIndex={0}
      aria-label={t('viewer.divider')}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(wipe * 100)}
      style={{ left: left + width * wipe, top, height: clip.height * scale }}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={onPointerMove}
      onKeyDown={onKeyDown}
    >
      <span />
    </div>
  );
}
