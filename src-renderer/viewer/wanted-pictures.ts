import { framePath, type OpenedClip } from '../../src-shared/ipc/index.ts';
import { framesAround, type FrameCache } from '../state/frame-cache.ts';

/** Heights that are asked for, so that a small change of the zoom finds pictures that are here. */
const heights = [180, 360, 540, 720, 1080, 1440, 2160];
/** While it plays, pictures need not be sharper than this: they must come in time. */
const playingHeight = 720;

/** The height to ask for where the clip is `shownHeight` screen pixels high. */
export function heightFor(clip: OpenedClip, shownHeight: number, playing: boolean): number {
  const needed = Math.min(shownHeight, clip.height, playing ? playingHeight : Infinity);
  return Math.min(clip.height, heights.find((height) => height >= needed * 0.95) ?? clip.height);
}

/** What the viewer shows of one clip, and what it should load for it. */
export interface PictureTrack<P> {
  /** The frame's picture, or the last good one until it is there; undefined before the first. */
  picture(clip: OpenedClip, frame: number, height: number): P | undefined;
  /** Paths to load, most urgent first. */
  wanted(clip: OpenedClip, frame: number, height: number, direction: -1 | 0 | 1): string[];
}

export function createPictureTrack<P extends { width: number; height: number; close(): void }>(
  cache: FrameCache<P>,
): PictureTrack<P> {
  let lastGood = { mediaId: '', path: '' };
  /** Asked for and not here yet; it may finish although the playhead went on, or a fast drag would show nothing. */
  let pending = '';
  return {
    picture(clip, frame, height) {
      const path = framePath(clip.mediaId, frame, height);
      const picture = cache.get(path);
      if (picture !== undefined) {
        lastGood = { mediaId: clip.mediaId, path };
        return picture;
      }
      // What was let through while the playhead went on is newer than the last one that fitted.
      const late = pending === '' ? undefined : cache.get(pending);
      if (late !== undefined) {
        lastGood = { mediaId: clip.mediaId, path: pending };
        return late;
      }
      return lastGood.mediaId === clip.mediaId ? cache.get(lastGood.path) : undefined;
    },
    wanted(clip, frame, height, direction) {
      const paths = framesAround(frame, clip.frames, direction, direction === 0 ? 4 : 16, 3).map((at) =>
        framePath(clip.mediaId, at, height),
      );
      const pendingHere = pending.startsWith(framePath(clip.mediaId, 0, height).split('/frame/')[0]);
      if (!pendingHere || cache.get(pending) !== undefined) [pending] = paths;
      return paths.includes(pending) ? paths : [paths[0], pending, ...paths.slice(1)];
    },
  };
}
