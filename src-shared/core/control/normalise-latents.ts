import { assertLength, volumeLength } from './latent-shape.ts';
import type { VolumeShape } from './latent-shape.ts';

/** Per-channel mean and standard deviation of the VAE's latents (config: latents_mean, latents_std), length C. */
export interface LatentStatistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** (z − mean) / std per channel, [C, T, H, W] float32 → a new array: what the transformer works in. */
export function normaliseLatents(
  latents: Float32Array,
  shape: VolumeShape,
  statistics: LatentStatistics,
): Float32Array {
  return perChannel(latents, shape, (channel) => {
    const scale = 1 / statistics.std[channel];
    return { scale, shift: -statistics.mean[channel] * scale };
  });
}

/** z · std + mean per channel, [C, T, H, W] float32 → a new array: what the VAE decoder takes. */
export function denormaliseLatents(
  latents: Float32Array,
  shape: VolumeShape,
  statistics: LatentStatistics,
): Float32Array {
  return perChannel(latents, shape, (channel) => ({
    scale: statistics.std[channel],
    shift: statistics.mean[channel],
  }));
}

function perChannel(
  latents: Float32Array,
  shape: VolumeShape,
  affine: (channel: number) => { scale: number; shift: number },
): Float32Array {
  assertLength('latents', latents.length, volumeLength(shape));
  const perPlane = latents.length / shape.channels;
  const result = new Float32Array(latents.length);
  for (let c = 0; c < shape.channels; c++) {
    const { scale, shift } = affine(c);
    for (let i = c * perPlane; i < (c + 1) * perPlane; i++) result[i] = latents[i] * scale + shift;
  }
  return result;
}
