import { float16ToFloat32Array, float32ToFloat16Array } from '../../../src-shared/core/half/index.ts';
import type { FloatType } from '../../../src-shared/core/graph/index.ts';
import type { TensorValue } from './session.ts';

/** A float32 array as the tensor a graph of `type` takes. */
export function floatTensor(data: Float32Array, dims: readonly number[], type: FloatType): TensorValue {
  return type === 'float16'
    ? { type, dims, data: float32ToFloat16Array(data) }
    : { type: 'float32', dims, data };
}

/** Indices as the tensor a graph takes; absent: none. */
export function indexTensor(indices: Int32Array = new Int32Array(0)): TensorValue {
  return { type: 'int64', dims: [indices.length], data: BigInt64Array.from(indices, BigInt) };
}

/** A graph's float output as float32 numbers. */
export function floatsOf(tensor: TensorValue): Float32Array {
  if (tensor.type === 'float32') return tensor.data;
  if (tensor.type === 'float16') return float16ToFloat32Array(tensor.data);
  throw new TypeError(`a float tensor was expected, not ${tensor.type}`);
}

/** Rows of equal length one after the other: the batch axis of a graph input. */
export function stack(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
