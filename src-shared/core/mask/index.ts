export { squaredDistance } from './distance.ts';
export { boundingBox, dilate, featherWeights } from './mask-ops.ts';
