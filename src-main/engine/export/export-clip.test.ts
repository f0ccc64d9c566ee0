import { describe, expect, it } from 'vitest';
import { parseProjectMask, rasteriseMask } from '../../../src-shared/project/mask/index.ts';
import { compositeFrame } from './export-clip.ts';
import type { ClipInfo, VideoFrame } from '../frames.ts';

const size = { width: 40, height: 24 };
const clip = {
  ...size,
  pixelFormat: { name: 'yuv444p', bitDepth: 8, chromaShiftX: 0, chromaShiftY: 0 },
} as ClipInfo;
const plane = (value: number): Uint8Array => new Uint8Array(size.width * size.height).fill(value);
const frame: VideoFrame = { index: 0, planes: [plane(0), plane(128), plane(128)] };
/** All of it is new: columns 10 … 39 are masked. */
const rect = { x: 0, y: 0, ...size };
const patch = {
  rect,
  planes: [plane(200), plane(128), plane(128)] as const,
  residual: plane(0),
  unseen: plane(0),
};
const mask = Uint8Array.from({ length: size.width * size.height }, (_, i) => (i % size.width < 10 ? 0 : 255));

describe('compositeFrame', () => {
  it('blends over as many pixels inside the mask as it is asked to', () => {
    const row = (featherPx?: number): Uint8Array =>
      compositeFrame(frame, mask, patch, clip, featherPx)[0].slice(0, size.width) as Uint8Array;
    for (const featherPx of [0, 4, 12]) {
      const luma = row(featherPx);
      // Outside nothing changes; from `featherPx` on all is the patch's, between them it rises.
      expect([...luma.subarray(0, 10)]).toEqual(Array(10).fill(0));
      expect([...luma.subarray(10 + featherPx)]).toEqual(Array(30 - featherPx).fill(200));
      const rising = [...luma.subarray(9, 11 + featherPx)];
      expect(rising.every((value, i) => i === 0 || value > rising[i - 1])).toBe(true);
    }
    expect(row()).toEqual(row(4));
  });

  it('blends by coverage: outside a soft stroke the source, in its core the patch, between them both', () => {
    const stroke = {
      kind: 'stroke',
      softness: 0.75,
      keyframes: [
        {
          frame: 0,
          points: [
            [20.5, -20],
            [20.5, 50],
          ],
          radius: 16,
        },
      ],
    };
    const document = { format: 'hetcut-mask', version: 1, ...size, frames: 1, shapes: [stroke] };
    const coverage = rasteriseMask(parseProjectMask(document, 'test'), 0);
    const [luma] = compositeFrame(frame, coverage, patch, clip, 0);
    for (let i = 0; i < luma.length; i++) {
      const distance = Math.abs((i % size.width) - 20);
      const t = Math.min(1, Math.max(0, (16 - distance) / 12));
      if (distance >= 16) expect(luma[i]).toBe(0);
      else if (distance <= 4) expect(luma[i]).toBe(200);
      else expect(Math.abs(luma[i] - 200 * t * t * (3 - 2 * t))).toBeLessThan(1);
    }
    // The edit's own soft edge lowers what is within it, from the border of all that is covered.
    const [feathered] = compositeFrame(frame, coverage, patch, clip, 12);
    expect(feathered[20]).toBe(200);
    expect(feathered[8]).toBeGreaterThan(0);
    expect(feathered[8]).toBeLessThan(luma[8] - 5);
  });
});
