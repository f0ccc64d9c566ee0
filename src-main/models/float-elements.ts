import {
  bfloat16ToFloat32Array,
  float16ToFloat32Array,
  float8e4m3ToFloat32Array,
} from '../../src-shared/core/half/index.ts';
import type { StoredTensor } from './safetensors-header.ts';

/**
 * Raw elements of a tensor as float32, its scale applied; undefined for types that hold no floating-point numbers.
 * `bytes` owns its buffer.
 */
export function toFloat32(
  bytes: Uint8Array,
  { type, scale = 1 }: Pick<StoredTensor, 'type' | 'scale'>,
): Float32Array | undefined {
  const { buffer, byteOffset, length } = bytes;
  if (type === 'F32') return new Float32Array(buffer, byteOffset, length / 4);
  if (type === 'F16') return float16ToFloat32Array(new Uint16Array(buffer, byteOffset, length / 2));
  if (type === 'BF16') return bfloat16ToFloat32Array(new Uint16Array(buffer, byteOffset, length / 2));
  if (type === 'F8_E4M3') return float8e4m3ToFloat32Array(bytes, scale);
  return undefined;
}
