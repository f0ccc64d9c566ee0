import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { BlockType } from './gguf-blocks.ts';

/** Element types that HetCut reads, with their sizes in bytes. */
const elementSizes = { F32: 4, F8_E4M3: 1, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1, BOOL: 1 } as const;
export type StoredType = keyof typeof elementSizes;

export function elementBytes(type: StoredType): number {
  return elementSizes[type];
}

/** A header above this is damage, not a header (the format's own limit). */
const maximumHeaderBytes = 100_000_000;

/** One tensor of a safetensors or GGUF file. Row-major, little-endian. */
export interface StoredTensor {
  readonly name: string;
  readonly type: StoredType;
  readonly shape: readonly number[];
  /** Path of the file that holds it. */
  readonly file: string;
  /** Position of its first byte in that file. */
  readonly offset: number;
  readonly byteLength: number;
  /** Of F8_E4M3: what each number is to be multiplied by. */
  readonly scale?: number;
  /** The file holds it in blocks of this kind, from `offset` on; what is read of it is float32. */
  readonly blocks?: BlockType;
}

const headerEntry = z.object({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const header = z.record(z.string(), z.unknown());

const redownload = 'The file is damaged or incomplete: copy or download it again.';

/** A file that is not what it should be. */
export function damaged(path: string, what: string, cause?: unknown): HetcutError {
  return new HetcutError('weights-damaged', `${path}: ${what}.`, { hint: redownload, cause });
}

/** Fills `target` from `position` on. */
export async function readFully(
  handle: FileHandle,
  path: string,
  position: number,
  target: Uint8Array,
): Promise<void> {
  // One read of the system moves at most 2 GiB.
  const largestRead = 1 << 30;
  let done = 0;
  while (done < target.length) {
    const length = Math.min(largestRead, target.length - done);
    const { bytesRead } = await handle.read(target, done, length, position + done);
    if (bytesRead === 0) throw damaged(path, `it ends at byte ${position + done}, amid its data`);
    done += bytesRead;
  }
}

/** What files that are not safetensors begin with. */
const beginnings: readonly (readonly [bytes: string, kind: string])[] = [
  ['GGUF', 'a GGUF file'],
  ['PK\x03\x04', 'a PyTorch checkpoint or another zip'],
  ['\x80\x02', 'a pickled PyTorch checkpoint'],
  ['version https://git-lfs', 'a pointer of Git LFS, not the file that it stands for'],
  ['<!DOCTYPE', 'a web page'],
  ['<html', 'a web page'],
];

async function otherKind(handle: FileHandle): Promise<string | undefined> {
  const start = Buffer.alloc(24);
  const { bytesRead } = await handle.read(start, 0, start.length, 0);
  const text = start.subarray(0, bytesRead).toString('latin1');
  return beginnings.find(([bytes]) => text.toLowerCase().startsWith(bytes.toLowerCase()))?.[1];
}

/** Reads and checks one header; positions in the result are from the start of the file. */
export async function readHeader(handle: FileHandle, path: string): Promise<StoredTensor[]> {
  const fileBytes = (await handle.stat()).size;
  const other = await otherKind(handle);
  if (other !== undefined) {
    throw new HetcutError('weights-format', `${path}: it is ${other}, whatever its name says.`, {
      hint: 'Get the model as safetensors; a transformer as GGUF is given as a single file (--transformer).',
    });
  }
  if (fileBytes < 8) throw damaged(path, `${fileBytes} bytes are no safetensors file`);
  const prefix = new Uint8Array(8);
  await readFully(handle, path, 0, prefix);
  const headerBytes = Number(new DataView(prefix.buffer).getBigUint64(0, true));
  if (headerBytes > fileBytes - 8) {
    throw damaged(path, `it claims a header of ${headerBytes} bytes, but has ${fileBytes} bytes in all`);
  }
  if (headerBytes > maximumHeaderBytes) throw damaged(path, `a header of ${headerBytes} bytes is too large`);
  const text = new Uint8Array(headerBytes);
  await readFully(handle, path, 8, text);
  let parsed: z.infer<typeof header>;
  try {
    parsed = header.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text)));
  } catch (cause) {
    throw damaged(path, 'its header is not JSON', cause);
  }
  const dataStart = 8 + headerBytes;
  const tensors = Object.entries(parsed)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => parseEntry(path, name, entry, dataStart));
  checkLayout(path, tensors, dataStart, fileBytes);
  return tensors;
}

function parseEntry(path: string, name: string, entry: unknown, dataStart: number): StoredTensor {
  const parsed = headerEntry.safeParse(entry);
  if (!parsed.success) throw damaged(path, `the header entry of tensor ${name} is malformed`, parsed.error);
  const { dtype, shape, data_offsets: range } = parsed.data;
  if (!Object.hasOwn(elementSizes, dtype)) {
    throw new HetcutError('tensor-type', `${path}: tensor ${name} has the unsupported type ${dtype}.`, {
      hint: `Supported types: ${Object.keys(elementSizes).join(', ')}.`,
    });
  }
  const type = dtype as StoredType;
  const byteLength = shape.reduce((product, size) => product * size, elementSizes[type]);
  if (range[1] - range[0] !== byteLength) {
    throw damaged(
      path,
      `tensor ${name} of ${type} [${shape.join(', ')}] needs ${byteLength} bytes, but its data offsets are ${range.join(' to ')}`,
    );
  }
  return { name, type, shape, file: path, offset: dataStart + range[0], byteLength };
}

/** The format's rule: the tensors' ranges cover the data exactly, without gaps or overlaps. */
function checkLayout(
  path: string,
  tensors: readonly StoredTensor[],
  dataStart: number,
  fileBytes: number,
): void {
  const ordered = [...tensors].sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength);
  let end = dataStart;
  let before = 'the header';
  for (const tensor of ordered) {
    if (tensor.offset < end)
      throw damaged(path, `the data of tensor ${tensor.name} overlaps that of ${before}`);
    if (tensor.offset > end) throw damaged(path, `there is a gap before the data of tensor ${tensor.name}`);
    end = tensor.offset + tensor.byteLength;
    before = `tensor ${tensor.name}`;
    if (end > fileBytes) {
      throw damaged(path, `the data of ${before} ends at byte ${end}, but the file has ${fileBytes} bytes`);
    }
  }
  if (end !== fileBytes) throw damaged(path, `${fileBytes - end} bytes follow the last tensor`);
}
