import { open, type FileHandle } from 'node:fs/promises';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { blockFormats, type BlockType } from './gguf-blocks.ts';
import { damaged, elementBytes, readFully, type StoredTensor } from './safetensors-header.ts';

/*
 * The GGUF container, versions 2 and 3, little-endian, as its specification describes it (ggml's docs/gguf.md): magic,
 * version, counts, key-value pairs, tensor infos, then the tensors' data at aligned places.
 */

const magic = 'GGUF';
const usualAlignment = 32;
/** More than this of keys and tensor infos is damage. */
const mostHeaderBytes = 100_000_000;
const mostDimensions = 8;

/** ggml's numbers of element types; those without a stored type here are named in messages only. */
const types: Readonly<Record<number, { readonly name: string; readonly stored?: 'F32' | 'F16' | 'BF16' | BlockType }>> = {
  0: { name: 'F32', stored: 'F32' },
  1: { name: 'F16', stored: 'F16' },
  2: { name: 'Q4_0' },
  3: { name: 'Q4_1' },
  6: { name: 'Q5_0' },
  7: { name: 'Q5_1' },
  8: { name: 'Q8_0', stored: 'Q8_0' },
  10: { name: 'Q2_K' },
  11: { name: 'Q3_K' },
  12: { name: 'Q4_K', stored: 'Q4_K' },
  13: { name: 'Q5_K', stored: 'Q5_K' },
  14: { name: 'Q6_K', stored: 'Q6_K' },
  30: { name: 'BF16', stored: 'BF16' },
};

/** Bytes of the key-value types of fixed length. */
const valueBytes: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const [stringType, arrayType] = [8, 9];

/** What a tensor's shape was before it was made to fit the four axes that the format was meant for. */
const originalShape = 'comfy.gguf.orig_shape.';

/** Whether a file begins as GGUF does. */
export async function isGguf(path: string): Promise<boolean> {
  const handle = await open(path, 'r').catch(() => undefined);
  if (handle === undefined) return false;
  try {
    const start = Buffer.alloc(magic.length);
    await handle.read(start, 0, start.length, 0);
    return start.toString('latin1') === magic;
  } finally {
    await handle.close();
  }
}

/** Reads numbers and texts one after the other, from as much of the file as it needs. */
class Reader {
  #bytes = new Uint8Array(0);
  at = 0;
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #fileBytes: number;

  constructor(handle: FileHandle, path: string, fileBytes: number) {
    this.#handle = handle;
    this.#path = path;
    this.#fileBytes = fileBytes;
  }

