import type { StoredType } from '../safetensors-header.ts';

/** A tensor to be written: little-endian `bytes` of `shape`. */
export interface TensorBytes {
  readonly type: StoredType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** A float32 tensor of `shape` with the given values. */
export function float32Bytes(shape: readonly number[], values: readonly number[]): TensorBytes {
  return { type: 'F32', shape, bytes: new Uint8Array(Float32Array.from(values).buffer) };
}

/** A safetensors file with any header, for tests of damaged files too. */
export function encodeRaw(header: string | object, data: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(data, 8 + text.length);
  return file;
}

/** A well-formed safetensors file. */
export function encodeSafetensors(tensors: Readonly<Record<string, TensorBytes>>): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let end = 0;
  for (const [name, { type, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype: type, shape, data_offsets: [end, end + bytes.length] };
    end += bytes.length;
  }
  const data = new Uint8Array(end);
  let at = 0;
  for (const { bytes } of Object.values(tensors)) {
    data.set(bytes, at);
    at += bytes.length;
  }
  return encodeRaw(header, data);
}
