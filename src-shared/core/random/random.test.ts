import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../testing/index.ts';
import { logOfUniform, sinCosOfTurn } from './exact-functions.ts';
import { gaussianNoise } from './index.ts';
import { philox4x32 } from './philox.ts';

describe('philox4x32', () => {
  // Known answers of the authors' Random123 distribution (kat_vectors, philox4x32 10).
  const vectors: [string, string, string][] = [
    ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ];
  const words = (text: string): number[] => text.split(' ').map((word) => Number.parseInt(word, 16));
  it.each(vectors)('counter %s, key %s', (counter, key, expected) => {
    const output = new Uint32Array(4);
    philox4x32(words(counter), words(key), output);
    expect([...output]).toEqual(words(expected));
  });
});

describe('functions that are equal everywhere', () => {
  const samples = [0, 1, 2, 3, 0x7fffffff, 0x80000000, 0xffffffff, 0xb504f333, 0xb504f334];
  for (let k = 0; k < 4000; k++) samples.push(Math.imul(k, 0x9e3779b1) >>> 0);

  it('logOfUniform agrees with the engine', () => {
    const own = samples.map(logOfUniform);
    // Near 1 the reference's own argument is exact too: (word + ½)/2^32 fits a double.
    expectClose(
      own,
      samples.map((word) => Math.log((word + 0.5) / 2 ** 32)),
      { rtol: 1e-14 },
    );
  });

  it('sinCosOfTurn agrees with the engine', () => {
    const pair = new Float64Array(2);
    for (const word of samples) {
      sinCosOfTurn(word, pair);
      const angle = 2 * Math.PI * ((word + 0.5) / 2 ** 32);
      expectClose(pair, [Math.sin(angle), Math.cos(angle)], { atol: 2e-15 });
    }
  });
});

function moments(values: Float32Array): {
  mean: number;
  variance: number;
  skewness: number;
  kurtosis: number;
} {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const central = (power: number): number =>
    values.reduce((sum, value) => sum + (value - mean) ** power, 0) / n;
  const variance = central(2);
  return {
    mean,
    variance,
    skewness: central(3) / variance ** 1.5,
    kurtosis: central(4) / variance ** 2,
  };
}

function correlation(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum / a.length;
}

describe('gaussianNoise', () => {
  const n = 400_000;
  // Standard errors are 1/√n = 0.0016 for the mean, √2, √6, √24 times that for the others: bounds at 4 of them.
  const error = 4 / Math.sqrt(n);

  it.each([0, 1, 42, 2 ** 53 - 1, 0xdeadbeefcafef00dn])('seed %s is standard normal', (seed) => {
    const noise = gaussianNoise(seed, 0, n);
    const { mean, variance, skewness, kurtosis } = moments(noise);
    expect(Math.abs(mean)).toBeLessThan(error);
    expect(Math.abs(variance - 1)).toBeLessThan(error * Math.sqrt(2));
    expect(Math.abs(skewness)).toBeLessThan(error * Math.sqrt(6));
    expect(Math.abs(kurtosis - 3)).toBeLessThan(error * Math.sqrt(24));
  });

  it('has the normal distribution function', () => {
    const noise = gaussianNoise(7, 0, n).sort();
    // Quantiles of the normal distribution; the share below each has a standard error of at most ½/√n.
    const quantiles: [number, number][] = [
      [-2.3263479, 0.01],
      [-1.2815516, 0.1],
      [-0.6744898, 0.25],
      [0, 0.5],
      [0.6744898, 0.75],
      [1.2815516, 0.9],
      [2.3263479, 0.99],
    ];
    for (const [value, share] of quantiles) {
      const below = noise.findIndex((x) => x > value) / n;
      expect(Math.abs(below - share)).toBeLessThan(error * Math.sqrt(share * (1 - share)));
    }
  });

  it('has independent streams, seeds and neighbours', () => {
    const base = gaussianNoise(5, 0, n);
    for (const other of [
      gaussianNoise(5, 1, n),
      gaussianNoise(5, 2 ** 31, n),
      gaussianNoise(6, 0, n),
      gaussianNoise(5n + 2n ** 32n, 0, n),
    ]) {
      expect(Math.abs(correlation(base, other))).toBeLessThan(error);
    }
    for (const lag of [1, 2, 3, 4, 8]) {
      expect(Math.abs(correlation(base.subarray(0, n - lag), base.subarray(lag)))).toBeLessThan(error);
    }
    // The two values of a Box–Muller pair share a radius: their squares must be uncorrelated as well.
    const squares = base.map((value) => value * value - 1);
    expect(Math.abs(correlation(squares.subarray(0, n - 1), squares.subarray(1)))).toBeLessThan(2 * error);
  });

  it('is the same for a number and a bigint, and shorter arrays begin longer ones', () => {
    expect(gaussianNoise(9n, 3, 101)).toEqual(gaussianNoise(9, 3, 101));
    for (const length of [0, 1, 2, 3, 5]) {
      expect(gaussianNoise(9, 3, length)).toEqual(gaussianNoise(9, 3, 101).subarray(0, length));
    }
  });

  it('keeps its bits', () => {
    // Recorded once: any other digest means that a seed no longer makes the picture that it made.
    const digest = createHash('sha256')
      .update(gaussianNoise(2025, 11, 100_001))
      .digest('hex');
    expect(digest).toBe('8600ec78256e9437b08826784cf8e148e16725685ac2f3d36bbfc7d39e5c7fce');
  });

  it('refuses a seed that is no integer', () => {
    expect(() => gaussianNoise(0.5, 0, 1)).toThrow(RangeError);
  });
});
