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
export type { PlaneLayout } from './planes.ts';
export { usability, type PlateCandidate } from './candidate.ts';
export { chooseLenders, coarseMask, type CoarseMask, type FrameView } from './choose-lenders.ts';
export { composePlate, mostCandidates } from './compose-plate.ts';
export { fillResidual, type SettledHole } from './residual.ts';
export { growMask } from './morphology.ts';
