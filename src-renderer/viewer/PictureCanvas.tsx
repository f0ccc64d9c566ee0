import { useEffect, useRef, useState } from 'react';
import type { OpenedClip } from '../../src-shared/ipc/index.ts';
import type { Clip } from '../../src-shared/project/index.ts';
import { useText } from '../i18n/index.ts';
import { activeClip, activeEdit, useEditor, type Compare } from '../state/editor-store.ts';
import { createFrameCache, loadPicture, type FrameCache } from '../state/frame-cache.ts';
import { clearedContext, redrawLater } from '../state/redraw.ts';
import { useView } from '../state/view-store.ts';
import type { ClipPlace } from './use-placement.ts';
import { createPictureTrack, heightFor } from './wanted-pictures.ts';

/** Together with the timeline's 16 MB, 160 MB. */
const cacheBytes = 144e6;
const differenceGain = 4;

interface Shown {
  readonly media: OpenedClip;
  readonly frame: number;
}

/** What is compared at the playhead: the clip, and the active edit's result where it has this frame. */
export function comparedClips(): {
  readonly before?: Shown;
  readonly after?: Shown;
  readonly compare: Compare;
} {
  const state = useEditor.getState();
  const { frame } = state;
  const clip = activeClip(state);
  const media = clip === undefined ? undefined : state.opened[clip.id];
  const stored = activeEdit(state)?.result;
  const result = stored === undefined ? undefined : state.openedResults[stored.path];
  const resultFrame = frame - (stored?.range?.startFrame ?? 0);
  const hasFrame = result !== undefined && resultFrame >= 0 && resultFrame < result.frames;
  return {
    ...(media !== undefined && { before: { media, frame } }),
    ...(hasFrame && { after: { media: result, frame: resultFrame } }),
    compare: hasFrame ? state.compare : 'before',
  };
}

function drawPictures(
  context: CanvasRenderingContext2D,
  clip: Clip,
  { place, placement, sideOffset }: ClipPlace,
  compare: Compare,
  before: ImageBitmap | undefined,
  after: ImageBitmap | undefined,
): void {
  const { left, top, scale } = placement;
  const [width, height] = [clip.width * scale, clip.height * scale];
  // Enlarged, single pixels should be seen as they are.
  context.imageSmoothingEnabled = scale < 3;
  const draw = (picture: ImageBitmap | undefined, x: number): void => {
    if (picture === undefined) return;
    // Pictures come a little larger than they are shown; then the finer way costs a third of the time and is not seen.
    context.imageSmoothingQuality = picture.height < height ? 'high' : 'low';
    context.drawImage(picture, x, top, width, height);
  };
  if (compare === 'after') return draw(after, left);
  if (compare === 'side') {
    for (const [picture, offset] of [[before, 0] as const, [after, sideOffset] as const]) {
      context.save();
      context.beginPath();
      context.rect(offset, 0, place.width, place.height);
      context.clip();
      draw(picture, left + offset);
      context.restore();
    }
    return;
  }
  draw(before, left);
  if (compare === 'wipe') {
    const edge = left + width * useView.getState().wipe;
    context.save();
    context.beginPath();
    context.rect(edge, top, left + width - edge, height);
    context.clip();
    draw(after, left);
    context.restore();
  } else if (compare === 'difference' && after !== undefined) {
    context.globalCompositeOperation = 'difference';
    draw(after, left);
    // A difference of a few levels would not be seen: added to itself.
    context.globalCompositeOperation = 'lighter';
    for (let gain = 1; gain < differenceGain; gain *= 2)
      context.drawImage(context.canvas, 0, 0, sideOffset * 2 || place.width, place.height);
    context.globalCompositeOperation = 'source-over';
  }
}

/** The clip's picture at the playhead, and the result's. */
export function PictureCanvas({ clip, where }: { readonly clip: Clip; readonly where: ClipPlace }) {
  const t = useText();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [cache] = useState<FrameCache<ImageBitmap>>(() =>
    createFrameCache({ load: loadPicture, maxBytes: cacheBytes, maxLoading: 4 }),
  );
  const [tracks] = useState(() => ({ before: createPictureTrack(cache), after: createPictureTrack(cache) }));
  const { width, height } = where.place;
  useEffect(() => {
    const { schedule, stop } = redrawLater(() => {
      const element = canvas.current;
      if (element === null) return;
      const { playRate } = useEditor.getState();
      const { before, after, compare } = comparedClips();
      const shownHeight = clip.height * where.placement.scale * window.devicePixelRatio;
      const direction = Math.sign(playRate) as -1 | 0 | 1;
      const heightOf = ({ media }: Shown): number => heightFor(media, shownHeight, playRate !== 0);
      const wantedOf = (which: 'before' | 'after', shown: Shown | undefined): string[] =>
        shown === undefined ? [] : tracks[which].wanted(shown.media, shown.frame, heightOf(shown), direction);
      const first = compare === 'after' ? [] : wantedOf('before', before);
      const second = compare === 'before' ? [] : wantedOf('after', after);
      const longest = Math.max(first.length, second.length);
      const both = Array.from({ length: longest }, (_, index) => [first[index], second[index]]).flat();
      cache.want(both.filter((path) => path !== undefined));
      const pictureOf = (which: 'before' | 'after', shown: Shown | undefined): ImageBitmap | undefined =>
        shown && tracks[which].picture(shown.media, shown.frame, heightOf(shown));
      drawPictures(
        clearedContext(element, where.sideOffset * 2 || width, height),
        clip,
        where,
        compare,
        pictureOf('before', before),
        compare === 'before' ? undefined : pictureOf('after', after),
      );
    });
    const stops = [
      useEditor.subscribe(schedule),
      useView.subscribe(schedule),
      cache.onArrival(schedule),
      stop,
    ];
    return () => {
      for (const end of stops) end();
    };
  }, [cache, tracks, clip, where, width, height]);
  return (
    <canvas
      ref={canvas}
      className="viewer-canvas"
      role="img"
      aria-label={t('viewer.picture', { clip: clip.name })}
    />
  );
}
