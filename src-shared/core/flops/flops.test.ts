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

  it('is the sum by hand for a tiny network', () => {
    const block =
      8 * n * d * d + 4 * n * n * d + 4 * n * d * d + 4 * l * d * d + 4 * n * l * d + 4 * n * d * 3;
    const projections = 2 * (2 * n * d * d);
    const patches = 2 * n * (64 + 384 + 64) * d;
    const embedders = 2 * l * (5 * d + d * d) + 2 * (4 * d + d * d + 6 * d * d);
    const expected = 2 * block + projections + patches + embedders;
    expect(ditFlops(tiny, { tokens: n, textTokens: l, batch: 1 })).toBe(expected);
    expect(ditFlops(tiny, { tokens: n, textTokens: l, batch: 2 })).toBe(2 * expected);
  });

  it('leaves out the attention modules that do not run, in both of the tiny network’s blocks', () => {
    const call = { tokens: n, textTokens: l, batch: 2 };
    const full = ditFlops(tiny, call);
    const flops = (selfAttention: boolean, crossAttention: boolean): number =>
      ditFlops(tiny, { ...call, modules: { selfAttention, crossAttention } });
    // Self: four products of 2·7·2·2 = 56, scores and mixing of 2·7·7·2 = 196 each. Cross: two products of 56 on the
    // tokens, two of 2·11·2·2 = 88 on the text, scores and mixing of 2·7·11·2 = 308 each. Two streams, two blocks.
    const selfPart = 2 * 2 * (4 * 56 + 2 * 196);
    const crossPart = 2 * 2 * (2 * 56 + 2 * 88 + 2 * 308);
    expect(flops(true, true)).toBe(full);
    expect(full - flops(false, true)).toBe(selfPart);
    expect(full - flops(true, false)).toBe(crossPart);
    expect(full - flops(false, false)).toBe(selfPart + crossPart);
  });

  it('adds keys, values and attention of tokens that are looked at as they were kept', () => {
    const call = { tokens: n, textTokens: l, batch: 2 };
    // Two products of 2·3·2·2, scores and mixing of 2·7·3·2 each; two streams, two blocks.
    expect(ditFlops(tiny, { ...call, cached: 3 }) - ditFlops(tiny, call)).toBe(2 * 2 * (2 * 24 + 2 * 84));
  });

  it('adds what selection takes, once for all streams', () => {
    const call = { tokens: n, textTokens: l, batch: 2 };
    const added = (queries: number): number => ditFlops(tiny, { ...call, queries }) - ditFlops(tiny, call);
    // Features: 2·7·2·64; scores of three queries: 2·3·7·2.
    expect(added(0)).toBe(1792);
    expect(added(3)).toBe(1792 + 84);
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
      sharesBias: false,
    };
    const [l, d, inner] = [6, 4, 10];
    expect(umt5Flops(config, l)).toBe(3 * (8 * l * d * inner + 4 * l * l * inner + 6 * l * d * 7));
  });
});
