import type { FrameRange } from '../edit-job.ts';
import type { PlaneFreedom } from '../../../src-shared/core/plane/index.ts';
import type { TrackDirection, TrackRemark } from '../../../src-shared/project/mask/index.ts';

/** An object to be followed through a clip, as plain data; masks are texts of `encodeMask`, of the clip's size. */
export interface TrackJob {
  readonly kind: 'track';
  readonly clipPath: string;
  /** Absent: the whole clip. */
  readonly range?: FrameRange;
  /** The frames that the editor painted; an empty mask: the object is not in the picture there. */
  readonly keys: readonly { readonly frame: number; readonly mask: string }[];
  /** Which way from the keys. */
  readonly direction: TrackDirection;
  /** As of `TrackInput`. */
  readonly only?: readonly FrameRange[];
  /** An imported segmenter; absent: the built-in one. */
  readonly segmenterId?: string;
}

/** An object's shadow to be found, in each frame in which it has a mask; masks as of `TrackJob`. */
export interface ShadowJob {
  readonly kind: 'shadow';
  readonly clipPath: string;
  /** Absent: the whole clip. */
  readonly range?: FrameRange;
  readonly masks: readonly { readonly frame: number; readonly mask: string }[];
}

/** A shape to be followed as a plane from the frame in which it lies on it. */
export interface FollowJob {
  readonly kind: 'follow';
  readonly clipPath: string;
  /** Absent: the whole clip. */
  readonly range?: FrameRange;
  readonly frame: number;
  /** What lies inside the shape in that frame, as masks of `TrackJob`. */
  readonly inside: string;
  readonly freedom: PlaneFreedom;
  readonly direction: TrackDirection;
}

/** What is known once all has been tracked; the masks were told before. */
export interface TrackResult {
  readonly notes: readonly TrackRemark[];
}
