import { expect, it } from 'vitest';
import { quantisedBlock } from '../../src-shared/core/graph/index.ts';
import { gaussianNoise } from '../../src-shared/core/random/index.ts';
import { quantiseBlocks } from './quantise-blocks.ts';

/** The weights that `MatMulNBits` makes of blocks. */
function restored(weights: Float32Array, bits: 4 | 8): Float32Array {
  const { codes, scales } = quantiseBlocks(weights, bits);
  expect(codes).toHaveLength((weights.length * bits) / 8);
  return Float32Array.from(weights, (_, i) => {
    const code = bits === 8 ? codes[i] : (codes[i >> 1] >> (4 * (i & 1))) & 15;
    return (code - 2 ** (bits - 1)) * scales[Math.floor(i / quantisedBlock[bits])];
  });
}

const relativeError = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(
    a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.reduce((sum, value) => sum + value ** 2, 0),
  );

it.each([
  [8, 0.008],
  [4, 0.1],
] as const)('%i bits are off by the width of a step at most', (bits, error) => {
  const weights = gaussianNoise(1, bits, 64 * 32);
  // One large weight in a block, of either sign; a block of zeros.
  weights[40] = 9;
  weights[70] = -9;
  weights.fill(0, 96, 128);
  const found = restored(weights, bits);
  expect(relativeError(weights, found)).toBeLessThan(error);
  expect(relativeError(weights, found)).toBeGreaterThan(error / 10);
  expect(found.subarray(96, 128).every((value) => value === 0)).toBe(true);
});

it('meets what it can hold exactly', () => {
  const weights = Float32Array.from({ length: 32 }, (_, i) => (i % 16) - 8);
  expect(restored(weights, 4)).toEqual(weights);
});
