import { constants } from 'node:fs';
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { isPlainName } from '../../src-shared/core/names/index.ts';
import { readSmallFile } from '../engine/small-file.ts';
import { toFloat32 } from './float-elements.ts';
import { isGguf, readGgufHeader } from './gguf.ts';
import { blockFormats, decodeBlocks } from './gguf-blocks.ts';
import { damaged, readFully, readHeader, type StoredTensor } from './safetensors-header.ts';

export { elementBytes, type StoredTensor } from './safetensors-header.ts';

const shardIndex = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * Tensors of one safetensors file, or of several that make up one model. Holds the files open; data is read on
 * request, so that opening a model of any size costs only its headers.
 */
export class TensorStore {
  /** The file or folder it was opened from, for messages. */
  readonly location: string;
  readonly files: readonly string[];
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly #handles: ReadonlyMap<string, FileHandle>;

  constructor(
    location: string,
    handles: ReadonlyMap<string, FileHandle>,
    tensors: ReadonlyMap<string, StoredTensor>,
  ) {
    this.location = location;
    this.files = [...handles.keys()];
    this.tensors = tensors;
    this.#handles = handles;
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  /** The tensor of that name. Throws HetcutError naming the file and the tensor if there is none. */
  get(name: string): StoredTensor {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) {
      throw new HetcutError('tensor-missing', `${this.location}: tensor ${name} is missing.`, {
        hint: 'The weights do not belong to this configuration, or a file of the model is missing.',
      });
    }
    return tensor;
  }

  shape(name: string): readonly number[] {
    return this.get(name).shape;
  }

  /** Bytes [start, end) of the tensor, in a buffer of its own (so that any typed array can view it). */
  async readBytes(tensor: StoredTensor, start = 0, end = tensor.byteLength): Promise<Uint8Array> {
    const bytes = new Uint8Array(end - start);
    await this.readInto(tensor, start, bytes);
    return bytes;
  }

  /** Fills `target` with the tensor's bytes from `start` on. */
  async readInto(tensor: StoredTensor, start: number, target: Uint8Array): Promise<void> {
    const handle = this.#handles.get(tensor.file);
    if (handle === undefined) throw new Error(`${tensor.file} does not belong to ${this.location}`);
    const { blocks, file, offset } = tensor;
    if (blocks === undefined) return readFully(handle, file, offset + start, target);
    const { elements, bytes } = blockFormats[blocks];
    const perBlock = 4 * elements;
    const first = Math.floor(start / perBlock);
    const last = Math.ceil((start + target.length) / perBlock);
    const stored = new Uint8Array((last - first) * bytes);
    await readFully(handle, file, offset + first * bytes, stored);
    const values = new Uint8Array(decodeBlocks(stored, blocks).buffer);
    target.set(values.subarray(start - first * perBlock, start - first * perBlock + target.length));
  }

  /** A whole F32, F16, BF16 or F8_E4M3 tensor as float32; its shape is `shape(name)`. */
  async float32(name: string): Promise<Float32Array> {
    const tensor = this.get(name);
    const values = toFloat32(await this.readBytes(tensor), tensor);
    if (values === undefined) throw wrongType(tensor, 'floating-point numbers');
    return values;
  }

  /** A whole I32, U8 or BOOL tensor as int32, or an I64 one whose values fit. */
  async int32(name: string): Promise<Int32Array> {
    const tensor = this.get(name);
    const bytes = await this.readBytes(tensor);
    if (tensor.type === 'I32') return new Int32Array(bytes.buffer);
    if (tensor.type === 'U8' || tensor.type === 'BOOL') return Int32Array.from(bytes);
    if (tensor.type === 'I64') {
      return Int32Array.from(new BigInt64Array(bytes.buffer), (value) => {
        if (BigInt.asIntN(32, value) !== value) throw wrongType(tensor, 'integers of 32 bits');
        return Number(value);
      });
    }
    throw wrongType(tensor, 'integers');
  }

  /** A whole U8 or BOOL tensor. */
  async uint8(name: string): Promise<Uint8Array> {
    const tensor = this.get(name);
    if (tensor.type !== 'U8' && tensor.type !== 'BOOL') throw wrongType(tensor, 'bytes');
    return this.readBytes(tensor);
  }

