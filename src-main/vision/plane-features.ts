import { identityMotion, selectMotion, type Homography } from '../../src-shared/core/plate/index.ts';
import type { FeatureMotion, PlanePicture } from '../../src-shared/core/plane/index.ts';
import { byteMat, followPoints, ransacSeeds, type Picture } from './feature-tracking.ts';
import { loadOpenCv, type OpenCv } from './opencv.ts';

const corner = { most: 240, quality: 0.005, minDistancePx: 4, blockPx: 5 } as const;
const ransacPx = 1.5;
/** Fewer features than these hold no motion. */
const leastPairs = 6;

/** The motion of a shape from one picture to the next, from the corners in it: see `FeatureMotion`. */
export async function openPlaneFeatures(): Promise<FeatureMotion> {
  const { cv } = await loadOpenCv();
  return (from, to, inside) => {
    const corners = cornersInside(cv, from, inside);
    if (corners.length < 2 * leastPairs) return undefined;
    const pairs = followPoints(cv, asPicture(from), asPicture(to), corners, identityMotion());
    return pairs.length < 4 * leastPairs ? undefined : motionOf(cv, pairs);
  };
}

function motionOf(cv: OpenCv, pairs: Float64Array): Homography {
  return selectMotion(pairs, ransacSeeds(cv, pairs, ransacPx)).motion;
}

/** Nothing of the picture is left out. */
function asPicture({ width, height, luma }: PlanePicture): Picture {
  return { width, height, luma, mask: new Uint8Array(width * height) };
}

function cornersInside(cv: OpenCv, picture: PlanePicture, inside: Uint8Array): Float32Array {
  const mats = [byteMat(cv, picture.luma, picture), byteMat(cv, inside, picture)];
  const corners = new cv.Mat();
  try {
    const { most, quality, minDistancePx, blockPx } = corner;
    cv.goodFeaturesToTrack(mats[0], corners, most, quality, minDistancePx, mats[1], blockPx);
    return corners.rows === 0 ? new Float32Array() : corners.data32F.slice();
  } finally {
    for (const mat of [...mats, corners]) mat.delete();
  }
}
