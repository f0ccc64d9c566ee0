export { patchEdge, tokenCount, volumeLength, type VolumeShape } from './latent-shape.ts';
export { patchify, unpatchify } from './patchify.ts';
export {
  latentFrameCount,
  maskChannels,
  maskFrameIndices,
  wanStrides,
  type VaeStrides,
} from './mask-channels.ts';
export { splitByMask } from './split-by-mask.ts';
export { buildControl, type ControlParts } from './build-control.ts';
export { denormaliseLatents, normaliseLatents, type LatentStatistics } from './normalise-latents.ts';
export { letterbox, type PictureShape } from './letterbox.ts';
