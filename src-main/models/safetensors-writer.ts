import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cancelledError } from '../../src-shared/core/errors/index.ts';

/** A tensor whose bytes are made while it is written. */
export interface TensorToWrite {
  readonly name: string;
  readonly type: 'F32' | 'F16' | 'BF16';
  readonly shape: readonly number[];
  readonly byteLength: number;
  /** Its bytes in order, in pieces of any size. */
  chunks(): Iterable<Uint8Array>;
}

export interface ShardOptions {
  /** `diffusion_pytorch_model` or `model`. */
  readonly stem: string;
  /** Largest size of one file's data; a tensor is never split. */
  readonly maximumBytes: number;
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

function planShards(tensors: readonly TensorToWrite[], maximumBytes: number): TensorToWrite[][] {
  const shards: TensorToWrite[][] = [];
  let room = 0;
  for (const tensor of tensors) {
    if (shards.length === 0 || tensor.byteLength > room) {
      shards.push([]);
      room = maximumBytes;
    }
    shards[shards.length - 1].push(tensor);
    room -= tensor.byteLength;
  }
  return shards;
}

/** The length and the header itself, padded so that the data begins at a multiple of 8. */
function encodeHeader(tensors: readonly TensorToWrite[]): Uint8Array {
  const entries: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let end = 0;
  for (const { name, type, shape, byteLength } of tensors) {
    entries[name] = { dtype: type, shape, data_offsets: [end, end + byteLength] };
    end += byteLength;
  }
  const json = JSON.stringify(entries);
  const text = new TextEncoder().encode(json);
  const padded = Math.ceil(text.length / 8) * 8;
  const header = new Uint8Array(8 + padded).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(padded), true);
  header.set(text, 8);
  return header;
}

async function writeShard(
  path: string,
  tensors: readonly TensorToWrite[],
  options: ShardOptions,
): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.appendFile(encodeHeader(tensors));
    for (const tensor of tensors) {
      for (const chunk of tensor.chunks()) {
        if (options.signal?.aborted) throw cancelledError();
        await handle.appendFile(chunk);
        options.onBytes?.(chunk.length);
      }
    }
  } finally {
    await handle.close();
  }
}

/** Writes tensors into `folder` as the libraries do: one safetensors file, or shards and their index. */
export async function writeShards(
  folder: string,
  tensors: readonly TensorToWrite[],
  options: ShardOptions,
): Promise<void> {
  const { stem, maximumBytes } = options;
  const shards = planShards(tensors, maximumBytes);
  const number = (value: number): string => String(value).padStart(5, '0');
  const nameOf = (index: number): string =>
    shards.length === 1
      ? `${stem}.safetensors`
      : `${stem}-${number(index + 1)}-of-${number(shards.length)}.safetensors`;
  const weightMap: Record<string, string> = {};
  for (const [index, shard] of shards.entries()) {
    await writeShard(join(folder, nameOf(index)), shard, options);
    for (const { name } of shard) weightMap[name] = nameOf(index);
  }
  if (shards.length === 1) return;
  const totalSize = tensors.reduce((sum, tensor) => sum + tensor.byteLength, 0);
  const index = { metadata: { total_size: totalSize }, weight_map: weightMap };
  await writeFile(join(folder, `${stem}.safetensors.index.json`), `${JSON.stringify(index, null, 2)}\n`);
}
