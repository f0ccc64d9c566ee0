export {
  easings,
  maskShapeSchema,
  parseProjectMask,
  type Easing,
  type MaskPoint,
  type MaskShape,
  type PosedShape,
  type ProjectMask,
  type TrackShape,
} from './project-mask.ts';
export { isStillAt, mayCover, outlineOf, paintShape, paintStroke, rasteriseMask } from './rasterise.ts';
export type { StrokeBrush } from './stroke.ts';
export {
  isPosed,
  isThere,
  keyBefore,
  movedPose,
  poseAt,
  withEasing,
  withKeyMoved,
  withRound,
  withoutKey,
  withPose,
  type MaskPose,
} from './keyframes.ts';
export { cornerMoved, handleMoved, poseMiddle, poseSize, resizedPose, turnedPose } from './reshape.ts';
export { nextColour, objectOfMasks, plainShapes, withHoldOut, withOff } from './objects.ts';
export { paintedSpans } from './painted-spans.ts';
export {
  maskedFrames,
  maskTextAt,
  needsTracking,
  stretchesToTrack,
  trackConfidence,
  weakConfidence,
  weakSpans,
  withTracked,
  withTrackKey,
  withoutTrackKey,
  type Stretch,
  type TrackDirection,
  type TrackRemark,
  type TrackedFrame,
} from './track-shape.ts';
export { paintedKeys, startTrack, type TrackStart } from './start-track.ts';
export {
  followedShape,
  isOutlined,
  usualTolerancePx,
  type FollowedPose,
  type Following,
  type OutlinedShape,
} from './follow-shape.ts';
