import { describe, expect, it } from 'vitest';
import { evenlySpread } from './evenly-spread.ts';
import { sampleQueries } from './index.ts';

describe('evenlySpread', () => {
  it('starts at 0 for seed 0 and is shifted by the golden ratio for 1', () => {
    expect(evenlySpread(10, 4, 0)).toEqual([0, 2, 5, 7]);
    // ⌊0.618 · 10⌋ = 6: (0, 10, 20, 30) + 6, over 4.
    expect(evenlySpread(10, 4, 1)).toEqual([1, 4, 6, 9]);
  });

  it('has exactly as many different numbers as asked for, one in each stretch, for any shift', () => {
    for (const [total, count] of [
      [10, 7],
      [7, 7],
      [100, 1],
      [1793, 1255],
      [32_760, 256],
    ]) {
      for (const seed of [0, 1, 2, 3, 17, -1, 2 ** 31, 2 ** 53 - 1]) {
        const chosen = evenlySpread(total, count, seed);
        expect(chosen.length).toBe(count);
        // Number j is in its own stretch of total / count, so all are different and ascend.
        const strayed = chosen.filter(
          (at, j) => at < Math.floor((j * total) / count) || at * count >= (j + 1) * total,
        );
        expect(strayed).toEqual([]);
      }
    }
  });

  it('takes all where there are too few, none of none', () => {
    expect(evenlySpread(3, 5, 9)).toEqual([0, 1, 2]);
    expect(evenlySpread(0, 5, 9)).toEqual([]);
    expect(evenlySpread(5, 0, 9)).toEqual([]);
  });

  it('lets every number have its turn within a few seeds', () => {
    const total = 40;
    const [seeds, count] = [50, 28];
    const taken = Array<number>(total).fill(0);
    for (let seed = 100; seed < 100 + seeds; seed++)
      for (const at of evenlySpread(total, count, seed)) taken[at]++;
    // 28 of 40 in 50 seeds: 35 times each; the golden ratio strays by a few, independent draws by ±3.2 (one sigma) or more.
    expect(Math.min(...taken)).toBeGreaterThanOrEqual(33);
    expect(Math.max(...taken)).toBeLessThanOrEqual(37);
  });
});

describe('sampleQueries', () => {
  const generative = Int32Array.of(3, 4, 8, 9, 15, 16, 17, 30, 31, 40);

  it('takes tokens of the list, ascending and evenly spread', () => {
    expect([...sampleQueries(generative, 4, 0)]).toEqual([3, 8, 16, 30]);
    expect([...sampleQueries(generative, 4, 1)]).toEqual([4, 15, 17, 40]);
  });

  it('takes all where there are no more, and none of none', () => {
    expect(sampleQueries(generative, 10, 5)).toEqual(generative);
    expect(sampleQueries(generative, 256, 5)).toEqual(generative);
    expect(sampleQueries(new Int32Array(0), 256, 5).length).toBe(0);
  });
});
