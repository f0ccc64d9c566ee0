import {
  buildControl,
  latentFrameCount,
  maskChannels,
  splitByMask,
  wanStrides,
  type VolumeShape,
} from '../../../src-shared/core/control/index.ts';
import type { VaeCodec, VaePassHooks } from '../network/vae-codec.ts';

/** One window as the generator sees it. */
export interface WindowPicture {
  /** [3, T, H, W] float32 in −1…1; inside the mask whatever fills it (0, mid grey, for Wan). */
  readonly video: Float32Array;
  /** [T, H, W] float32, 1 = generate. */
  readonly mask: Float32Array;
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  /** Reference pictures [3, H, W] float32 in −1…1, on the video's canvas. */
  readonly references?: readonly Float32Array[];
}

export interface EncodedControl {
  /** Control tokens [n, 384]. */
  readonly control: Float32Array;
  /** Shape of the latents that are sampled: reference frames included. */
  readonly latentShape: VolumeShape;
  /** How many leading latent frames are references, to be dropped before decoding. */
  readonly referenceFrames: number;
}

/** Encodes what stays, what goes and the references, and builds the control tokens. */
export async function encodeControl(
  codec: VaeCodec,
  picture: WindowPicture,
  hooks: VaePassHooks = {},
): Promise<EncodedControl> {
  const { video, mask, frames, height, width, references = [] } = picture;
  const { inactive, reactive } = splitByMask(video, mask, { channels: 3, frames, height, width });
  const videoShape = { frames, height, width };
  const clipShape: VolumeShape = {
    channels: codec.latentChannels,
    frames: latentFrameCount(frames),
    height: height / wanStrides.spatial,
    width: width / wanStrides.spatial,
  };
  const encodedReferences: Float32Array[] = [];
  for (const reference of references) {
    encodedReferences.push(await codec.encode(reference, { ...videoShape, frames: 1 }, hooks));
  }
  const control = buildControl({
    latentShape: clipShape,
    inactive: await codec.encode(inactive, videoShape, hooks),
    reactive: await codec.encode(reactive, videoShape, hooks),
    mask: maskChannels(mask, videoShape),
    references: encodedReferences,
  });
  return {
    control,
    latentShape: { ...clipShape, frames: clipShape.frames + references.length },
    referenceFrames: references.length,
  };
}
