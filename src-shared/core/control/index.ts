export { assertLength, patchEdge, tokenCount, volumeLength, type VolumeShape } from './latent-shape.ts';
export { patchify, tokenPrefix, unpatchify } from './patchify.ts';
export { latentFrameCount, maskChannels, maskFrameIndices, wanStrides } from './mask-channels.ts';
export { splitByMask } from './split-by-mask.ts';
export { buildControl } from './build-control.ts';
export { denormaliseLatents, normaliseLatents } from './normalise-latents.ts';
export { letterbox } from './letterbox.ts';
