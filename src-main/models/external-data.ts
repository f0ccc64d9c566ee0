import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { isPlainName } from '../../src-shared/core/names/index.ts';

/*
 * Where the tensors of an ONNX file are that are not in it: `external_data` of TensorProto (onnx.proto, IR version 10). The
 * file is walked field by field, and what cannot hold a tensor is stepped over: graphs have gigabytes.
 */

/** Fields of a message that hold messages, by their numbers. */
interface Message {
  readonly [field: number]: () => Message;
}

const entry: Message = {};
const tensor: Message = { 13: () => entry };
const sparseTensor: Message = { 1: () => tensor, 2: () => tensor };
const attribute: Message = {
  5: () => tensor,
  6: () => graph,
  10: () => tensor,
  11: () => graph,
  22: () => sparseTensor,
  23: () => sparseTensor,
};
const node: Message = { 5: () => attribute };
const graph: Message = { 1: () => node, 5: () => tensor, 15: () => sparseTensor };
const func: Message = { 7: () => node, 11: () => attribute };
const training: Message = { 1: () => graph, 2: () => graph };
const model: Message = { 7: () => graph, 20: () => training, 25: () => func };

/** No name of a file is longer; of a longer one the beginning is read, which is refused. */
const longestText = 4096;
/** Deeper than graphs are in graphs. */
const deepest = 64;

/** Bytes of a file as they are asked for, a piece at a time. */
class Pieces {
  #piece = Buffer.alloc(0);
  #from = 0;
  readonly #handle: FileHandle;
  readonly #path: string;

  constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  damaged(): HetcutError {
    return new HetcutError('segmenter-graph', `${this.#path} is no ONNX graph, or damaged.`, {
      hint: 'Get the file again from where the graphs are from.',
    });
  }

  /** `count` bytes at `at`. */
  async bytes(at: number, count: number): Promise<Buffer> {
    if (at < this.#from || at + count > this.#from + this.#piece.length) {
      const piece = Buffer.alloc(Math.max(count, 65_536));
      const { bytesRead } = await this.#handle.read(piece, 0, piece.length, at);
      this.#piece = piece.subarray(0, bytesRead);
      this.#from = at;
    }
    const start = at - this.#from;
    return this.#piece.subarray(start, start + count);
  }

  /** A number in groups of seven bits, and where it ends. */
  async number(at: number, end: number): Promise<readonly [value: number, next: number]> {
    const bytes = await this.bytes(at, Math.min(10, end - at));
    let value = 0;
    for (const [index, byte] of bytes.entries()) {
      value += (byte & 127) * 2 ** (7 * index);
      if (byte < 128) return [value, at + index + 1];
    }
    throw this.damaged();
  }
}

async function walk(
  pieces: Pieces,
  kind: Message,
  range: readonly [start: number, end: number],
  depth: number,
  onText: (key: string, value: string) => void,
): Promise<void> {
  if (depth > deepest) throw pieces.damaged();
  const [start, end] = range;
  const texts: Partial<Record<number, string>> = {};
  for (let at = start; at < end;) {
    const [tag, afterTag] = await pieces.number(at, end);
    const [field, wire] = [Math.floor(tag / 8), tag % 8];
    if (wire === 0) [, at] = await pieces.number(afterTag, end);
    else if (wire === 1) at = afterTag + 8;
    else if (wire === 5) at = afterTag + 4;
    else if (wire !== 2) throw pieces.damaged();
    else {
      const [length, from] = await pieces.number(afterTag, end);
      at = from + length;
      if (at > end) throw pieces.damaged();
      const inner = kind[field];
      if (inner !== undefined) await walk(pieces, inner(), [from, at], depth + 1, onText);
      else if (kind === entry) texts[field] = (await pieces.bytes(from, Math.min(length, longestText))).toString();
    }
    if (at > end) throw pieces.damaged();
  }
  if (kind === entry) onText(texts[1] ?? '', texts[2] ?? '');
}

/** Names of the files that an ONNX graph has tensors in. Throws `segmenter-graph` where it is no graph. */
async function externalFiles(path: string): Promise<ReadonlySet<string>> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const names = new Set<string>();
    const { size } = await handle.stat();
    await walk(new Pieces(handle, path), model, [0, size], 0, (key, value) => {
      if (key === 'location') names.add(value);
    });
    return names;
  } finally {
    await handle.close();
  }
}

/**
 * The files beside an ONNX graph that it has tensors in. Throws `segmenter-graph` where one of them is named by a way to
 * another folder, and where it is no graph.
 */
export async function requirePlainData(path: string): Promise<readonly string[]> {
  const names = [...(await externalFiles(path))];
  const wrong = names.find((name) => !isPlainName(name));
  if (wrong === undefined) return names;
  throw new HetcutError(
    'segmenter-graph',
    `${path}: it has tensors in ${JSON.stringify(wrong.slice(0, 200))}, which is no file beside it.`,
    { hint: 'Do not use this file: it would have other files of this machine read. Get it from its makers.' },
  );
}
