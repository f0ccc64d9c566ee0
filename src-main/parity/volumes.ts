import { stack } from '../engine/network/tensors.ts';
import type { VolumeShape } from '../../src-shared/core/control/index.ts';

/** A batch of volumes [B, C, T, H, W]. */
export interface BatchShape extends VolumeShape {
  readonly batch: number;
}

/** Of a tensor [B, C, T, H, W]. */
export function batchShape(dims: readonly number[]): BatchShape {
  const [batch, channels, frames, height, width] = dims;
  return { batch, channels, frames, height, width };
}

/** Applies `each` to every element of the batch axis and joins the results. */
export async function perElement(
  data: Float32Array,
  batch: number,
  each: (element: Float32Array) => Float32Array | Promise<Float32Array>,
): Promise<Float32Array> {
  const size = data.length / batch;
  const results: Float32Array[] = [];
  for (let b = 0; b < batch; b++) results.push(await each(data.subarray(b * size, (b + 1) * size)));
  return stack(results);
}

/** Frames [from, to) of a volume [C, T, H, W]. */
export function framesOf(volume: Float32Array, shape: VolumeShape, from: number, to: number): Float32Array {
  const size = shape.height * shape.width;
  const channel = shape.frames * size;
  return stack(
    Array.from({ length: shape.channels }, (_, c) =>
      volume.subarray(c * channel + from * size, c * channel + to * size),
    ),
  );
}
