import { describe, expect, it } from 'vitest';
import { layerPlanes } from './index.ts';

const plane = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('layerPlanes', () => {
  const full = { bitDepth: 8, chromaShiftX: 0, chromaShiftY: 0 } as const;

  it('takes the result inside the mask and where it differs, and what is below elsewhere', () => {
    // Four pixels in a row: untouched; below edited only; masked, equal to the source by chance; changed, not masked.
    const source = plane(10, 10, 10, 10);
    const below = plane(10, 50, 50, 50);
    const result = plane(10, 10, 10, 90);
    const mask = plane(0, 0, 255, 0);
    const layout = { width: 4, height: 1, pixelFormat: full };
    const laid = layerPlanes(
      [below, below, below],
      [source, source, source],
      [result, result, result],
      mask,
      layout,
    );
    for (const one of laid) expect([...one]).toEqual([10, 50, 10, 90]);
    expect([...below]).toEqual([10, 50, 50, 50]);
  });

  it('leaves chroma that an uncovered pixel shares', () => {
    // 3 × 3 pixels in 4:2:0: four chroma samples, the odd edges standing for themselves.
    const mask = plane(255, 255, 255, 255, 255, 0, 0, 0, 255);
    const layout = {
      width: 3,
      height: 3,
      pixelFormat: { bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 } as const,
    };
    const luma = plane(0, 0, 0, 0, 0, 0, 0, 0, 0);
    const [source, below] = [plane(1, 1, 1, 1), plane(7, 7, 7, 7)];
    const [, cb] = layerPlanes(
      [luma, below, below],
      [luma, source, source],
      [luma, source, source],
      mask,
      layout,
    );
    // Covered: all of the first 2 × 2, and the lone corner; not the right edge (one of two), nor the bottom.
    expect([...cb]).toEqual([1, 7, 7, 1]);
  });

  it('shows what is below in place of the source where the mask covers in part', () => {
    const layout = { width: 5, height: 1, pixelFormat: full };
    // Edited to 200 by coverage: a fifth, two fifths, all; once where the sum would pass the end of the scale.
    const source = plane(100, 100, 100, 100, 10);
    const mask = plane(51, 102, 255, 51, 51);
    const result = plane(120, 140, 200, 120, 250);
    const below = plane(100, 50, 50, 0, 250);
    const planes = [below, below, below] as const;
    const [luma] = layerPlanes(planes, [source, source, source], [result, result, result], mask, layout);
    // As if the fill had been laid over what is below: 0.8·100 + 0.2·200, 0.6·50 + 0.4·200, 200, 0.8·0 + 0.2·200.
    expect([...luma]).toEqual([120, 110, 200, 40, 255]);
    // Nothing below differs: the result itself.
    const [alone] = layerPlanes([source, source, source], [source, source, source], planes, mask, layout);
    expect([...alone]).toEqual([...below]);
  });

  it('covers chroma by the mean of the pixels that share it, all of them covered', () => {
    const layout = {
      width: 4,
      height: 2,
      pixelFormat: { bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 } as const,
    };
    const mask = plane(51, 51, 204, 0, 153, 153, 204, 204);
    const luma = new Uint8Array(8);
    const [source, below, result] = [plane(100, 100), plane(50, 50), plane(140, 100)];
    const [, cb] = layerPlanes(
      [luma, below, below],
      [luma, source, source],
      [luma, result, result],
      mask,
      layout,
    );
    // 0.4 covered: 0.6·50 + 0.4·200.
    expect([...cb]).toEqual([110, 50]);
  });

  it('works on ten bits', () => {
    const wide = (...values: number[]): Uint16Array => Uint16Array.from(values);
    const layout = { width: 2, height: 1, pixelFormat: { ...full, bitDepth: 10 } as const };
    const [source, below, result] = [wide(64, 64), wide(500, 600), wide(940, 64)];
    const [luma] = layerPlanes(
      [below, below, below],
      [source, source, source],
      [result, result, result],
      plane(0, 0),
      layout,
    );
    expect([...luma]).toEqual([940, 600]);
  });
});
