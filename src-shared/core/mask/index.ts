export { distanceWithin } from './distance.ts';
export { boundingBox, dilate, featherWeights, usualFeatherPx } from './mask-ops.ts';
