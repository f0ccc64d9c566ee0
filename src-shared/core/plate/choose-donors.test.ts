import { describe, expect, it } from 'vitest';
import { chooseDonors, coarseMask, type FrameView, type PlaneLayout } from './index.ts';

const width = 256;
const height = 128;
const layout: PlaneLayout = { width, height, bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 };

function view(index: number, left: number, right: number, shiftX = 0): FrameView {
  const mask = new Uint8Array(width * height);
  for (let y = 40; y < 80; y++) mask.fill(255, y * width + left, y * width + right);
  return {
    index,
    toReference: Float64Array.of(1, 0, shiftX, 0, 1, 0, 0, 0, 1),
    hidden: coarseMask(mask, layout),
  };
}

describe('coarseMask', () => {
  it('sets the cells of which more than half is masked', () => {
    // Cells of 4 pixels: columns 25 and 26 whole, 27 half.
    const bits = view(0, 100, 110).hidden;
    const row = (y: number) =>
      [24, 25, 26, 27, 28].map((x) => (bits[(y * 64 + x) >> 3] >> ((y * 64 + x) & 7)) & 1);
    expect(row(10)).toEqual([0, 1, 1, 0, 0]);
    expect(row(9)).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('chooseDonors', () => {
  const targets = [view(50, 100, 140)];
  const hides = (index: number) => view(index, 100, 140);

  it('takes the frames that show what is hidden, and no others', () => {
    const pool = [hides(40), hides(45), view(60, 100, 120), hides(65), view(200, 120, 140)];
    expect(chooseDonors(targets, pool, new Set(), 8, layout)).toEqual([60, 200]);
  });

  it('prefers a far frame that shows something new to many near ones that show the same', () => {
    const near = [44, 46, 48, 52, 54, 56].map((index) => view(index, 100, 120));
    expect(chooseDonors(targets, [...near, view(120, 120, 140)], new Set(), 3, layout)).toContain(120);
  });

  it('spreads donors that show the same', () => {
    const pool = Array.from({ length: 40 }, (_, at) => view(at + 30, 10, 20));
    const chosen = chooseDonors(targets, pool, new Set(), 8, layout);
    expect(chosen).toHaveLength(8);
    for (let at = 1; at < 8; at++) expect(chosen[at] - chosen[at - 1]).toBeGreaterThanOrEqual(4);
  });

  it('stays with what is held', () => {
    const pool = [view(40, 10, 20), view(60, 10, 20)];
    expect(chooseDonors(targets, pool, new Set([40]), 1, layout)).toEqual([40]);
    expect(chooseDonors(targets, pool, new Set([60]), 1, layout)).toEqual([60]);
  });

  it('knows where the camera looked', () => {
    // Both frames hide the same part of their picture, but the second looks 60 pixels further right.
    const pool = [hides(51), view(52, 100, 140, 60)];
    expect(chooseDonors(targets, pool, new Set(), 2, layout)).toEqual([52]);
    // So far that it does not show the place at all.
    expect(chooseDonors(targets, [view(53, 10, 20, 250)], new Set(), 2, layout)).toEqual([]);
  });

  it('chooses none where there is nothing to choose', () => {
    expect(chooseDonors(targets, [], new Set(), 4, layout)).toEqual([]);
  });
});
