import { assertLength, volumeLength } from './latent-shape.ts';
import type { VolumeShape } from './latent-shape.ts';
import { placeInTokens } from './patchify.ts';

export interface ControlParts {
  /** Shape of the inactive and of the reactive latents. */
  readonly latentShape: VolumeShape;
  /** norm(enc(video·(1 − m))), [C, T, H, W] float32. */
  readonly inactive: Float32Array;
  /** norm(enc(video·m)), [C, T, H, W] float32. */
  readonly reactive: Float32Array;
  /** `maskChannels` of the same clip: [M, T, H, W] float32. */
  readonly mask: { readonly data: Float32Array; readonly shape: VolumeShape };
  /**
   * norm(enc(reference)), each [C, 1, H, W] float32, in the order in which they stand in the sequence:
   * each takes one frame in FRONT of the clip's.
   */
  readonly references?: readonly Float32Array[];
}

/**
 * Control tokens [n, 4·(2C + M)] float32 = [n, 384] for Wan: channels [inactive C | reactive C | mask M];
 * a reference frame is [norm(enc(ref)) C | 0 C | 0 M]. Token layout as in `patchify`;
 * n counts the reference frames too, and the noise must have as many frames.
 */
export function buildControl(parts: ControlParts): Float32Array {
  const { latentShape, inactive, reactive, mask, references = [] } = parts;
  const { channels, frames, height, width } = latentShape;
  assertLength('mask', mask.data.length, volumeLength({ ...latentShape, channels: mask.shape.channels }));
  const tokenChannels = 2 * channels + mask.shape.channels;
  const tokens = new Float32Array((frames + references.length) * height * width * tokenChannels);
  const referenceShape = { ...latentShape, frames: 1 };
  references.forEach((reference, frameOffset) => {
    placeInTokens(tokens, reference, referenceShape, { tokenChannels, channelOffset: 0, frameOffset });
  });
  const frameOffset = references.length;
  placeInTokens(tokens, inactive, latentShape, { tokenChannels, channelOffset: 0, frameOffset });
  placeInTokens(tokens, reactive, latentShape, { tokenChannels, channelOffset: channels, frameOffset });
  placeInTokens(tokens, mask.data, mask.shape, { tokenChannels, channelOffset: 2 * channels, frameOffset });
  return tokens;
}
