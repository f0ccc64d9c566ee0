export { distanceWithin } from './distance.ts';
export { boundingBox, dilate, featherWeights } from './mask-ops.ts';
