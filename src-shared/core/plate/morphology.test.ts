import { describe, expect, it } from 'vitest';
import { seededNumbers } from '../testing/index.ts';
import { growMask, maskBounds, maskRegions, partOfMask, shrinkMask } from './morphology.ts';

const width = 23;
const height = 17;

function speckled(seed: number, share: number): Uint8Array {
  const next = seededNumbers(seed);
  return Uint8Array.from({ length: width * height }, () => (next() < share ? 255 : 0));
}

/** `test` of the values in the square around each pixel, as far as it is in the picture. */
function overSquares(mask: Uint8Array, radius: number, test: (values: number[]) => boolean): number[] {
  return [...mask].map((_, pixel) => {
    const values: number[] = [];
    for (let dy = -radius; dy <= radius; dy++) {
      for (let dx = -radius; dx <= radius; dx++) {
        const [x, y] = [(pixel % width) + dx, Math.floor(pixel / width) + dy];
        if (x >= 0 && y >= 0 && x < width && y < height) values.push(mask[y * width + x]);
      }
    }
    return test(values) ? 255 : 0;
  });
}

describe('masks', () => {
  it.each([0, 1, 2, 5, 30])('grow by a square of radius %i', (radius) => {
    for (const [seed, share] of [
      [1, 0.01],
      [2, 0.2],
      [3, 0],
    ]) {
      const mask = speckled(seed, share);
      const expected = overSquares(mask, radius, (values) => values.includes(255));
      expect([...growMask(mask, width, height, radius)]).toEqual(expected);
    }
  });

  it.each([0, 1, 3])('shrink by radius %i, but not at the border of the picture', (radius) => {
    for (const [seed, share] of [
      [4, 0.97],
      [5, 0.8],
      [6, 1],
    ]) {
      const mask = speckled(seed, share);
      const expected = overSquares(mask, radius, (values) => !values.includes(0));
      expect([...shrinkMask(mask, width, height, radius)]).toEqual(expected);
    }
  });

  it('know their bounds', () => {
    const mask = new Uint8Array(width * height);
    expect(maskBounds(mask, width)).toEqual({ left: 0, top: 0, right: 0, bottom: 0 });
    mask[3 * width + 9] = mask[6 * width + 4] = 255;
    expect(maskBounds(mask, width)).toEqual({ left: 4, top: 3, right: 10, bottom: 7 });
  });

  it('fall into regions that touch neither by side nor by corner', () => {
    const picture = ['##..#', '..#.#', '.....', '#...#', '##..#'];
    const mask = Uint8Array.from(picture.join(''), (sign) => (sign === '#' ? 255 : 0));
    const regions = maskRegions(mask, 5, 5);
    expect(regions.map(({ pixels }) => [...pixels].sort((a, b) => a - b))).toEqual([
      [0, 1, 7],
      [4, 9],
      [15, 20, 21],
      [19, 24],
    ]);
    expect(regions[2]).toMatchObject({ left: 0, top: 3, right: 2, bottom: 5 });
  });

  it('can be cut down', () => {
    const mask = speckled(8, 0.4);
    const odd = partOfMask(mask, width, maskBounds(mask, width), (pixel) => pixel % 2 === 1);
    expect([...odd]).toEqual([...mask].map((value, pixel) => (pixel % 2 === 1 ? value : 0)));
  });
});
