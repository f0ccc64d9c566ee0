export { distanceWithin } from './distance.ts';
export {
  boundingBox,
  coveredRegion,
  dilate,
  dilateGrey,
  featherWeights,
  hasGreys,
  usualFeatherPx,
} from './mask-ops.ts';
