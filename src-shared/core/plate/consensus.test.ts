import { describe, expect, it } from 'vitest';
import { expectClose, seededNumbers } from '../testing/index.ts';
import { confidenceOf, emptyConsensus, findConsensus } from './consensus.ts';
import { medianInPlace } from './median.ts';

function agree(samples: number[][], weights: number[], bandwidth: number) {
  const result = emptyConsensus(samples[0].length);
  const flat = Float32Array.from(samples.flat());
  findConsensus(flat, Float32Array.from(weights), samples.length, samples[0].length, bandwidth, result);
  return result;
}

describe('findConsensus', () => {
  it('takes the mean of the samples that agree and leaves the rest out', () => {
    const result = agree(
      [
        [100, 50],
        [102, 50],
        [101, 50],
        [180, 90],
      ],
      [1, 1, 1, 1],
      9,
    );
    expectClose(result.values, [101, 50], { atol: 1e-4 });
    expect(result).toMatchObject({ share: 0.75, support: 3 });
    // Squares of -1, 1, 0 over three samples of two dimensions.
    expectClose([result.spread], [Math.sqrt(2 / 6)], { atol: 1e-4 });
  });

  it('holds against a majority that does not agree with itself', () => {
    const passersBy = [20, 60, 95, 150, 190, 230].map((level) => [level]);
    const result = agree([...passersBy, [120], [121], [119], [120]], Array<number>(10).fill(1), 8);
    expectClose(result.values, [120], { atol: 0.5 });
  });

  it('believes the trusted', () => {
    const result = agree([[40], [41], [42], [90], [91]], [0.1, 0.1, 0.1, 1, 1], 8);
    expectClose(result.values, [90.5], { atol: 1e-3 });
    expectClose([result.share], [2 / 2.3], { atol: 1e-6 });
  });

  it('returns a single sample as it is', () => {
    expect([...agree([[77, 128, 130]], [0.4], 5).values]).toEqual([77, 128, 130]);
  });
});

describe('confidenceOf', () => {
  const sure = { values: new Float32Array(1), share: 1, support: 3, spread: 0 };

  it('is full where all agree, and enough for one sample that is trusted', () => {
    expect(confidenceOf(sure, 9)).toBe(1);
    expect(confidenceOf({ ...sure, support: 0.8 }, 9)).toBeGreaterThan(0.5);
  });

  it('falls with dissent, with doubtful samples and with smear', () => {
    expect(confidenceOf({ ...sure, share: 0.6 }, 9)).toBeLessThan(0.5);
    expect(confidenceOf({ ...sure, support: 0.1 }, 9)).toBeLessThan(0.5);
    expect(confidenceOf({ ...sure, spread: 0.6 * 9 }, 9)).toBeLessThan(0.5);
  });
});

describe('medianInPlace', () => {
  it('is what sorting finds', () => {
    const next = seededNumbers(11);
    for (let count = 0; count < 60; count++) {
      const values = Float32Array.from({ length: 64 }, () => Math.floor(12 * next()));
      const sorted = values.slice(0, count).sort();
      const expected = count === 0 ? 0 : (sorted[(count - 1) >> 1] + sorted[count >> 1]) / 2;
      expect(medianInPlace(values, count)).toBe(expected);
    }
  });
});
