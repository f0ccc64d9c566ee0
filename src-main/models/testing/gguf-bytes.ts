import type { BlockType } from '../gguf-blocks.ts';
import { float32ToFloat16Array } from '../../../src-shared/core/half/index.ts';

/** A tensor of a GGUF file that is to be written. */
export interface GgufTensor {
  readonly name: string;
  /** Slowest axis first, as everywhere here. */
  readonly shape: readonly number[];
  /** ggml's number of the element type. */
  readonly type: number;
  readonly bytes: Uint8Array;
}

const text = (value: string): Uint8Array => {
  const encoded = new TextEncoder().encode(value);
  return join([uint64(encoded.length), encoded]);
};
const uint32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);
const uint64 = (value: number): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);
const join = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const padded = (bytes: Uint8Array, to: number): Uint8Array =>
  join([bytes, new Uint8Array((to - (bytes.length % to)) % to)]);

/** Key-value pairs of every kind that real files have: text, number, list of texts, list of numbers. */
function keys(shapes: readonly (readonly [name: string, shape: readonly number[]])[]): Uint8Array[] {
  return [
    join([text('general.architecture'), uint32(8), text('wan')]),
    join([text('general.file_type'), uint32(4), uint32(15)]),
    join([text('general.share'), uint32(12), new Uint8Array(Float64Array.of(0.5).buffer)]),
    join([text('general.tags'), uint32(9), uint32(8), uint64(2), text('video'), text('wan')]),
    ...shapes.map(([name, shape]) =>
      join([
        text(`comfy.gguf.orig_shape.${name}`),
        ...[uint32(9), uint32(5), uint64(shape.length)],
        new Uint8Array(Int32Array.from(shape).buffer),
      ]),
    ),
  ];
}

/** A GGUF file of version 3. Shapes of more than four axes are folded into two, and said in a key, as converters do. */
export function encodeGguf(tensors: readonly GgufTensor[], version = 3): Uint8Array {
  const folded = tensors.filter(({ shape }) => shape.length > 4);
  const pairs = keys(folded.map(({ name, shape }) => [name, shape]));
  const infos: Uint8Array[] = [];
  const data: Uint8Array[] = [];
  let offset = 0;
  for (const { name, shape, type, bytes } of tensors) {
    const [first, ...rest] = shape;
    const stored = shape.length > 4 ? [first, rest.reduce((product, size) => product * size, 1)] : shape;
    const dims = [...stored].reverse();
    infos.push(join([text(name), uint32(dims.length), ...dims.map(uint64), uint32(type), uint64(offset)]));
    data.push(padded(bytes, 32));
    offset += data[data.length - 1].length;
  }
  const head = [new TextEncoder().encode('GGUF'), uint32(version), uint64(tensors.length), uint64(pairs.length)];
  return join([padded(join([...head, ...pairs, ...infos]), 32), ...data]);
}

const half = (value: number): Uint8Array => new Uint8Array(float32ToFloat16Array(Float32Array.of(value)).buffer);

/** What a block of each kind is made of: whole numbers, and two scales. */
export interface BlockNumbers {
  /** One for each element: −128…127 (Q8_0), 0…15, 0…31, or 0…63 (Q6_K). */
  readonly quants: readonly number[];
  /** Of 16 or 32 elements: 0…63, or −128…127 (Q6_K); none for Q8_0. */
  readonly scales: readonly number[];
  /** 0…63, Q4_K and Q5_K only. */
  readonly minimums: readonly number[];
  readonly d: number;
  readonly minimumScale: number;
}

/** The 12 bytes of eight scales and eight minimums, 6 bits each. */
function packScales(scales: readonly number[], minimums: readonly number[]): number[] {
  const bytes = new Array<number>(12).fill(0);
  for (let i = 0; i < 4; i++) {
    bytes[i] = scales[i] | ((scales[i + 4] >> 4) << 6);
    bytes[i + 4] = minimums[i] | ((minimums[i + 4] >> 4) << 6);
    bytes[i + 8] = (scales[i + 4] & 15) | ((minimums[i + 4] & 15) << 4);
  }
  return bytes;
}

/**
 * One block, from its numbers, by the bit diagrams of the ONNX document "DequantizePacked decoding specification" read the
 * other way round: where each bit of a number goes.
 */
export function encodeBlock(type: BlockType, { quants, scales, minimums, d, minimumScale }: BlockNumbers): Uint8Array {
  const bytes = (values: readonly number[]): Uint8Array => Uint8Array.from(values, (value) => value & 255);
  if (type === 'Q8_0') return join([half(d), bytes(quants)]);
  if (type === 'Q6_K') {
    const low = new Uint8Array(128);
    const high = new Uint8Array(64);
    quants.forEach((q, i) => {
      const [part, within] = [i >> 7, i & 127];
      low[64 * part + (within & 63)] |= (q & 15) << (within < 64 ? 0 : 4);
      high[32 * part + (within & 31)] |= (q >> 4) << (2 * (within >> 5));
    });
    return join([low, high, bytes(scales), half(d)]);
  }
  const low = new Uint8Array(128);
  const high = new Uint8Array(32);
  quants.forEach((q, i) => {
    low[32 * (i >> 6) + (i & 31)] |= (q & 15) << ((i & 32) === 0 ? 0 : 4);
    high[i & 31] |= (q >> 4) << (i >> 5);
  });
  const head = [half(d), half(minimumScale), bytes(packScales(scales, minimums))];
  return join(type === 'Q5_K' ? [...head, high, low] : [...head, low]);
}
