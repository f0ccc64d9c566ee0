import type { Homography } from '../../../src-shared/core/plate/index.ts';

/** Where the camera looked in one frame. */
export interface CameraPose {
  /** Frames of one segment can be laid over each other; a cut starts another. Counted from 0. */
  readonly segment: number;
  /** From this frame's pixels to those of the segment's first frame; the exact identity for a camera that stands. */
  readonly toReference: Homography;
  /** Share of the tracked features that move with the camera, 0…1. */
  readonly inlierRatio: number;
  /** Root mean square distance of those features from where the motion puts them, in pixels of the picture given. */
  readonly errorPx: number;
}

/** Follows the camera through pictures of one size, given in the order of the clip. */
export interface CameraTracker {
  /**
   * @param luma [height, width], 8 bit.
   * @param mask [height, width]; nothing is followed where it is not 0.
   */
  add(luma: Uint8Array, mask: Uint8Array): CameraPose;
}

export type OpenCameraTracker = (width: number, height: number) => Promise<CameraTracker>;
