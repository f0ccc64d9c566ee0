export {
  maskShapeSchema,
  parseProjectMask,
  type MaskPoint,
  type MaskShape,
  type PosedShape,
  type ProjectMask,
  type TrackShape,
} from './project-mask.ts';
export { paintShape, paintStroke, rasteriseMask, shapeOutline, isStillAt } from './rasterise.ts';
export type { StrokeBrush } from './stroke.ts';
export {
  isPosed,
  isThere,
  movedPose,
  poseAt,
  withKeyMoved,
  withoutKey,
  withPose,
  type MaskPose,
} from './keyframes.ts';
export { cornerMoved, poseMiddle, poseSize, resizedPose, turnedPose } from './reshape.ts';
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
