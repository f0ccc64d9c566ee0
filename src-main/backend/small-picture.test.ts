import { describe, expect, it } from 'vitest';
import { smallPicture } from './small-picture.ts';

describe('smallPicture', () => {
  it('is the means of squares, cut at the right and at the bottom', () => {
    // Red counts the columns, green the rows, in tens.
    const [width, height] = [5, 3];
    const rgb = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
      const [pixel, channel] = [Math.floor(i / 3), i % 3];
      return [10 * (pixel % width), 10 * Math.floor(pixel / width), 7][channel];
    });
    const small = smallPicture({ width, height, rgb }, { width: 3, height: 3 });
    expect([small.width, small.height]).toEqual([3, 2]);
    const red = small.rgb.filter((_, i) => i % 3 === 0);
    const green = small.rgb.filter((_, i) => i % 3 === 1);
    expect([...red]).toEqual([5, 25, 40, 5, 25, 40]);
    expect([...green]).toEqual([5, 5, 5, 20, 20, 20]);
    expect(small.rgb[2]).toBe(7);
  });

  it('is the picture itself where it fits', () => {
    const picture = { width: 2, height: 1, rgb: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    expect(smallPicture(picture, { width: 9, height: 9 })).toEqual(picture);
  });
});
