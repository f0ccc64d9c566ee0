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
