import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../testing/index.ts';
import { gatherRows, scatterRows } from './index.ts';

describe('gatherRows', () => {
  it('copies rows in the order asked for', () => {
    const data = Float32Array.of(0, 1, 10, 11, 20, 21);
    const rows = gatherRows(data, 2, [2, 0]);
    expect([...rows]).toEqual([20, 21, 0, 1]);
    rows[0] = 5;
    expect(data[4]).toBe(20);
    expect(gatherRows(data, 2, []).length).toBe(0);
  });

  it('refuses what is no row', () => {
    expect(() => gatherRows(new Float32Array(5), 2, [0])).toThrow('data: 5 elements');
    expect(() => gatherRows(new Float32Array(4), 2, [2])).toThrow('indices: 2 is not one of 2 rows');
    expect(() => gatherRows(new Float32Array(4), 2, [-1])).toThrow(RangeError);
  });
});

describe('scatterRows', () => {
  it('writes rows and leaves the others alone', () => {
    const target = Float32Array.of(0, 1, 10, 11, 20, 21);
    scatterRows(target, Float32Array.of(7, 8, 9, 6), 2, [2, 0]);
    expect([...target]).toEqual([9, 6, 10, 11, 7, 8]);
  });

  it('moves by its weight towards the new rows', () => {
    const target = Float32Array.of(0, 8, 100, 100);
    scatterRows(target, Float32Array.of(4, 0), 2, [0], 0.25);
    expectClose(target, [1, 6, 100, 100], { atol: 1e-6 });
    scatterRows(target, Float32Array.of(4, 0), 2, [0], 0.25);
    expectClose(target, [1.75, 4.5, 100, 100], { atol: 1e-6 });
    scatterRows(target, Float32Array.of(-9, -9), 2, [0], 0);
    expectClose(target, [1.75, 4.5, 100, 100], { atol: 1e-6 });
  });

  it('replaces what is not finite', () => {
    const target = Float32Array.of(Number.NaN, Infinity);
    scatterRows(target, Float32Array.of(1, 2), 1, [0, 1]);
    expect([...target]).toEqual([1, 2]);
  });

  it('refuses lengths that do not fit', () => {
    const target = new Float32Array(6);
    expect(() => scatterRows(target, new Float32Array(3), 2, [0])).toThrow(
      'rows: 3 elements, expected 1 × 2',
    );
    expect(() => scatterRows(target, new Float32Array(4), 4, [0])).toThrow('target: 6 elements');
    expect(() => scatterRows(target, new Float32Array(2), 2, [3])).toThrow('indices: 3 is not one of 3 rows');
  });

  it('undoes gatherRows', () => {
    const cases = fc
      .record({ rows: fc.integer({ min: 1, max: 9 }), rowLength: fc.integer({ min: 1, max: 5 }) })
      .chain(({ rows, rowLength }) =>
        fc.record({
          rowLength: fc.constant(rowLength),
          data: fc.float32Array({ minLength: rows * rowLength, maxLength: rows * rowLength }),
          indices: fc.shuffledSubarray(Array.from({ length: rows }, (_, row) => row)),
        }),
      );
    fc.assert(
      fc.property(cases, ({ data, rowLength, indices }) => {
        const taken = gatherRows(data, rowLength, indices);
        const target = data.map((_, i) => (indices.includes(Math.floor(i / rowLength)) ? -1 : data[i]));
        scatterRows(target, taken, rowLength, indices);
        expect(target).toEqual(data);
      }),
      { seed: 22 },
    );
  });
});
