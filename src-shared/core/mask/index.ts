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
export { cropSamples } from './crop-samples.ts';
export { checkMaskText, decodeMask, encodeMask, maskTextPattern } from './mask-text.ts';