  /**
   * The same tensors under other names, and with scales; closing it closes this store. `change` returns undefined for
   * what is left out.
   */
  mapped(
    change: (tensor: StoredTensor) => { readonly name: string; readonly scale?: number } | undefined,
  ): TensorStore {
    const tensors = new Map<string, StoredTensor>();
    for (const tensor of this.tensors.values()) {
      const changed = change(tensor);
      if (changed === undefined) continue;
      const { name, scale } = changed;
      // Messages name a tensor as its file does.
      tensors.set(name, scale === undefined ? tensor : { ...tensor, scale });
    }
    return new TensorStore(this.location, this.#handles, tensors);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#handles.values()].map((handle) => handle.close()));
  }
}

function wrongType(tensor: StoredTensor, wanted: string): HetcutError {
  return new HetcutError(
    'tensor-type',
    `${tensor.file}: tensor ${tensor.name} is ${tensor.type}, not ${wanted}.`,
    { hint: 'Use weights stored as F32, F16 or BF16.' },
  );
}

/** A pipe is not waited for, and a folder or device is none of the files that are read here. */
async function openForReading(path: string): Promise<FileHandle> {
  try {
    const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    throw new Error('it is no file');
  } catch (cause) {
    throw new HetcutError('weights-unreadable', `${path}: cannot be opened (${String(cause)}).`, {
      hint: 'Check that the file exists and may be read.',
      cause,
    });
  }
}

/**
 * Opens one safetensors file and checks its header and layout.
 * Throws HetcutError naming the file and the tensor for anything that is not right.
 */
export function openSafetensors(path: string): Promise<TensorStore> {
  return openFile(path, readHeader);
}

/** Opens one file, safetensors or GGUF by its first bytes. Throws as `openSafetensors`. */
export async function openTensors(path: string): Promise<TensorStore> {
  return (await isGguf(path)) ? openFile(path, readGgufHeader) : openSafetensors(path);
}

async function openFile(path: string, read: typeof readHeader): Promise<TensorStore> {
  const handle = await openForReading(path);
  try {
    const tensors = await read(handle, path);
    return new TensorStore(
      path,
      new Map([[path, handle]]),
      new Map(tensors.map((tensor) => [tensor.name, tensor])),
    );
  } catch (error) {
    await handle.close();
    throw error;
  }
}

const stems = ['diffusion_pytorch_model', 'model'];

/** The weights' entry file in a folder: a shard index before a single file, the libraries' names first. */
async function findEntryFile(folder: string): Promise<string> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    throw new HetcutError('weights-missing', `${folder}: the folder cannot be read.`, {
      hint: 'Give a model folder in the diffusers layout, with its weights as *.safetensors.',
      cause,
    });
  }
  for (const suffix of ['.safetensors.index.json', '.safetensors']) {
    const usual = stems.map((stem) => stem + suffix).find((name) => names.includes(name));
    const others = names.filter((name) => name.endsWith(suffix)).sort();
    const found = usual ?? (others.length === 1 ? others[0] : undefined);
    if (found !== undefined) return found;
    if (others.length > 1) {
      throw new HetcutError('weights-ambiguous', `${folder}: several weights: ${others.join(', ')}.`, {
        hint: `Keep one, or name it ${stems[0]}${suffix}.`,
      });
    }
  }
  throw new HetcutError('weights-missing', `${folder}: no *.safetensors file in it.`, {
    hint: 'Weights as .bin, .pt or .gguf are not read: get the safetensors files of the model.',
  });
}

/**
 * Opens a part's weights: `<stem>.safetensors`, or the shards of `<stem>.safetensors.index.json`, with the names
 * that diffusers and transformers give, or any other if there is only one.
 * Throws HetcutError naming the file and the tensor for anything that is not right.
 */
export async function openWeights(folder: string): Promise<TensorStore> {
  const entry = await findEntryFile(folder);
  if (entry.endsWith('.safetensors')) return openSafetensors(join(folder, entry));
  const indexPath = join(folder, entry);
  const shardOf = await readIndex(indexPath);
  const handles = new Map<string, FileHandle>();
  try {
    const stored = new Map<string, StoredTensor>();
    for (const shard of new Set(shardOf.values())) {
      const path = join(folder, shard);
      const handle = await openForReading(path);
      handles.set(path, handle);
      for (const tensor of await readHeader(handle, path)) {
        if (shardOf.get(tensor.name) === shard) stored.set(tensor.name, tensor);
      }
    }
    for (const [name, shard] of shardOf) {
      if (!stored.has(name)) {
        throw new HetcutError(
          'tensor-missing',
          `${join(folder, shard)}: tensor ${name} is missing, though ${entry} names it.`,
          { hint: 'The index and the shards are of different models or versions: get them together again.' },
        );
      }
    }
    return new TensorStore(folder, handles, stored);
  } catch (error) {
    await Promise.all([...handles.values()].map((handle) => handle.close()));
    throw error;
  }
}

async function readIndex(path: string): Promise<Map<string, string>> {
  let weightMap: Record<string, string>;
  try {
    weightMap = shardIndex.parse(JSON.parse((await readSmallFile(path)).toString())).weight_map;
  } catch (cause) {
    if (cause instanceof HetcutError) throw cause;
    throw damaged(path, 'it is not a shard index (JSON with a weight_map)', cause);
  }
  for (const shard of Object.values(weightMap)) {
    if (!isPlainName(shard)) {
      throw damaged(path, `the shard name ${JSON.stringify(shard.slice(0, 100))} is not a plain file name`);
    }
  }
  return new Map(Object.entries(weightMap));
}
