export { distanceWithin } from './distance.ts';
export {
  boundingBox,
  coveredRegion,
  dilate,
  dilateGrey,
  dilateRuns,
  featherWeights,
  hasGreys,
  usualFeatherPx,
} from './mask-ops.ts';
