import { describe, expect, it } from 'vitest';
import { expectClose, seededNumbers } from '../testing/index.ts';
import { applyLinear, fitLinear } from './linear-fit.ts';

function randomArray(seed: number, length: number): Float32Array {
  const next = seededNumbers(seed);
  return Float32Array.from({ length }, () => 2 * next() - 1);
}

describe('applyLinear', () => {
  it('is rows · map', () => {
    // (1, 2)·W and (0, −1)·W
    const map = Float32Array.of(1, 2, 3, 4);
    expect([...applyLinear(Float32Array.of(1, 2, 0, -1), map, 2)]).toEqual([7, 10, -3, -4]);
  });
});

describe('fitLinear', () => {
  it.each([1, 2, 3])('recovers a map from what it does, seed %i', (seed) => {
    const width = 8;
    const map = randomArray(seed, width * width);
    const x = randomArray(100 + seed, 200 * width);
    const y = applyLinear(x, map, width);
    const fitted = fitLinear(x, y, { width, ridge: 1e-9, maxRows: 1000 });
    expectClose(fitted, map, { atol: 1e-5 });
    // Applied to rows that it has not seen.
    const other = randomArray(200 + seed, 3 * width);
    expectClose(applyLinear(other, fitted, width), applyLinear(other, map, width), { atol: 1e-5 });
  });

  it('by hand, with λ = ridge × the mean of the diagonal', () => {
    // XᵀX = diag(1, 4), mean 2.5, λ = 1; XᵀY = [[3, 1], [8, 12]].
    const x = Float32Array.of(1, 0, 0, 2);
    const y = Float32Array.of(3, 1, 4, 6);
    const fitted = fitLinear(x, y, { width: 2, ridge: 0.4, maxRows: 10 });
    expectClose(fitted, [3 / 2, 1 / 2, 8 / 5, 12 / 5], { rtol: 1e-6 });
  });

  it.each([1, 2, 3])('solves (XᵀX + λ)·W = XᵀY where X alone does not tell, seed %i', (seed) => {
    // Three rows for five columns, noise in Y.
    const [width, rows, ridge] = [5, 3, 0.1];
    const x = randomArray(seed, rows * width);
    const y = randomArray(50 + seed, rows * width);
    const fitted = fitLinear(x, y, { width, ridge, maxRows: 10 });
    const product = (a: Float32Array, b: Float32Array, i: number, j: number): number => {
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += a[row * width + i] * b[row * width + j];
      return sum;
    };
    let trace = 0;
    for (let i = 0; i < width; i++) trace += product(x, x, i, i);
    const lambda = (ridge * trace) / width;
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) {
        let left = lambda * fitted[i * width + j];
        for (let k = 0; k < width; k++) left += product(x, x, i, k) * fitted[k * width + j];
        expectClose([left], [product(x, y, i, j)], { atol: 1e-6 });
      }
    }
  });

  it('uses no more rows than it may, evenly spread', () => {
    // Of four rows at most two: the first and the third. The others would say −1.
    const x = Float32Array.of(1, 1, 2, 1);
    const y = Float32Array.of(3, -1, 6, -1);
    const [map] = fitLinear(x, y, { width: 1, ridge: 1e-9, maxRows: 2 });
    expectClose([map], [3], { atol: 1e-6 });
  });

  it('is nothing where nothing moved', () => {
    const none = fitLinear(new Float32Array(4), Float32Array.of(1, 2, 3, 4), {
      width: 2,
      ridge: 0.1,
      maxRows: 10,
    });
    expect([...none]).toEqual([0, 0, 0, 0]);
  });
});
