export {
  maskShapeSchema,
  parseProjectMask,
  type MaskPoint,
  type MaskShape,
  type ProjectMask,
} from './project-mask.ts';
export { rasteriseMask, shapeOutline } from './rasterise.ts';
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
