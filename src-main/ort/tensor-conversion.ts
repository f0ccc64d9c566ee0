import type { TensorMap, TensorValue } from '../engine/network/session.ts';
import type { Runtime } from './runtime-library.ts';

/** Tensors as the library takes them; data is passed on, not copied. */
export function toFeeds(runtime: typeof Runtime, feeds: TensorMap): Record<string, Runtime.Tensor> {
  const entries = Object.entries(feeds).map(([name, { type, data, dims }]): [string, Runtime.Tensor] => {
    return [name, new runtime.Tensor(type, data, dims)];
  });
  return Object.fromEntries(entries);
}

/** Outputs as plain data. */
export function fromFetches(fetches: Runtime.InferenceSession.ReturnType): TensorMap {
  const entries = Object.entries(fetches).map(([name, tensor]): [string, TensorValue] => [
    name,
    toValue(tensor),
  ]);
  return Object.fromEntries(entries);
}

function toValue(tensor: Runtime.Tensor): TensorValue {
  const { type, data, dims } = tensor;
  if (type === 'float32') return { type, dims, data: data as Float32Array };
  if (type === 'int64') return { type, dims, data: data as BigInt64Array };
  if (type === 'int32') return { type, dims, data: data as Int32Array };
  if (type === 'int8') return { type, dims, data: data as Int8Array };
  if (type === 'bool') return { type, dims, data: data as Uint8Array };
  if (type === 'float16') {
    // A Float16Array where the JavaScript engine has one, else a Uint16Array.
    const { buffer, byteOffset, length } = data as Uint16Array;
    return { type, dims, data: new Uint16Array(buffer, byteOffset, length) };
  }
  throw new TypeError(`no HetCut graph has outputs of type ${type}`);
}
