import { useEffect, useRef, useState } from 'react';
import type { Clip } from '../../src-shared/project/index.ts';
import { useText } from '../i18n/index.ts';
import { activeClip, useEditor, type Compare } from '../state/editor-store.ts';
import { createFrameCache, loadPicture, type FrameCache } from '../state/frame-cache.ts';
import { clearedContext, redrawLater } from '../state/redraw.ts';
import { useView } from '../state/view-store.ts';
import type { ClipPlace } from './use-placement.ts';
import { createLayering, type Picture, type PictureLayer } from './layer-pictures.ts';
import { createMaskPainter } from './mask-painter.ts';
import { shownResults, type Shown, type ShownResult } from './shown-results.ts';
import { createPictureTrack, heightFor, type PictureTrack } from './wanted-pictures.ts';

/** Together with the timeline's 16 MB, 160 MB. */
const cacheBytes = 144e6;
const differenceGain = 4;

/** What is compared at the playhead: the clip, and the results of its edits, as they will be exported. */
export function comparedClips(): {
  readonly before?: Shown;
  readonly after: readonly ShownResult[];
  readonly compare: Compare;
} {
  const state = useEditor.getState();
  const { frame } = state;
  const clip = activeClip(state);
  const media = clip === undefined ? undefined : state.opened[clip.id];
  const after = clip === undefined ? [] : shownResults(clip, state.editId, frame, state.openedResults);
  return {
    ...(media !== undefined && { before: { media, frame } }),
    after,
    compare: after.length > 0 ? state.compare : 'before',
  };
}

function drawPictures(
  context: CanvasRenderingContext2D,
  clip: Clip,
  { place, placement, sideOffset }: ClipPlace,
  compare: Compare,
  before: Picture | undefined,
  after: Picture | undefined,
): void {
  const { left, top, scale } = placement;
  const [width, height] = [clip.width * scale, clip.height * scale];
  // Enlarged, single pixels should be seen as they are.
  context.imageSmoothingEnabled = scale < 3;
  const draw = (picture: Picture | undefined, x: number): void => {
    if (picture === undefined) return;
    // Pictures come a little larger than they are shown: the finer way would add a third of the time to every frame.
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
  const [before] = useState(() => createPictureTrack(cache));
  /** Of each edit's result, by the edit's id. */
  const [results] = useState(() => new Map<string, PictureTrack<ImageBitmap>>());
  const [layered] = useState(createLayering);
  const [painter] = useState(createMaskPainter);
  const { width, height } = where.place;
  useEffect(() => {
    const { schedule, stop } = redrawLater(() => {
      const element = canvas.current;
      if (element === null) return;
      const { playRate } = useEditor.getState();
      const { before: clipShown, after, compare } = comparedClips();
      const shownHeight = clip.height * where.placement.scale * window.devicePixelRatio;
      const direction = Math.sign(playRate) as -1 | 0 | 1;
      const heightOf = ({ media }: Shown): number => heightFor(media, shownHeight, playRate !== 0);
      const resultTrack = ({ edit }: ShownResult): PictureTrack<ImageBitmap> => {
        const track = results.get(edit.id) ?? createPictureTrack(cache);
        results.set(edit.id, track);
        return track;
      };
      const wantedOf = (track: PictureTrack<ImageBitmap>, shown: Shown): string[] =>
        track.wanted(shown.media, shown.frame, heightOf(shown), direction);
      const isSoft = ({ edit }: ShownResult): boolean =>
        edit.mask.shapes.some((shape) => shape.kind === 'stroke' && shape.softness !== undefined);
      // What lies over another with a soft edge is laid there by what it has changed.
      const comparesClip = compare !== 'after' || after.slice(1).some(isSoft);
      const lists = [
        ...(comparesClip && clipShown !== undefined ? [wantedOf(before, clipShown)] : []),
        ...(compare === 'before' ? [] : after.map((shown) => wantedOf(resultTrack(shown), shown))),
      ];
      // In turn, so that all of what is compared comes together.
      const longest = Math.max(0, ...lists.map(({ length }) => length));
      const inTurn = Array.from({ length: longest }, (_, index) =>
        lists.map((list) => list.at(index)),
      ).flat();
      cache.want(inTurn.filter((path) => path !== undefined));
      // Until they are here an earlier picture is shown. The first of each list is the one at the playhead.
      element.ariaBusy = String(lists.some(([path]) => cache.get(path) === undefined));
      const layers = (compare === 'before' ? [] : after).flatMap((shown): PictureLayer[] => {
        const picture = resultTrack(shown).picture(shown.media, shown.frame, heightOf(shown));
        if (picture === undefined) return [];
        const mask = () => painter.picture(shown.edit.mask, clip, useEditor.getState().frame, '#ffffff');
        return [{ picture, mask, soft: isSoft(shown) }];
      });
      const clipPicture = clipShown && before.picture(clipShown.media, clipShown.frame, heightOf(clipShown));
      drawPictures(
        clearedContext(element, where.sideOffset * 2 || width, height),
        clip,
        where,
        compare,
        clipPicture,
        layered(layers, clipPicture),
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
  }, [cache, before, results, layered, painter, clip, where, width, height]);
  return (
    <canvas
      ref={canvas}
      className="viewer-canvas"
      role="img"
      aria-label={t('viewer.picture', { clip: clip.name })}
    />
  );
}
