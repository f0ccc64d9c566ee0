import {
  chain,
  growMask,
  identityMotion,
  invert,
  mapPoint,
  selectMotion,
  type Homography,
  type MotionEstimate,
} from '../../src-shared/core/plate/index.ts';
import type { CameraPose, CameraTracker } from '../engine/plate/camera-tracker.ts';
import { createLayerTracker } from './layer-tracking.ts';
import { findCorners, followPoints, ransacSeeds, type Picture } from './feature-tracking.ts';
import { loadOpenCv, type OpenCv } from './opencv.ts';

/** Features this near to the mask would be followed with the masked object's edge, in pixels. */
const edgePx = 5;
const ransacPx = 1.5;
/** A motion counts as found with at least this many features behind it, and this share of those looked for. */
const found = { leastFeatures: 12, leastShare: 0.25 } as const;
/** A new keyframe is taken before the old one's features run out: below this share of them. */
const refreshShare = 0.55;
/** Views that a cut may return to. */
const rememberedViews = 3;
/** Mean absolute difference, in 8-bit levels, up to which two pictures without features are the same view. */
const sameViewLevels = 2;
/** Bounds of a believable motion between two pictures of one view; tilt is the change of scale across them. */
const believable = { leastScale: 0.4, mostScale: 2.5, mostTilt: 0.5 } as const;

/** A frame that others are registered to directly, so that errors do not add up from frame to frame. */
interface Keyframe {
  readonly picture: Picture;
  readonly segment: number;
  readonly toReference: Homography;
  /** Found when first needed. */
  corners: Float32Array | undefined;
  /** From this keyframe to the last frame that was registered to it. */
  toLast: Homography;
}

interface Registration {
  readonly keyframe: Keyframe;
  readonly estimate: MotionEstimate;
  /** Inliers as a share of the keyframe's features. */
  readonly support: number;
}

/**
 * Opens a tracker for pictures [height, width]; at most about 1000 pixels wide is fast and precise enough.
 *
 * Features outside the mask are followed from a keyframe to every frame, and the keyframe is replaced when few of
 * them are left. Where neither the keyframe nor the frame before nor a remembered view can be registered, a cut is
 * assumed and another segment begins. Holds at most `rememberedViews` + 2 pictures, and those of one batch of layers.
 */
export async function openCameraTracker(
  width: number,
  height: number,
  withLayers = false,
): Promise<CameraTracker> {
  const { cv } = await loadOpenCv();
  const layers = withLayers ? createLayerTracker(cv) : undefined;
  let current: Keyframe | undefined;
  let previous: Keyframe | undefined;
  let views: Keyframe[] = [];
  let segments = 0;

  function add(luma: Uint8Array, mask: Uint8Array): CameraPose {
    const picture: Picture = {
      width,
      height,
      luma: luma.slice(),
      mask: growMask(mask, width, height, edgePx),
    };
    const registration = firstThatHolds(cv, [current, previous, ...views], picture);
    const frame: Keyframe = {
      picture,
      corners: undefined,
      toLast: identityMotion(),
      segment: registration?.keyframe.segment ?? segments++,
      toReference:
        registration === undefined
          ? identityMotion()
          : chain(invert(registration.estimate.motion), registration.keyframe.toReference),
    };
    if (registration !== undefined) registration.keyframe.toLast = registration.estimate.motion;

    if (current !== undefined && current.segment !== frame.segment) {
      const left = current;
      views = [left, ...views.filter((view) => view.segment !== left.segment)]
        .filter((view) => view.segment !== frame.segment)
        .slice(0, rememberedViews);
    }
    const keep = registration !== undefined && registration.support >= refreshShare;
    current = keep ? registration.keyframe : frame;
    previous = frame;
    const pose: CameraPose = {
      segment: frame.segment,
      toReference: frame.toReference,
      inlierRatio: registration?.estimate.inlierRatio ?? 1,
      errorPx: registration?.estimate.errorPx ?? 0,
    };
    layers?.add(picture, pose);
    return pose;
  }
  return { add, layers: () => layers?.finish() ?? new Map() };
}

function firstThatHolds(
  cv: OpenCv,
  keyframes: readonly (Keyframe | undefined)[],
  picture: Picture,
): Registration | undefined {
  for (const keyframe of new Set(keyframes)) {
    const registration = keyframe && register(cv, keyframe, picture);
    if (registration !== undefined) return registration;
  }
  return undefined;
}

/** Registers `picture` to `keyframe`; undefined where they do not seem to show the same view. */
function register(cv: OpenCv, keyframe: Keyframe, picture: Picture): Registration | undefined {
  keyframe.corners ??= findCorners(cv, keyframe.picture);
  const looked = keyframe.corners.length / 2;
  if (looked < found.leastFeatures) return registerByLevels(keyframe, picture);

  const pairs = followPoints(cv, keyframe.picture, picture, keyframe.corners, keyframe.toLast);
  const needed = Math.max(found.leastFeatures, found.leastShare * looked);
  if (pairs.length / 4 < needed) return undefined;
  const estimate = selectMotion(pairs, [keyframe.toLast, ...ransacSeeds(cv, pairs, ransacPx)]);
  const inliers = (estimate.inlierRatio * pairs.length) / 4;
  if (inliers < needed || !isBelievable(estimate.motion, picture)) return undefined;
  return { keyframe, estimate, support: inliers / looked };
}

/** Pictures without features, such as a bare wall: they are the same view, at rest, if they hardly differ. */
function registerByLevels(keyframe: Keyframe, picture: Picture): Registration | undefined {
  const { luma, mask } = keyframe.picture;
  let [sum, count] = [0, 0];
  for (let pixel = 0; pixel < luma.length; pixel++) {
    if (mask[pixel] !== 0 || picture.mask[pixel] !== 0) continue;
    sum += Math.abs(luma[pixel] - picture.luma[pixel]);
    count++;
  }
  if (count === 0 || sum / count > sameViewLevels) return undefined;
  const estimate: MotionEstimate = { kind: 'identity', motion: identityMotion(), inlierRatio: 1, errorPx: 0 };
  return { keyframe, estimate, support: 1 };
}

function isBelievable(motion: Homography, { width, height }: Picture): boolean {
  const tilt = Math.abs(motion[6]) * width + Math.abs(motion[7]) * height;
  const [left, top] = mapPoint(motion, 0, 0);
  const [right, bottom] = mapPoint(motion, width, height);
  const scale = Math.hypot(right - left, bottom - top) / Math.hypot(width, height);
  // Written so that what is not a number is not believed.
  return tilt <= believable.mostTilt && scale >= believable.leastScale && scale <= believable.mostScale;
}
