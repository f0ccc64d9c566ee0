import { latentFrameCount, type VolumeShape } from '../../../src-shared/core/control/index.ts';
import type { ControlTokens, ModelFamily, WindowPicture } from '../../../src-shared/core/families/index.ts';
import { requireFinite } from '../network/finite.ts';
import type { VaeCodec, VaePassHooks } from '../network/vae-codec.ts';

/** A window's control with the place of its sample. */
export interface EncodedControl extends ControlTokens {
  /** Shape of the latents that are sampled: reference frames included. */
  readonly latentShape: VolumeShape;
  /** How many leading latent frames are references, to be dropped before decoding. */
  readonly referenceFrames: number;
}

/** Encodes what the family's network is shown of a window, and builds the control tokens. */
export async function encodeControl(
  { control, geometry }: Pick<ModelFamily, 'control' | 'geometry'>,
  codec: Pick<VaeCodec, 'encode' | 'latentChannels'>,
  picture: WindowPicture,
  hooks: VaePassHooks = {},
): Promise<EncodedControl> {
  const { frames, height, width, references = [] } = picture;
  const latents: Float32Array[] = [];
  for (const video of control.videos(picture)) {
    const size = { frames: video.frames, height, width };
    latents.push(requireFinite(await codec.encode(video.data, size, hooks), 'the VAE encoder'));
  }
  const referenceFrames = control.takesReferences ? references.length : 0;
  return {
    ...control.tokens(picture, latents, codec.latentChannels),
    latentShape: {
      channels: codec.latentChannels,
      frames: latentFrameCount(frames, geometry) + referenceFrames,
      height: height / geometry.spatialStride,
      width: width / geometry.spatialStride,
    },
    referenceFrames,
  };
}
