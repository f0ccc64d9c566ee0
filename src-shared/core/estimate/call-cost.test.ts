import { describe, expect, it } from 'vitest';
import { gaussianNoise } from '../random/index.ts';
import { expectClose } from '../testing/index.ts';
import {
  callSeconds,
  fitCallCost,
  fitPassCost,
  nonNegativeLeastSquares,
  passSeconds,
  type CallCost,
} from './index.ts';

describe('nonNegativeLeastSquares', () => {
  const ones = [1, 1, 1];

  it('solves what has a solution', () => {
    // 2x + y = 7, x + 3y = 11, x + y = 5: x = 2, y = 3.
    const rows = [
      [2, 1],
      [1, 3],
      [1, 1],
    ];
    expectClose(nonNegativeLeastSquares(rows, [7, 11, 5], ones), [2, 3], { atol: 1e-12 });
  });

  it('sets to zero what would be negative, and fits the rest again', () => {
    // The plain line through (1, 1), (2, 3), (3, 5) is −1 + 2x; without a constant the slope is Σxy / Σx² = 22 / 14.
    const rows = [
      [1, 1],
      [1, 2],
      [1, 3],
    ];
    expectClose(nonNegativeLeastSquares(rows, [1, 3, 5], ones), [0, 22 / 14], { atol: 1e-12 });
    expect(nonNegativeLeastSquares(rows, [-1, -3, -5], ones)).toEqual([0, 0]);
  });

  it('heeds weights', () => {
    // Two measurements of one number: 1 counts three times as much (9 times in the square) as 2.
    expectClose(nonNegativeLeastSquares([[1], [1]], [1, 2], [3, 1]), [(9 * 1 + 1 * 2) / 10], { atol: 1e-12 });
  });

  it.each([1, 2, 3, 4, 5])('finds no worse than a fine grid, seed %i', (seed) => {
    const noise = gaussianNoise(seed, 0, 18);
    const rows = Array.from({ length: 6 }, (_, i) => [noise[2 * i], noise[2 * i + 1]]);
    const values = Array.from({ length: 6 }, (_, i) => noise[12 + i]);
    const weights = Array<number>(6).fill(1);
    const error = ([x, y]: readonly number[]): number =>
      rows.reduce((sum, row, i) => sum + (row[0] * x + row[1] * y - values[i]) ** 2, 0);
    const found = nonNegativeLeastSquares(rows, values, weights);
    expect(Math.min(...found)).toBeGreaterThanOrEqual(0);
    let least = Infinity;
    for (let x = 0; x <= 4; x += 0.01)
      for (let y = 0; y <= 4; y += 0.01) least = Math.min(least, error([x, y]));
    expect(error(found)).toBeLessThanOrEqual(least + 1e-9);
  });
});

describe('fitCallCost', () => {
  const truth: CallCost = { fixedSec: 0.01, perTokenSec: 8e-5, perTokenPairSec: 4e-8 };
  const shape = { perTokenFlop: 3e6, perTokenPairFlop: 600 };
  const timed = (sizes: readonly number[], of: CallCost = truth) =>
    sizes.map((tokens) => ({ streams: 1, tokens, seconds: callSeconds(of, tokens, 1) }));

  it('counts streams and tokens', () => {
    expect(callSeconds(truth, 1000, 2)).toBeCloseTo(0.01 + 2 * (0.08 + 0.04), 12);
  });

  it('finds the numbers of exact measurements', () => {
    const fitted = fitCallCost(timed([140, 560, 1120, 2240]), shape);
    expectClose(Object.values(fitted), Object.values(truth), { rtol: 1e-9 });
  });

  it('tells streams from tokens', () => {
    const points = [1, 2].flatMap((streams) =>
      [100, 500, 1000].map((tokens) => ({ streams, tokens, seconds: callSeconds(truth, tokens, streams) })),
    );
    expectClose(Object.values(fitCallCost(points, shape)), Object.values(truth), { rtol: 1e-9 });
  });

  it.each([11, 12, 13, 14])('estimates calls although the measurements are 3 % off, seed %i', (seed) => {
    const noise = gaussianNoise(seed, 0, 4);
    const points = timed([140, 560, 1120, 2240]).map((point, i) => ({
      ...point,
      seconds: point.seconds * (1 + 0.03 * noise[i]),
    }));
    const fitted = fitCallCost(points, shape);
    for (const value of Object.values(fitted)) expect(value).toBeGreaterThanOrEqual(0);
    // A model without the fixed part is 45 % off at 140 tokens, one without the square 50 % at 2,240.
    for (const tokens of [140, 300, 800, 1600, 2240]) {
      const ratio = callSeconds(fitted, tokens, 1) / callSeconds(truth, tokens, 1);
      expect(Math.abs(ratio - 1)).toBeLessThan(0.15);
    }
  });

  it('takes the shape from the operations where one or two sizes are all there is', () => {
    const perFlopSec = 1 / 2e11;
    const seconds = (tokens: number): number => perFlopSec * (3e6 * tokens + 600 * tokens * tokens);
    for (const sizes of [[500], [500, 2000]]) {
      const points = sizes.map((tokens) => ({ streams: 1, tokens, seconds: seconds(tokens) }));
      const fitted = fitCallCost(points, shape);
      expect(callSeconds(fitted, 32_760, 2)).toBeCloseTo(2 * seconds(32_760), 9);
    }
  });
});

describe('two sizes', () => {
  it('leave the part of a call that does not depend on its tokens, beside the speed of the operations', () => {
    const shape = { perTokenFlop: 3e6, perTokenPairFlop: 600 };
    const truth = { fixedSec: 0.4, perTokenSec: 3e6 / 2e11, perTokenPairSec: 600 / 2e11 };
    const points = [512, 2048].map((tokens) => ({
      streams: 1,
      tokens,
      seconds: callSeconds(truth, tokens, 1),
    }));
    const fitted = fitCallCost(points, shape);
    expect(fitted.fixedSec).toBeCloseTo(0.4, 9);
    expect(callSeconds(fitted, 14_040, 2)).toBeCloseTo(callSeconds(truth, 14_040, 2), 6);
  });
});

describe('fitPassCost', () => {
  it('finds fixed part and speed, or the speed alone', () => {
    const points = [1e9, 5e9, 2e10].map((flops) => ({ flops, seconds: 0.02 + flops / 1e11 }));
    expectClose(Object.values(fitPassCost(points)), [0.02, 1e-11], { rtol: 1e-9 });
    const alone = fitPassCost([{ flops: 4e9, seconds: 0.1 }]);
    expect(alone).toEqual({ fixedSec: 0, perFlopSec: 2.5e-11 });
    expect(passSeconds(alone, 8e9)).toBeCloseTo(0.2, 12);
  });
});
