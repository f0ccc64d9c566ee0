import { describe, expect, it } from 'vitest';
import type { WanVaeConfig } from '../graph/index.ts';
import { wanVaeDecodeFlops, wanVaeEncodeFlops, wanVaePeakBytes } from './index.ts';

/** Two stages, one of them in time: small enough to count by hand. */
const tiny: WanVaeConfig = {
  inChannels: 3,
  outChannels: 3,
  latentChannels: 4,
  baseDim: 5,
  decoderBaseDim: 5,
  dimMult: [1, 2],
  resBlocks: 1,
  temporalDownsample: [true],
  latentsMean: [0, 0, 0, 0],
  latentsStd: [1, 1, 1, 1],
};

const starter: WanVaeConfig = {
  ...tiny,
  latentChannels: 16,
  baseDim: 8,
  decoderBaseDim: 8,
  dimMult: [1, 2, 4, 6],
  temporalDownsample: [false, true, true],
};

const released: WanVaeConfig = {
  ...starter,
  baseDim: 96,
  decoderBaseDim: 96,
  dimMult: [1, 2, 4, 4],
  resBlocks: 2,
};

describe('operations', () => {
  // 3 frames of 4×6 pixels; 2 latent frames of 2×3.
  const size = { frames: 3, height: 4, width: 6 };
  const pixels = 24;
  const cells = 6;
  const attention = 2 * (4 * 10 * 10 * 2 * cells + 2 * 10 * cells * cells * 2);
  const middle = 2 * (4 * 27 * 10 * 10 * 2 * cells) + attention;

  it('of encoding are the sum by hand', () => {
    const convIn = 27 * 3 * 5 * 3 * pixels;
    const stage0 = 2 * 27 * 5 * 5 * 3 * pixels;
    const down = 9 * 5 * 5 * 3 * cells + 3 * 5 * 5 * 1 * cells;
    const stage1 = (27 * 5 * 10 + 27 * 10 * 10 + 5 * 10) * 2 * cells;
    const out = (27 * 10 * 8 + 8 * 8) * 2 * cells;
    expect(wanVaeEncodeFlops(tiny, size)).toBe(2 * (convIn + stage0 + down + stage1 + out) + middle);
  });

  it('of decoding are the sum by hand', () => {
    const into = (4 * 4 + 27 * 4 * 10) * 2 * cells;
    const stage0 = 2 * (2 * 27 * 10 * 10) * 2 * cells;
    const up = 3 * 10 * 20 * 1 * cells + 9 * 10 * 5 * 3 * pixels;
    const stage1 = 2 * (2 * 27 * 5 * 5) * 3 * pixels;
    const out = 27 * 5 * 3 * 3 * pixels;
    expect(wanVaeDecodeFlops(tiny, size)).toBe(2 * (into + stage0 + up + stage1 + out) + middle);
  });

  it('of the starter model are what ONNX Runtime’s profile shows', () => {
    // Multiply-adds of all Conv nodes by their profiled shapes, less the frame that each full-length time_conv
    // computes in vain, plus attention over 5 frames of 32×32 with 48 channels.
    const shape = { frames: 17, height: 256, width: 256 };
    const attended = 4 * 48 * 5 * 1024 ** 2;
    const inVainEncoding = 2 * 3 * (16 * 16 * 64 ** 2 + 32 * 32 * 32 ** 2);
    const inVainDecoding = 2 * 3 * (48 * 96 * 32 ** 2 + 32 * 64 * 64 ** 2);
    expect(wanVaeEncodeFlops(starter, shape)).toBe(23_141_548_032 - inVainEncoding + attended);
    expect(wanVaeDecodeFlops(starter, shape)).toBe(51_845_791_744 - inVainDecoding + attended);
  });

  it('do not count frames beyond 1 + 4k', () => {
    for (const flops of [wanVaeEncodeFlops, wanVaeDecodeFlops]) {
      const shape = { frames: 8, height: 16, width: 16 };
      expect(flops(starter, shape)).toBe(flops(starter, { ...shape, frames: 5 }));
      expect(flops(starter, { ...shape, frames: 9 })).toBeGreaterThan(flops(starter, shape));
    }
  });
});

describe('wanVaePeakBytes', () => {
  const mib = 2 ** 20;

  // Growth of the resident set over one pass on the CPU, in MiB.
  it.each([
    ['decoder', 17, 256, undefined, 224],
    ['decoder', 17, 384, undefined, 493],
    ['encoder', 17, 256, undefined, 136],
    ['encoder', 17, 384, undefined, 300],
    ['decoder', 17, 256, 4, 292],
    ['decoder', 17, 384, 8, 727],
    ['decoder', 33, 384, 4, 568],
    ['encoder', 17, 384, 8, 593],
  ] as const)(
    'of the %s, %i frames of %i², chunk %s, is near %i MiB',
    (part, frames, edge, chunkFrames, measured) => {
      const pass = chunkFrames === undefined ? 'full' : { chunkFrames };
      const estimate = wanVaePeakBytes(starter, part, { frames, height: edge, width: edge }, pass) / mib;
      expect(estimate).toBeGreaterThan(0.9 * measured);
      expect(estimate).toBeLessThan(1.55 * measured);
    },
  );

  it('grows with the clip in one pass, not in chunks', () => {
    const size = (frames: number) => ({ frames, height: 480, width: 832 });
    const full = (frames: number): number => wanVaePeakBytes(released, 'decoder', size(frames), 'full');
    expect(full(81) / full(17)).toBeCloseTo(81 / 17, 1);
    const chunks = (frames: number): number =>
      wanVaePeakBytes(released, 'decoder', size(frames), { chunkFrames: 4 });
    expect(chunks(81)).toBe(chunks(17));
    // Enough to make the difference: one of 96 channels at full length is 12 GiB.
    expect(chunks(81)).toBeLessThan(full(81) / 3);
  });
});
