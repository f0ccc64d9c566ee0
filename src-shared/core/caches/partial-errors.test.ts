import { describe, expect, it } from 'vitest';
import { partialErrorAt, partialErrorsOf } from './partial-errors.ts';

describe('errors of partial steps', () => {
  const table = partialErrorsOf([
    { after: 8, age: 1, error: 0.03 },
    { after: 8, age: 1, error: 0.04 },
    { after: 8, age: 4, error: 0.2 },
    { after: 2, age: 1, error: 0.01 },
    { after: 2, age: 4, error: 0.04 },
    { after: 2, age: 8, error: 0.16 },
    { after: 10, age: 1, error: 0 },
  ]);

  it('are a table by full step and age: root mean squares, rows as long as the run', () => {
    expect(table.after).toEqual([2, 8, 10]);
    expect(table.ages).toEqual([1, 4, 8]);
    expect(table.errors[0]).toEqual([0.01, 0.04, 0.16]);
    expect(table.errors[1]).toEqual([Math.sqrt(0.00125), 0.2]);
    expect(table.errors[2]).toEqual([1e-7]);
  });

  it.each([
    // As measured; between two ages on a straight line of logarithms; beyond the last as before it.
    [2, 1, 0.01],
    [2, 8, 0.16],
    [2, 2, 0.02],
    [2, 16, 0.64],
    // Before the first full step level; half way between two of them the geometric mean.
    [0, 4, 0.04],
    [5, 4, Math.sqrt(0.04 * 0.2)],
    // After the last level, and with one age alone in proportion.
    [10, 1, 1e-7],
    [30, 3, 3e-7],
  ])('after step %i at age %i it is %f', (after, age, expected) => {
    expect(partialErrorAt(table, after, age) / expected).toBeCloseTo(1, 9);
  });
});
