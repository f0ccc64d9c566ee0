import { mapPoint, type Homography } from '../plate/index.ts';
import type { DenseFlow } from './object-tracker.ts';
import { windowLuma, type TrackPicture } from './track-picture.ts';

/** A frame next to another. */
export interface FrameBeside {
  readonly picture: TrackPicture;
  readonly isLater: boolean;
  /** From the pixels of the other frame to this one's, as the camera moves. */
  readonly camera: Homography;
}

/**
 * How everything in a picture moves towards the next frame, beyond what the camera's motion explains: the mean over the
 * frames beside it; float32 [height, width, 2], in pixels. 0 where there are none.
 */
export function ownMotion(
  picture: TrackPicture,
  beside: readonly FrameBeside[],
  flow: DenseFlow,
): Float32Array<ArrayBuffer> {
  const { width, height } = picture;
  const motion = new Float32Array(2 * width * height);
  const whole = { x: 0, y: 0, width, height };
  const luma = windowLuma(picture, whole);
  for (const { picture: other, isLater, camera } of beside) {
    const moved = flow(luma, windowLuma(other, whole), width, height);
    const share = (isLater ? 1 : -1) / beside.length;
    for (let pixel = 0; pixel < width * height; pixel++) {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      const [u, v] = mapPoint(camera, x, y);
      motion[2 * pixel] += share * (x + moved[2 * pixel] - u);
      motion[2 * pixel + 1] += share * (y + moved[2 * pixel + 1] - v);
    }
  }
  return motion;
}
