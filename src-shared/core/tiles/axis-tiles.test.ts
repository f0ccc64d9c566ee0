import { expect, it } from 'vitest';
import { axisTiles, mostTiles, tileLength, tileWeights } from './index.ts';

const lengths = [9, 12, 16, 28, 60, 90, 104, 160];

it('cover the axis with tiles of one length that share at least twice the halo', () => {
  for (const length of lengths) {
    for (let count = 1; count <= mostTiles(length, 4); count++) {
      const tiles = axisTiles(length, count, 4);
      expect(tiles).toHaveLength(count);
      expect(tiles[0].start).toBe(0);
      expect(tiles[count - 1].end).toBe(length);
      tiles.forEach(({ start, end }, i) => {
        expect(end - start).toBe(tileLength(length, count, 4));
        if (i > 0) expect(tiles[i - 1].end - start).toBeGreaterThanOrEqual(8);
      });
    }
  }
});

it.each([1, 8])('weigh every position by 1 in all, and nothing near a cut (scale %i)', (scale) => {
  for (const length of lengths) {
    for (let count = 1; count <= mostTiles(length, 4); count++) {
      const tiles = axisTiles(length, count, 4);
      const sums = new Float32Array(length * scale);
      tileWeights(tiles, 4, scale).forEach((weights, i) => {
        weights.forEach((weight, at) => (sums[tiles[i].start * scale + at] += weight));
        const nearCut = 3 * scale;
        if (i > 0) expect(weights.subarray(0, nearCut).every((weight) => weight === 0)).toBe(true);
        if (i < count - 1) expect(weights.subarray(-nearCut).every((weight) => weight === 0)).toBe(true);
      });
      for (const sum of sums) expect(sum).toBeCloseTo(1, 6);
    }
  }
});

it('is one tile where there is no room for two', () => {
  expect(mostTiles(8, 4)).toBe(1);
  expect(axisTiles(8, 1, 4)).toEqual([{ start: 0, end: 8 }]);
  expect(tileWeights([{ start: 0, end: 2 }], 4, 2)).toEqual([Float32Array.of(1, 1, 1, 1)]);
});
