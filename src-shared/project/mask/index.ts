export {
  maskShapeSchema,
  parseProjectMask,
  type MaskPoint,
  type MaskShape,
  type ProjectMask,
} from './project-mask.ts';
export { paintStroke, rasteriseMask, shapeOutline, isStillAt } from './rasterise.ts';
export type { StrokeBrush } from './stroke.ts';
export {
  isThere,
  movedPose,
  poseAt,
  withKeyMoved,
  withoutKey,
  withPose,
  type MaskPose,
} from './keyframes.ts';
export { cornerMoved, poseMiddle, poseSize, resizedPose, turnedPose } from './reshape.ts';
export { paintedSpans } from './painted-spans.ts';
