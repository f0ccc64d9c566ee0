import type { FrameLayers } from '../../../src-shared/core/layers/index.ts';
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
  /**
   * After the last picture: for pictures of scenes in several depths what they show, by their number among those given.
   * Empty where one motion a picture says it all, and where layers were not asked for.
   */
  layers(): ReadonlyMap<number, FrameLayers>;
}

/** `withLayers`: whether the scene is to be told apart by depth where the camera's own motion does not explain it. */
export type OpenCameraTracker = (
  width: number,
  height: number,
  withLayers?: boolean,
) => Promise<CameraTracker>;
