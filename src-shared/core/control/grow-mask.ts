import { assertLength, type VolumeShape } from './latent-shape.ts';

/**
 * Grows what is above ½ of a mask [T, H, W] float32 by `steps` pixels up, down, left and right, frame by frame: every pixel
 * that so many steps reach (binary dilation by a cross of four neighbours). Returns 0 or 1.
 */
export function growMask(
  mask: Float32Array,
  { frames, height, width }: Omit<VolumeShape, 'channels'>,
  steps: number,
): Float32Array {
  assertLength('mask', mask.length, frames * height * width);
  let grown = Float32Array.from(mask, (value) => (value > 0.5 ? 1 : 0));
  for (let step = 0; step < steps; step++) {
    const next = grown.slice();
    for (let i = 0; i < grown.length; i++) {
      if (grown[i] === 0) continue;
      const x = i % width;
      const y = Math.floor(i / width) % height;
      if (x > 0) next[i - 1] = 1;
      if (x < width - 1) next[i + 1] = 1;
      if (y > 0) next[i - width] = 1;
      if (y < height - 1) next[i + width] = 1;
    }
    grown = next;
  }
  return grown;
}
