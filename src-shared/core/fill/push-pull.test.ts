import { describe, expect, it } from 'vitest';
import { expectClose, seededNumbers } from '../testing/index.ts';
import { pushPullFill } from './index.ts';

/** The same fill written plainly: pictures as functions of (row, column), one channel. */
function slowFill(picture: number[][], known: boolean[][]): number[][] {
  const height = picture.length;
  const width = picture[0].length;
  if (height === 1 && width === 1) return [[known[0][0] ? picture[0][0] : 0]];
  const rows = [...Array(Math.ceil(height / 2)).keys()];
  const columns = [...Array(Math.ceil(width / 2)).keys()];
  const children = (y: number, x: number): number[] =>
    [2 * y, 2 * y + 1].flatMap((row) =>
      [2 * x, 2 * x + 1].flatMap((column) => (known[row]?.[column] ? [picture[row][column]] : [])),
    );
  const mean = (values: number[]): number =>
    values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
  const coarse = slowFill(
    rows.map((y) => columns.map((x) => mean(children(y, x)))),
    rows.map((y) => columns.map((x) => children(y, x).length > 0)),
  );
  const clamp = (at: number, length: number): number => Math.min(length - 1, Math.max(0, at));
  const sample = (y: number, x: number): number => {
    const [row, column] = [Math.floor(y), Math.floor(x)];
    let sum = 0;
    for (const dy of [0, 1]) {
      for (const dx of [0, 1]) {
        const weight = (1 - Math.abs(y - row - dy)) * (1 - Math.abs(x - column - dx));
        sum += weight * coarse[clamp(row + dy, rows.length)][clamp(column + dx, columns.length)];
      }
    }
    return sum;
  };
  return picture.map((line, y) =>
    line.map((value, x) => (known[y][x] ? value : sample((y + 0.5) / 2 - 0.5, (x + 0.5) / 2 - 0.5))),
  );
}

describe('pushPullFill', () => {
  it('fills a row by hand', () => {
    // Pull: [4, ?, ?, 8] → [4, 8] → [6]. Push: nothing is open at the second level; at the first, the open pixels are
    // at 0.25 and 0.75 between 4 and 8.
    const filled = pushPullFill(Float32Array.of(4, 99, 99, 8), Uint8Array.of(0, 255, 255, 0), {
      channels: 1,
      height: 1,
      width: 4,
    });
    expectClose(filled, [4, 5, 7, 8], { atol: 1e-6 });
  });

  it('takes a far hole from a coarser level by hand', () => {
    // Pull: [3, 5, ?, ?, ?] → [4, ?, ?] → [4, ?] → [4]: everything open becomes 4.
    const filled = pushPullFill(Float32Array.of(3, 5, 0, 0, 0), Uint8Array.of(0, 0, 1, 1, 1), {
      channels: 1,
      height: 1,
      width: 5,
    });
    expectClose(filled, [3, 5, 4, 4, 4], { atol: 1e-6 });
  });

  it('fills the corner of a 2 × 2 picture with the mean of the rest, in every channel', () => {
    const picture = Float32Array.of(1, 2, 6, -50, 10, 20, 60, -50);
    const filled = pushPullFill(picture, Uint8Array.of(0, 0, 0, 255), { channels: 2, height: 2, width: 2 });
    expectClose(filled, [1, 2, 6, 3, 10, 20, 60, 30], { atol: 1e-6 });
    expect(picture[3]).toBe(-50);
  });

  it('leaves a picture without a hole as it is, and returns 0 where all is hole', () => {
    const picture = Float32Array.of(1, 2, 3, 4, 5, 6);
    const size = { channels: 1, height: 2, width: 3 };
    expect([...pushPullFill(picture, new Uint8Array(6), size)]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...pushPullFill(picture, new Uint8Array(6).fill(255), size)]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it.each([
    [7, 5, 1],
    [12, 9, 2],
    [1, 13, 3],
    [33, 17, 4],
  ])('agrees with the plain form on %i × %i pixels (seed %i)', (height, width, seed) => {
    const next = seededNumbers(seed);
    const picture = Float32Array.from({ length: height * width }, () => 2 * next() - 1);
    const mask = Uint8Array.from(picture, () => (next() < 0.7 ? 255 : 0));
    const lines = [...Array(height).keys()].map((y) => [...picture.subarray(y * width, (y + 1) * width)]);
    const known = [...Array(height).keys()].map((y) =>
      [...mask.subarray(y * width, (y + 1) * width)].map((value) => value === 0),
    );
    const filled = pushPullFill(picture, mask, { channels: 1, height, width });
    expectClose(filled, slowFill(lines, known).flat(), { atol: 2e-6 });
  });

  it('refuses arrays that do not fit the size', () => {
    const size = { channels: 3, height: 2, width: 2 };
    expect(() => pushPullFill(new Float32Array(12), new Uint8Array(5), size)).toThrow(/12 and mask of 5/);
  });
});
