import {
  chooseDonors,
  mostCandidates,
  type FrameView,
  type PlaneLayout,
} from '../../../src-shared/core/plate/index.ts';
import { followCamera, layersOf, type FollowInput } from './follow-camera.ts';
import type { VideoFrame } from '../frames.ts';
import { LayeredViews, trackedAt, type Tracked } from './layered-views.ts';
import { DonorCache, donorBytes } from './donor-cache.ts';
import type { PlateComposer } from './plate-composer.ts';

/** Frames before and after a hole that may be its donors. */
export const reachFrames = 240;
/** Consecutive frames that are filled from the same donors, so that the background does not flicker. */
const chapterFrames = 60;
/** This near to a chapter every frame may be a donor; farther away one in so many, up to the reach. */
const nearFrames = 30;
const farStrideFrames = 8;
/** Memory for donors, in bytes, and the fewest that agreement can be judged by. */
const donorMemory = { bytes: 384e6, leastDonors: 8 } as const;
/** A frame whose camera position is less certain than this is no donor. */
const trackedWell = { leastInlierRatio: 0.25, mostErrorPx: 1.5 } as const;

/** What other frames show of one frame's hole. */
export interface PlateFrame {
  /** The frame's planes with the confident pixels of its hole replaced. */
  readonly planes: VideoFrame['planes'];
  /** [height, width]; 255 = still open. */
  readonly residual: Uint8Array;
}

export interface Plate {
  /** Where the camera looked, in every frame within reach of a hole. */
  readonly tracked: Tracked;
  /**
   * Begins to fill the hole of a frame whose mask is not empty. Awaited before the next is begun; frames are best asked
   * for in the order of the clip.
   */
  readonly begin: (frame: VideoFrame, hole: Uint8Array) => Promise<{ readonly result: Promise<PlateFrame> }>;
}

/**
 * Follows the camera wherever a hole is within reach, and fills the holes of one view from its other frames.
 * A cut ends a view. Memory holds a few dozen frames, however long the clip is.
 */
export async function createPlate(input: FollowInput, composer: PlateComposer): Promise<Plate> {
  const { width, height, pixelFormat } = input.source.info;
  const layout: PlaneLayout = { width, height, ...pixelFormat };
  const tracked = await followCamera(input, layout, reachFrames);
  const donors = new DonorCache(input.source, input.mask, layout, input.signal);
  const depths = Math.max(0, ...[...tracked.values()].map(({ layers }) => layers?.order.length ?? 0));
  const most = Math.max(donorMemory.leastDonors, Math.floor(donorMemory.bytes / donorBytes(layout, depths)));
  const views = new LayeredViews(tracked, layout);
  let chapter: Chapter = { start: 0, end: 0 };
  let last: Promise<unknown> = Promise.resolve();

  return {
    tracked,
    async begin(frame, hole) {
      const { index } = frame;
      if (index < chapter.start || index >= chapter.end) {
        chapter = chapterFrom(index, tracked, input.hasHole);
        const { targets, pool } = viewsFor(chapter, tracked, input.hasHole);
        views.forget();
        // Memory is that of one chapter's donors.
        await last;
        await donors.hold(
          chooseDonors(targets, pool, donors.indices, Math.min(most, mostCandidates), layout),
        );
      }
      const candidates = donors.nearestFirst(index).flatMap((donor) => views.candidates(index, donor));
      const result = composer.compose({ target: frame.planes, mask: hole, candidates, layout });
      // Nothing of a frame is held by those after it.
      last = Promise.allSettled([last, result]).then(() => undefined);
      return { result };
    },
  };
}

/** Frames [start, end) of one view that share their donors. */
interface Chapter {
  readonly start: number;
  readonly end: number;
}

function chapterFrom(start: number, tracked: Tracked, hasHole: readonly boolean[]): Chapter {
  const { segment } = trackedAt(tracked, start).pose;
  let end = start + 1;
  while (end < start + chapterFrames && hasHole[end] && trackedAt(tracked, end).pose.segment === segment)
    end++;
  return { start, end };
}

/** The frames of a chapter, and the frames of the same view that may be their donors. */
function viewsFor(
  { start, end }: Chapter,
  tracked: Tracked,
  hasHole: readonly boolean[],
): { targets: FrameView[]; pool: FrameView[] } {
  const { segment } = trackedAt(tracked, start).pose;
  const targets: FrameView[] = [];
  const pool: FrameView[] = [];
  for (let index = start - reachFrames; index < end + reachFrames; index++) {
    const frame = tracked.get(index);
    if (frame === undefined || frame.pose.segment !== segment) continue;
    const { inlierRatio, errorPx } = frame.pose;
    const { toReference } = layersOf(frame)[0];
    const view: FrameView = { index, toReference, hidden: frame.hidden };
    if (index >= start && index < end && hasHole[index]) targets.push(view);
    const near = index >= start - nearFrames && index < end + nearFrames;
    if (!near && index % farStrideFrames !== 0) continue;
    if (inlierRatio >= trackedWell.leastInlierRatio && errorPx <= trackedWell.mostErrorPx) pool.push(view);
  }
  return { targets, pool };
}
