import { describe, expect, it } from 'vitest';
import { ditFlops, umt5Flops } from './index.ts';

const size13b = {
  layers: 30,
  heads: 12,
  headDim: 128,
  ffnDim: 8960,
  textDim: 4096,
  freqDim: 256,
  inChannels: 16,
  outChannels: 16,
  controlChannels: 96,
  vaceLayers: Array.from({ length: 15 }, (_, i) => 2 * i),
  patchSize: [1, 2, 2],
  eps: 1e-6,
} as const;

describe('ditFlops', () => {
  // PFLOPs of a step of Wan2.1-VACE-1.3B with guidance, worked out apart from this code.
  it.each([
    ['33×480×832', 14_040, 0.221],
    ['57×480×832', 23_400, 0.489],
    ['81×480×832', 32_760, 0.854],
    ['25×720×1280', 25_200, 0.552],
  ])('of %s is %i tokens, %f PFLOPs', (_, tokens, petaflops) => {
    expect(ditFlops(size13b, { tokens, textTokens: 512, batch: 2 }) / 1e15).toBeCloseTo(petaflops, 3);
  });

  it('is the sum by hand for a tiny network', () => {
    const tiny = {
      ...size13b,
      layers: 1,
      vaceLayers: [0],
      heads: 1,
      headDim: 2,
      ffnDim: 3,
      textDim: 5,
      freqDim: 4,
    };
    const [n, l, d] = [7, 11, 2];
    const block =
      8 * n * d * d + 4 * n * n * d + 4 * n * d * d + 4 * l * d * d + 4 * n * l * d + 4 * n * d * 3;
    const projections = 2 * (2 * n * d * d);
    const patches = 2 * n * (64 + 384 + 64) * d;
    const embedders = 2 * l * (5 * d + d * d) + 2 * (4 * d + d * d + 6 * d * d);
    const expected = 2 * block + projections + patches + embedders;
    expect(ditFlops(tiny, { tokens: n, textTokens: l, batch: 1 })).toBe(expected);
    expect(ditFlops(tiny, { tokens: n, textTokens: l, batch: 2 })).toBe(2 * expected);
  });
});

describe('umt5Flops', () => {
  it('is the sum by hand', () => {
    const config = {
      vocabulary: 9,
      layers: 3,
      width: 4,
      heads: 2,
      headDim: 5,
      ffnDim: 7,
      buckets: 32,
      maxDistance: 128,
      eps: 1e-6,
    };
    const [l, d, inner] = [6, 4, 10];
    expect(umt5Flops(config, l)).toBe(3 * (8 * l * d * inner + 4 * l * l * inner + 6 * l * d * 7));
  });
});
