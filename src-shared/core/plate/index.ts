export {
  chain,
  enlargeMotion,
  identityMotion,
  invert,
  isIdentity,
  mapPoint,
  motionBetween,
  type Homography,
} from './homography.ts';
export { selectMotion, type MotionEstimate, type MotionKind, type PointPairs } from './motion-model.ts';
export {
  chromaSize,
  levelUnit,
  reduceLuma,
  sampleCubic,
  sampleLinear,
  type PicturePlanes,
  type PlaneLayout,
} from './planes.ts';
export { usability, usableOfLayer, type CandidateLayer, type PlateCandidate } from './candidate.ts';
export { chooseDonors, coarseMask, type CoarseMask, type FrameView } from './choose-donors.ts';
export { composePlate, mostCandidates } from './compose-plate.ts';
export { fillSmoothly, type ComposedHole } from './residual.ts';
export { writeHole } from './hole-planes.ts';
export { growMask, maskBounds, maskRegions, paddedBounds, type Bounds, type Region } from './morphology.ts';
export { medianInPlace } from './median.ts';
