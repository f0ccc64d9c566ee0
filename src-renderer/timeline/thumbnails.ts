import { framePath } from '../../src-shared/ipc/index.ts';
import type { TimelineScale } from './timeline-scale.ts';

export interface Thumbnail {
  readonly frame: number;
  readonly x: number;
  readonly across: number;
  /** Of its picture: of the frame at its left edge, or where it stands for many frames of a cheaper one of them. */
  readonly path: string;
}

interface Strip {
  readonly mediaId: string;
  readonly frames: number;
  readonly scale: TimelineScale;
  /** Of the strip, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Of one picture, in pixels. */
  readonly across: number;
}

/** Frames that the program decodes together: thumbnails that are nearer to each other are best had that way. */
const nearFrames = 16;

/** Pictures side by side, each of the frame at its left edge; they stay the same while the timeline is moved. */
export function thumbnailsInSight({ mediaId, frames, scale, width, height, across }: Strip): Thumbnail[] {
  const from = Math.floor((scale.firstFrame * scale.pxPerFrame) / across);
  const count = Math.ceil(width / across) + 1;
  const span = Math.floor(across / scale.pxPerFrame);
  return Array.from({ length: count }, (_, index) => {
    const left = (from + index) * across;
    const frame = Math.floor(left / scale.pxPerFrame);
    return {
      frame,
      x: left - scale.firstFrame * scale.pxPerFrame,
      across,
      path: framePath(mediaId, frame, height, span < nearFrames ? 1 : span),
    };
  }).filter(({ frame }) => frame < frames);
}

/** The one under the playhead, then from coarse to fine: every eighth, those halfway between, and so on. */
export function urgentFirst(thumbnails: readonly Thumbnail[], playhead: number): Thumbnail[] {
  const under = thumbnails.findLastIndex(({ frame }) => frame <= playhead);
  const order = new Set(under === -1 ? [] : [under]);
  for (let step = 8; step >= 1; step /= 2) {
    for (let at = 0; at < thumbnails.length; at += step) order.add(at);
  }
  return [...order].map((at) => thumbnails[at]);
}

/** For each thumbnail its own picture, or until that is there the nearest one that is. */
export function withPlaceholders<Picture>(
  thumbnails: readonly Thumbnail[],
  get: (path: string) => Picture | undefined,
): { readonly thumbnail: Thumbnail; readonly picture: Picture | undefined; readonly own: boolean }[] {
  const pictures = thumbnails.map(({ path }) => get(path));
  const there = pictures.flatMap((picture, at) => (picture === undefined ? [] : [at]));
  return thumbnails.map((thumbnail, at) => {
    const own = pictures[at];
    if (own !== undefined || there.length === 0) return { thumbnail, picture: own, own: true };
    const nearest = there.reduce((best, other) =>
      Math.abs(other - at) < Math.abs(best - at) ? other : best,
    );
    return { thumbnail, picture: pictures[nearest], own: false };
  });
}
