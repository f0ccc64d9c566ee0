import type { TrackDirection } from '../../../src-shared/project/mask/index.ts';
import type { DenseFlow } from '../../../src-shared/core/track/index.ts';
import type { FrameRange } from '../edit-job.ts';
import type { FrameSource } from '../frames.ts';
import type { OpenSegmenter } from '../segment/segmenter.ts';
import type { OpenCameraTracker } from '../plate/camera-tracker.ts';

/** A frame that the editor decided: its mask is kept exactly. */
export interface TrackKey {
  readonly frame: number;
  /** [height, width] of the clip, 0…255; null: the object is not in this frame. */
  readonly mask: Uint8Array | null;
}

export interface TrackInput {
  readonly source: FrameSource;
  /** One or more with a mask that is not empty, in frames of `range`; one a frame. */
  readonly keys: readonly TrackKey[];
  readonly range: FrameRange;
  readonly direction: TrackDirection;
  /** Only these stretches between the keys, and before and behind them, are tracked; absent: all. */
  readonly only?: readonly FrameRange[];
  readonly openCamera: OpenCameraTracker;
  readonly flow: DenseFlow;
  /** Absent: the built-in one. */
  readonly openSegmenter?: OpenSegmenter;
  readonly signal: AbortSignal;
  readonly onFrame: (done: number, frames: number) => void;
  /**
   * Called with each mask as far as it is known, [height, width] of the clip: twice for a frame that is tracked from
   * both sides, the second time with what both together give.
   */
  readonly onMask?: (frame: number, mask: Uint8Array, confidence: number) => void;
}
