import { assertLength } from './latent-shape.ts';
import type { VolumeShape } from './latent-shape.ts';

/** Mask values above this are to be generated. */
const maskThreshold = 0.5;

/**
 * Splits a video [C, T, H, W] float32 (−1…1) by its mask [T, H, W] float32 into what stays and what goes,
 * each [C, T, H, W]: with m = mask > ½, inactive = video·(1 − m) and reactive = video·m, so that the other
 * part's pixels are 0, mid grey. (VACE, arXiv 2503.07598, "concept decoupling".)
 */
export function splitByMask(
  video: Float32Array,
  mask: Float32Array,
  shape: VolumeShape,
): { inactive: Float32Array; reactive: Float32Array } {
  const { channels, frames, height, width } = shape;
  const perChannel = frames * height * width;
  assertLength('video', video.length, channels * perChannel);
  assertLength('mask', mask.length, perChannel);
  const inactive = new Float32Array(video.length);
  const reactive = new Float32Array(video.length);
  for (let c = 0; c < channels; c++) {
    const start = c * perChannel;
    for (let i = 0; i < perChannel; i++) {
      if (mask[i] > maskThreshold) reactive[start + i] = video[start + i];
      else inactive[start + i] = video[start + i];
    }
  }
  return { inactive, reactive };
}
