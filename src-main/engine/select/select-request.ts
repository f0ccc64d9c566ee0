import type { Place } from '../../../src-shared/core/track/index.ts';
import type { FrameRange } from '../edit-job.ts';

/** What was pointed at in a frame of a clip, as plain data; places are in the clip's pixels. */
export interface SelectRequest {
  readonly clipPath: string;
  readonly frame: number;
  /** The frames around it that may show the background; absent: the whole clip. */
  readonly range?: FrameRange;
  /** Nothing here and no box: the frame is only made ready, and the answer is empty. */
  readonly add: readonly Place[];
  readonly remove: readonly Place[];
  readonly box?: { readonly from: Place; readonly to: Place };
  /** As of `selectObject`. */
  readonly size?: number;
  /** An imported segmenter; absent: the built-in one. */
  readonly segmenterId?: string;
  /** Pixels by which the mask reaches beyond the object. */
  readonly reachPx: number;
}

/** What was selected. */
export interface SelectAnswer {
  /** Text of `encodeMask`, of the clip's size; empty where nothing was found. */
  readonly mask: string;
  /** Whether a smaller object, and a larger one, may be meant. */
  readonly smaller: boolean;
  readonly larger: boolean;
}