  async #need(count: number): Promise<DataView> {
    const end = this.at + count;
    if (end > this.#fileBytes) throw damaged(this.#path, `it ends at byte ${this.#fileBytes}, amid its header`);
    if (end > mostHeaderBytes) throw damaged(this.#path, 'its header is too large');
    if (end > this.#bytes.length) {
      const more = new Uint8Array(Math.min(this.#fileBytes, Math.max(end, 2 * this.#bytes.length, 65536)));
      await readFully(this.#handle, this.#path, 0, more);
      this.#bytes = more;
    }
    const view = new DataView(this.#bytes.buffer, this.at, count);
    this.at = end;
    return view;
  }

  async skip(count: number): Promise<void> {
    await this.#need(count);
  }

  async uint32(): Promise<number> {
    return (await this.#need(4)).getUint32(0, true);
  }

  async uint64(): Promise<number> {
    const value = (await this.#need(8)).getBigUint64(0, true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(this.#path, `it holds the length ${value}`);
    return Number(value);
  }

  async text(): Promise<string> {
    const { buffer, byteOffset, byteLength } = await this.#need(await this.uint64());
    return new TextDecoder().decode(new Uint8Array(buffer, byteOffset, byteLength));
  }

  /** Skips a value; whole numbers of 32 bits, and lists of them, are returned. */
  async value(type: number): Promise<readonly number[] | undefined> {
    if (type === stringType) {
      await this.skip(await this.uint64());
      return undefined;
    }
    if (type === arrayType) {
      const element = await this.uint32();
      const count = await this.uint64();
      if (element === 4 || element === 5) {
        const view = await this.#need(4 * count);
        return Array.from({ length: count }, (_, i) => view.getInt32(4 * i, true));
      }
      if (valueBytes[element] !== undefined) await this.skip(valueBytes[element] * count);
      // The specification allows lists of lists, no file has them, and they could be nested without end.
      else if (element === stringType) for (let i = 0; i < count; i++) await this.value(element);
      else throw damaged(this.#path, `a list of its header holds the type ${element}`);
      return undefined;
    }
    if (valueBytes[type] === undefined) throw damaged(this.#path, `a key of its header has the unknown type ${type}`);
    if (type === 4 || type === 5) return [await this.uint32()];
    await this.skip(valueBytes[type]);
    return undefined;
  }
}

interface TensorInfo {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: number;
  /** From the start of the data. */
  readonly offset: number;
}

function unsupported(path: string, { name, type }: TensorInfo): HetcutError {
  const readable = Object.values(types).flatMap((row) => row.stored ?? []);
  return new HetcutError(
    'tensor-type',
    `${path}: tensor ${name} is stored as ${types[type]?.name ?? `type ${type}, which is unknown`}.`,
    { hint: `Of GGUF HetCut reads ${readable.join(', ')}: get the file in one of these.` },
  );
}

function placed(path: string, info: TensorInfo, dataStart: number, fileBytes: number): StoredTensor {
  const stored = types[info.type]?.stored;
  if (stored === undefined) throw unsupported(path, info);
  const { name, shape } = info;
  const count = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(count)) throw damaged(path, `tensor ${name} is [${shape.join(', ')}]`);
  const isPlain = stored === 'F32' || stored === 'F16' || stored === 'BF16';
  const format = isPlain ? undefined : blockFormats[stored];
  if (format !== undefined && count % format.elements !== 0) {
    throw damaged(path, `tensor ${name} of ${stored} [${shape.join(', ')}] does not fill whole blocks`);
  }
  const bytes = format === undefined ? count * elementBytes(stored as 'F32') : (count / format.elements) * format.bytes;
  const offset = dataStart + info.offset;
  if (offset + bytes > fileBytes) {
    throw damaged(path, `the data of tensor ${name} ends at byte ${offset + bytes}, but the file has ${fileBytes} bytes`);
  }
  return isPlain
    ? { name, type: stored, shape, file: path, offset, byteLength: bytes }
    : { name, type: 'F32', shape, file: path, offset, byteLength: 4 * count, blocks: stored };
}

/**
 * Reads and checks the header of a GGUF file. Weights in blocks are tensors of F32 that are decoded as they are read.
 * Throws HetcutError naming the file and the tensor: weights-damaged, weights-format, tensor-type.
 */
export async function readGgufHeader(handle: FileHandle, path: string): Promise<StoredTensor[]> {
  const { size: fileBytes } = await handle.stat();
  const reader = new Reader(handle, path, fileBytes);
  await reader.skip(magic.length);
  const version = await reader.uint32();
  if (version !== 2 && version !== 3) {
    throw new HetcutError('weights-format', `${path}: GGUF of version ${version}, or big-endian.`, {
      hint: 'HetCut reads GGUF of versions 2 and 3, little-endian: convert it, or get it as safetensors.',
    });
  }
  const tensorCount = await reader.uint64();
  const keyCount = await reader.uint64();
  let alignment = usualAlignment;
  const shapes = new Map<string, readonly number[]>();
  for (let i = 0; i < keyCount; i++) {
    const key = await reader.text();
    const value = await reader.value(await reader.uint32());
    if (key === 'general.alignment' && value !== undefined) [alignment] = value;
    if (key.startsWith(originalShape) && value !== undefined) shapes.set(key.slice(originalShape.length), value);
  }
  if (!(alignment > 0)) throw damaged(path, `its data is aligned to ${alignment} bytes`);
  const infos: TensorInfo[] = [];
  for (let i = 0; i < tensorCount; i++) {
    const name = await reader.text();
    const axes = await reader.uint32();
    if (axes > mostDimensions) throw damaged(path, `tensor ${name} has ${axes} axes`);
    const dims: number[] = [];
    for (let axis = 0; axis < axes; axis++) dims.push(await reader.uint64());
    // The fastest axis comes first.
    const shape = shapes.get(name) ?? dims.toReversed();
    const elements = (sizes: readonly number[]): number => sizes.reduce((product, size) => product * size, 1);
    if (shape.some((size) => size < 0) || elements(shape) !== elements(dims)) {
      throw damaged(path, `tensor ${name} of [${dims.toReversed().join(', ')}] is said to be [${shape.join(', ')}]`);
    }
    infos.push({ name, shape, type: await reader.uint32(), offset: await reader.uint64() });
  }
  const dataStart = Math.ceil(reader.at / alignment) * alignment;
  return infos.map((info) => placed(path, info, dataStart, fileBytes));
}
