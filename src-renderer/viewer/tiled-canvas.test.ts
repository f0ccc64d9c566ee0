import { describe, expect, it } from 'vitest';
import { touchedTiles } from './tiled-canvas.ts';

describe('touchedTiles', () => {
  it('are those that a span reaches into, within the place', () => {
    expect(touchedTiles(10, 20, 4)).toEqual({ first: 0, last: 0 });
    expect(touchedTiles(380, 384, 4)).toEqual({ first: 0, last: 1 });
    expect(touchedTiles(-50, 5000, 4)).toEqual({ first: 0, last: 3 });
  });

  it('are none beside the place', () => {
    for (const [from, to] of [
      [-40, -1],
      [4 * 384, 4 * 384 + 9],
    ]) {
      const { first, last } = touchedTiles(from, to, 4);
      expect(first).toBeGreaterThan(last);
    }
  });
});
