import { logOfUniform, sinCosOfTurn } from './exact-functions.ts';
import { philox4x32 } from './philox.ts';

const wordsPerBlock = 4;

/**
 * Standard normal noise, float32 [length]. The same seed, stream and index give the same bits on every machine:
 * Philox4x32-10 with key = seed and counter = (block, stream), then Box and Muller (1958) in double precision
 * with functions made of + − × ÷ √ only, then one rounding to float32.
 *
 * `seed`: an integer, taken modulo 2^64. `stream`: an integer 0 … 2^32 − 1; streams of one seed are independent
 * (one per window, say). A shorter array is the beginning of a longer one. |values| < 6.8.
 */
export function gaussianNoise(seed: number | bigint, stream: number, length: number): Float32Array {
  const key = seedWords(seed);
  const counter = new Uint32Array(wordsPerBlock);
  const words = new Uint32Array(wordsPerBlock);
  const pair = new Float64Array(2);
  const noise = new Float32Array(length);
  counter[2] = stream;
  for (let start = 0, block = 0; start < length; start += wordsPerBlock, block++) {
    counter[0] = block;
    counter[1] = Math.floor(block / 0x100000000);
    philox4x32(counter, key, words);
    for (let k = 0; k < wordsPerBlock && start + k < length; k += 2) {
      const radius = Math.sqrt(-2 * logOfUniform(words[k]));
      sinCosOfTurn(words[k + 1], pair);
      noise[start + k] = radius * pair[1];
      // Past the end of an odd length: a write outside a typed array does nothing.
      noise[start + k + 1] = radius * pair[0];
    }
  }
  return noise;
}

function seedWords(seed: number | bigint): Uint32Array {
  const bits = BigInt.asUintN(64, BigInt(seed));
  return new Uint32Array([Number(bits & 0xffffffffn), Number(bits >> 32n)]);
}
