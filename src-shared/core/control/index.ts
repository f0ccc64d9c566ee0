export {
  assertLength,
  tokenCount,
  tokenEdgePx,
  volumeLength,
  wanGeometry,
  type TokenGeometry,
  type VolumeShape,
} from './latent-shape.ts';
export { patchify, placeInTokens, tokenPrefix, unpatchify } from './patchify.ts';
export { latentFrameCount, maskChannels, maskFrameIndices, usualTokens } from './mask-channels.ts';
export { growMask } from './grow-mask.ts';
export { resizeMask } from './resize-mask.ts';
export { splitByMask } from './split-by-mask.ts';
export { buildControl } from './build-control.ts';
export { denormaliseLatents, normaliseLatents } from './normalise-latents.ts';
export { letterbox } from './letterbox.ts';
