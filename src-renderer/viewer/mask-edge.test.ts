import { describe, expect, it } from 'vitest';
import { maskEdge, type EdgeLine } from './mask-edge.ts';

/** A picture of dots and hashes. */
function drawn(...rows: string[]): [Uint8Array, number, number] {
  const text = rows.join('');
  return [Uint8Array.from(text, (sign) => (sign === '#' ? 255 : 0)), rows[0].length, rows.length];
}

/** Every side of a pixel that the line runs along. */
function sides([x0, y0, x1, y1]: EdgeLine): string[] {
  const length = x1 - x0 + y1 - y0;
  const kind = y0 === y1 ? 'level' : 'upright';
  return Array.from({ length }, (_, step) =>
    kind === 'level' ? `level ${x0 + step} ${y0}` : `upright ${x0} ${y0 + step}`,
  );
}

describe('maskEdge', () => {
  it('goes around a rectangle in four lines, also at the border of the picture', () => {
    expect(new Set(maskEdge(...drawn('....', '.##.', '.##.')))).toEqual(
      new Set([
        [1, 1, 3, 1],
        [1, 3, 3, 3],
        [1, 1, 1, 3],
        [3, 1, 3, 3],
      ]),
    );
  });

  it('goes where half is covered', () => {
    const greys = Uint8Array.of(0, 1, 127, 128, 200, 255, 130, 90);
    expect(new Set(maskEdge(greys, 8, 1))).toEqual(
      new Set([
        [3, 0, 7, 0],
        [3, 1, 7, 1],
        [3, 0, 3, 1],
        [7, 0, 7, 1],
      ]),
    );
  });

  it('finds nothing in an empty mask', () => {
    expect(maskEdge(...drawn('...', '...'))).toEqual([]);
  });

  it('has every side between covered and not, once, in random masks', () => {
    let state = 20_26;
    const random = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    for (let round = 0; round < 60; round++) {
      const [width, height] = [1 + Math.floor(random() * 9), 1 + Math.floor(random() * 9)];
      const mask = Uint8Array.from({ length: width * height }, () => (random() < 0.5 ? 255 : 0));
      const at = (x: number, y: number): number =>
        x < 0 || y < 0 || x >= width || y >= height ? 0 : mask[y * width + x];
      const expected: string[] = [];
      for (let y = 0; y <= height; y++)
        for (let x = 0; x <= width; x++) {
          if (at(x, y) !== at(x, y - 1)) expected.push(`level ${x} ${y}`);
          if (at(x, y) !== at(x - 1, y)) expected.push(`upright ${x} ${y}`);
        }
      const found = maskEdge(mask, width, height).flatMap(sides);
      expect([...found].sort(), `round ${round}`).toEqual([...expected].sort());
    }
  });
});
