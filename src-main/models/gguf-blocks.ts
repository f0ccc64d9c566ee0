import { float16ToFloat32Array } from '../../src-shared/core/half/index.ts';

/** How GGUF stores weights in blocks: so many of them in so many bytes. */
export interface BlockFormat {
  readonly elements: number;
  readonly bytes: number;
  /** One block into `target` from `at` on. */
  readonly decode: (block: Uint8Array, target: Float32Array, at: number) => void;
}

export type BlockType = 'Q8_0' | 'Q4_K' | 'Q5_K' | 'Q6_K';

/** A number of two bytes. */
function half(block: Uint8Array, at: number): number {
  return float16ToFloat32Array(Uint16Array.of(block[at] | (block[at + 1] << 8)))[0];
}

const signed = (byte: number): number => (byte << 24) >> 24;

/** Scale and minimum of sub-block `i` of eight, 6 bits each, packed into the 12 bytes from `at` on. */
function scaleAndMinimum(block: Uint8Array, at: number, i: number): readonly [scale: number, minimum: number] {
  if (i < 4) return [block[at + i] & 63, block[at + i + 4] & 63];
  const low = block[at + i + 4];
  return [(low & 15) | ((block[at + i - 4] >> 6) << 4), (low >> 4) | ((block[at + i] >> 6) << 4)];
}

/**
 * Eight sub-blocks of 32: d·scale·q − dmin·minimum. Two sub-blocks share 32 bytes of four-bit halves, the even one in the
 * lower; where there are high bits, bit i of byte l belongs to element l of sub-block i.
 */
function decodeMinimumBlocks(
  block: Uint8Array,
  target: Float32Array,
  at: number,
  places: { readonly high?: number; readonly quants: number },
): void {
  const d = half(block, 0);
  const minimumScale = half(block, 2);
  for (let i = 0; i < 8; i++) {
    const [scale, minimum] = scaleAndMinimum(block, 4, i);
    const quants = places.quants + 32 * (i >> 1);
    for (let l = 0; l < 32; l++) {
      const byte = block[quants + l];
      const low = i % 2 === 0 ? byte & 15 : byte >> 4;
      const high = places.high === undefined ? 0 : ((block[places.high + l] >> i) & 1) << 4;
      target[at + 32 * i + l] = d * scale * (low | high) - minimumScale * minimum;
    }
  }
}

/**
 * Two halves of 128: d·scale·(q − 32), a scale for 16. Of each half the lower four bits lie in 64 bytes (element l + 32·k in
 * byte l + 32·(k mod 2), its upper half from k = 2 on), the upper two in 32 bytes (bits 2k of byte l).
 */
function decodeSixBits(block: Uint8Array, target: Float32Array, at: number): void {
  const [highs, scales] = [128, 192];
  const d = half(block, 208);
  for (let part = 0; part < 2; part++) {
    for (let k = 0; k < 4; k++) {
      for (let l = 0; l < 32; l++) {
        const byte = block[64 * part + 32 * (k % 2) + l];
        const low = k < 2 ? byte & 15 : byte >> 4;
        const high = (block[highs + 32 * part + l] >> (2 * k)) & 3;
        const scale = signed(block[scales + 8 * part + 2 * k + (l >> 4)]);
        target[at + 128 * part + 32 * k + l] = d * scale * ((low | (high << 4)) - 32);
      }
    }
  }
}

/**
 * Layouts as the ONNX document "DequantizePacked decoding specification" writes them down (its formats `gguf:…`), little-endian.
 */
export const blockFormats: Readonly<Record<BlockType, BlockFormat>> = {
  Q8_0: {
    elements: 32,
    bytes: 34,
    decode: (block, target, at) => {
      const d = half(block, 0);
      for (let i = 0; i < 32; i++) target[at + i] = d * signed(block[2 + i]);
    },
  },
  Q4_K: {
    elements: 256,
    bytes: 144,
    decode: (block, target, at) => decodeMinimumBlocks(block, target, at, { quants: 16 }),
  },
  Q5_K: {
    elements: 256,
    bytes: 176,
    decode: (block, target, at) => decodeMinimumBlocks(block, target, at, { high: 16, quants: 48 }),
  },
  Q6_K: { elements: 256, bytes: 210, decode: decodeSixBits },
};

/** Whole blocks as float32. */
export function decodeBlocks(bytes: Uint8Array, type: BlockType): Float32Array {
  const { elements, bytes: size, decode } = blockFormats[type];
  const count = bytes.length / size;
  const values = new Float32Array(count * elements);
  for (let i = 0; i < count; i++) decode(bytes.subarray(i * size, (i + 1) * size), values, i * elements);
  return values;
}
