import { createHash, type Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { cancelledError, HetcutError } from '../../src-shared/core/errors/index.ts';
import type { FloatType, GraphParameter, ParameterLayout } from '../../src-shared/core/graph/index.ts';
import { float32ToFloat16Array } from '../../src-shared/core/half/index.ts';
import { toFloat32 } from './float-elements.ts';
import { quantiseBlocks } from './quantise-blocks.ts';
import { elementBytes, type StoredTensor, type TensorStore } from './safetensors.ts';

/** Elements handled at once: large enough for the disk, small enough for the memory. */
const chunkElements = 2 ** 21;

/** A file as written: what the manifest records of it. */
export interface WrittenFile {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

export interface WriteOptions {
  /** Called with the number of bytes written since the last call. */
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal;
  /** Changes a tensor's values, by its usual name; undefined: it stays as it is stored. */
  readonly adjust?: (source: string) => ((values: Float32Array) => Promise<void>) | undefined;
}

/** Finds a parameter's tensor; parameters are checked before anything is written. */
export type TensorLookup = (parameter: GraphParameter) => StoredTensor;

/**
 * Raw elements of `type` as raw elements of `target`. `bytes` owns its buffer.
 * Throws HetcutError where a number does not fit float16.
 */
function convertElements(
  bytes: Uint8Array,
  tensor: Pick<StoredTensor, 'type' | 'scale' | 'name'>,
  target: FloatType,
): Uint8Array {
  const { type, name } = tensor;
  if ((type === 'F32' && target === 'float32') || (type === 'F16' && target === 'float16')) return bytes;
  const values = toFloat32(bytes, tensor);
  if (values === undefined) throw new Error(`${name} of ${type} was not checked`);
  if (target === 'float32') return bytesOf(values);
  const halves = float32ToFloat16Array(values);
  for (const half of halves) {
    if ((half & 0x7c00) === 0x7c00) {
      throw new HetcutError('weight-overflow', `tensor ${name} holds numbers that float16 cannot hold.`, {
        hint: 'Import this model with --precision fp32.',
      });
    }
  }
  return bytesOf(halves);
}

const bytesOf = (array: Float32Array | Uint16Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/**
 * Where row `row` of the transposed matrix comes from: which column of the stored [rows, columns] matrix.
 * `transpose`: the same; `patch`: stored columns are (channel, patch row, patch column), wanted ones have the
 * channel fastest.
 */
function sourceColumn(parameter: GraphParameter): (row: number) => number {
  if (parameter.transform !== 'patch') return (row) => row;
  const [, channels, ...patch] = parameter.sourceShape;
  const patchSize = patch.reduce((product, size) => product * size, 1);
  return (row) => (row % channels) * patchSize + Math.floor(row / channels);
}

/** Rows [start, end) of the transposed form of a stored [rows, columns] matrix of raw elements. */
function transposedRows<T extends Uint8Array | Uint16Array | Uint32Array>(
  matrix: T,
  columns: number,
  band: { readonly start: number; readonly target: T },
  columnOf: (row: number) => number,
): void {
  const rows = matrix.length / columns;
  const bandRows = band.target.length / rows;
  // Tiles keep both the rows read and the rows written within the cache.
  const tile = 32;
  for (let firstRow = 0; firstRow < rows; firstRow += tile) {
    const lastRow = Math.min(rows, firstRow + tile);
    for (let row = 0; row < bandRows; row++) {
      const column = columnOf(band.start + row);
      const at = row * rows;
      for (let i = firstRow; i < lastRow; i++) band.target[at + i] = matrix[i * columns + column];
    }
  }
}

/** Half of a matrix in blocks: a tensor is read once for its codes, and once for their scales. */
async function* quantisedChunks(
  read: (start?: number, end?: number) => Promise<Uint8Array>,
  tensor: Pick<StoredTensor, 'name' | 'type' | 'scale' | 'byteLength'>,
  transform: 'codes8' | 'codes4' | 'scales8' | 'scales4',
): AsyncGenerator<Uint8Array> {
  const size = elementBytes(tensor.type);
  for (let start = 0; start < tensor.byteLength; start += chunkElements * size) {
    const end = Math.min(tensor.byteLength, start + chunkElements * size);
    const singles = convertElements(await read(start, end), tensor, 'float32');
    const weights = new Float32Array(singles.buffer, singles.byteOffset, singles.length / 4);
    const { codes, scales } = quantiseBlocks(weights, transform.endsWith('8') ? 8 : 4);
    yield transform.startsWith('codes') ? codes : bytesOf(scales);
  }
}

/** The parameter's bytes in the graph's form, in pieces of bounded size. */
async function* parameterChunks(
  store: TensorStore,
  tensor: StoredTensor,
  parameter: GraphParameter,
  adjust: ((values: Float32Array) => Promise<void>) | undefined,
): AsyncGenerator<Uint8Array> {
  if (adjust !== undefined) {
    const values = toFloat32(await store.readBytes(tensor), tensor);
    if (values === undefined) throw new Error(`${tensor.name} was not checked`);
    await adjust(values);
    const whole = bytesOf(values);
    const read = async (start = 0, end = whole.length): Promise<Uint8Array> => whole.slice(start, end);
    yield* convertedChunks(read, { name: tensor.name, type: 'F32', byteLength: whole.length }, parameter);
    return;
  }
  yield* convertedChunks((start, end) => store.readBytes(tensor, start, end), tensor, parameter);
}

/** `read`: bytes of the tensor, in a buffer of their own. */
async function* convertedChunks(
  read: (start?: number, end?: number) => Promise<Uint8Array>,
  tensor: Pick<StoredTensor, 'name' | 'type' | 'scale' | 'byteLength'>,
  parameter: GraphParameter,
): AsyncGenerator<Uint8Array> {
  const size = elementBytes(tensor.type);
  if (parameter.transform === 'none') {
    for (let start = 0; start < tensor.byteLength; start += chunkElements * size) {
      const end = Math.min(tensor.byteLength, start + chunkElements * size);
      yield convertElements(await read(start, end), tensor, floatTypeOf(parameter));
    }
    return;
  }
  if (parameter.transform !== 'transpose' && parameter.transform !== 'patch') {
    yield* quantisedChunks(read, tensor, parameter.transform);
    return;
  }
  const rows = parameter.sourceShape[0];
  const columns = tensor.byteLength / size / rows;
  const bandRows = Math.max(1, Math.floor(chunkElements / rows));
  const columnOf = sourceColumn(parameter);
  const bytes = await read();
  for (let start = 0; start < columns; start += bandRows) {
    const count = Math.min(bandRows, columns - start) * rows;
    const target =
      size === 4 ? new Uint32Array(count) : size === 2 ? new Uint16Array(count) : new Uint8Array(count);
    if (target instanceof Uint32Array) {
      transposedRows(new Uint32Array(bytes.buffer), columns, { start, target }, columnOf);
    } else if (target instanceof Uint16Array) {
      transposedRows(new Uint16Array(bytes.buffer), columns, { start, target }, columnOf);
    } else transposedRows(bytes, columns, { start, target }, columnOf);
    yield convertElements(new Uint8Array(target.buffer), tensor, floatTypeOf(parameter));
  }
}

/** Of a parameter that is not quantised. */
function floatTypeOf({ name, type }: GraphParameter): FloatType {
  if (type === 'uint8') throw new Error(`${name} is made of codes`);
  return type;
}

/** Appends to a file and hashes what it appends. */
class HashingFile {
  bytes = 0;
  readonly #handle: FileHandle;
  readonly #hash: Hash = createHash('sha256');

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async append(chunk: Uint8Array): Promise<void> {
    // The hash is computed here while the system's thread writes.
    const writing = writeFully(this.#handle, chunk, this.bytes);
    this.#hash.update(chunk);
    await writing;
    this.bytes += chunk.length;
  }

  async padTo(position: number): Promise<void> {
    if (position > this.bytes) await this.append(new Uint8Array(position - this.bytes));
  }

  async finish(): Promise<WrittenFile> {
    await this.#handle.sync();
    return { bytes: this.bytes, sha256: this.#hash.digest('hex') };
  }
}

async function writeFully(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < chunk.length) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}

/**
 * Writes one external data file: every parameter of `layout` in its place, transformed and converted, zeros between
 * them. At no time is more than one transposed tensor (in its stored type) and a chunk of a few MB in memory.
 */
export async function writeWeightFile(
  path: string,
  layout: ParameterLayout,
  store: TensorStore,
  lookup: TensorLookup,
  options: WriteOptions = {},
): Promise<WrittenFile> {
  const handle = await open(path, 'wx');
  try {
    const file = new HashingFile(handle);
    for (const parameter of layout.parameters) {
      const place = layout.placements.get(parameter.name);
      if (place === undefined) throw new Error(`${parameter.name} has no place in ${path}`);
      await file.padTo(place.offset);
      const adjust = options.adjust?.(parameter.source);
      for await (const chunk of parameterChunks(store, lookup(parameter), parameter, adjust)) {
        if (options.signal?.aborted) throw cancelledError();
        await file.append(chunk);
        options.onBytes?.(chunk.length);
      }
      const expected = place.offset + place.length;
      if (file.bytes !== expected) {
        throw new Error(`${parameter.name} ends at byte ${file.bytes} of ${path}, not at ${expected}`);
      }
    }
    return await file.finish();
  } finally {
    await handle.close();
  }
}

/** Writes a small file and says what the manifest records of it. */
export async function writeHashed(path: string, bytes: Uint8Array): Promise<WrittenFile> {
  const handle = await open(path, 'wx');
  try {
    const file = new HashingFile(handle);
    await file.append(bytes);
    return await file.finish();
  } finally {
    await handle.close();
  }
}
