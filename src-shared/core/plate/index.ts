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
export { chromaSize, type PicturePlanes, type PlaneLayout } from './planes.ts';
export { usability, type PlateCandidate } from './candidate.ts';
export { chooseDonors, coarseMask, type CoarseMask, type FrameView } from './choose-donors.ts';
export { composePlate, mostCandidates } from './compose-plate.ts';
export { fillResidual, type ComposedHole } from './residual.ts';
export { growMask } from './morphology.ts';
