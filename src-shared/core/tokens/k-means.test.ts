import { describe, expect, it } from 'vitest';
import { expectClose, seededNumbers } from '../testing/index.ts';
import { kMeans, type KMeansInput } from './index.ts';

const points = (...rows: number[][]): Pick<KMeansInput, 'features' | 'dims'> => ({
  features: Float32Array.from(rows.flat()),
  dims: rows[0].length,
});

/** `rows` of `dims` numbers around `groups` centres, or around none. */
function scattered(seed: number, rows: number, dims: number, groups: number): Float32Array {
  const next = seededNumbers(seed);
  const centres = Array.from({ length: groups * dims }, () => 6 * (next() - 0.5));
  return Float32Array.from({ length: rows * dims }, (_, i) => {
    const group = Math.floor(i / dims) % groups;
    return centres[group * dims + (i % dims)] + next() - 0.5;
  });
}

const row = (values: Float32Array, i: number, dims: number) => [...values.subarray(i * dims, (i + 1) * dims)];
const distance = (a: number[], b: number[]) => a.reduce((sum, value, j) => sum + (value - b[j]) ** 2, 0);
const argBest = (values: number[], better: (a: number, b: number) => boolean) =>
  values.reduce((best, value, i) => (better(value, values[best]) ? i : best), 0);

/** Lloyd's algorithm by its definition, with explicit distances; `start` [k, dims]; no cluster may lose its rows. */
function slowly(features: Float32Array, dims: number, start: Float32Array, iterations: number) {
  const rows = Array.from({ length: features.length / dims }, (_, i) => row(features, i, dims));
  let centroids = Array.from({ length: start.length / dims }, (_, c) => row(start, c, dims));
  let assignment: number[] = [];
  for (let round = 1; round <= iterations; round++) {
    const before = assignment;
    assignment = rows.map((x) =>
      argBest(
        centroids.map((c) => distance(x, c)),
        (a, b) => a < b,
      ),
    );
    if (assignment.every((cluster, i) => cluster === before[i])) return { assignment, centroids, round };
    centroids = centroids.map((_, cluster) => {
      const members = rows.filter((_, i) => assignment[i] === cluster);
      expect(members.length).toBeGreaterThan(0);
      return members[0].map((_, j) =>
        Math.fround(members.reduce((sum, x) => sum + x[j], 0) / members.length),
      );
    });
  }
  return { assignment, centroids, round: iterations };
}

/** Farthest-first traversal by its definition: the rows it takes, in order. */
function farthestRows(features: Float32Array, dims: number, count: number): Float32Array {
  const rows = Array.from({ length: features.length / dims }, (_, i) => row(features, i, dims));
  const mean = rows[0].map((_, j) => Math.fround(rows.reduce((sum, x) => sum + x[j], 0) / rows.length));
  const taken: number[][] = [];
  while (taken.length < count) {
    const others = taken.length === 0 ? [mean] : taken;
    const apart = rows.map((x) => Math.min(...others.map((other) => distance(x, other))));
    taken.push(rows[argBest(apart, (a, b) => a > b)]);
  }
  return Float32Array.from(taken.flat());
}

describe('kMeans, by hand', () => {
  it('parts two pairs', () => {
    const result = kMeans({ ...points([0, 0], [0, 2], [10, 0], [10, 2]), clusters: 2, iterations: 10 });
    // All are equally far from the mean: row 0 is first, row 3 the farthest from it.
    expect([...result.assignment]).toEqual([0, 0, 1, 1]);
    expect([...result.centroids]).toEqual([0, 1, 10, 1]);
    // The second round changes nothing.
    expect(result.iterations).toBe(2);
  });

  it('starts where it is told, and leaves that alone', () => {
    const start = Float32Array.of(9, 0, 1, 0);
    const given = { ...points([0, 0], [0, 2], [10, 0], [10, 2]), clusters: 2, iterations: 10, start };
    expect([...kMeans(given).assignment]).toEqual([1, 1, 0, 0]);
    expect([...start]).toEqual([9, 0, 1, 0]);
  });

  it('settles at once from its own result', () => {
    const given = { features: scattered(5, 300, 4, 5), dims: 4, clusters: 5, iterations: 50 };
    const first = kMeans(given);
    const second = kMeans({ ...given, start: first.centroids });
    expect(second).toEqual({ ...first, iterations: 2 });
  });

  it.each([1, 2, 3, 4])('puts a row between clusters 0 and %i to the lower one', (other) => {
    // Five centroids: one more than the unrolled loop takes at a time.
    const start = Float32Array.of(100, 200, 300, 400, 500);
    start[0] = 0;
    start[other] = 2;
    const given = { features: Float32Array.of(...start, 1), dims: 1, clusters: 5, iterations: 1, start };
    const { assignment, centroids } = kMeans(given);
    expect([...assignment]).toEqual([0, 1, 2, 3, 4, 0]);
    expect([...centroids]).toEqual([0.5, ...start.subarray(1)]);
  });

  it('stops after the rounds it is allowed', () => {
    // 0 1 2 3 | 10 from centroids 0 and 1: the border walks right, one round at a time.
    const given = { ...points([0], [1], [2], [3], [10]), clusters: 2, start: Float32Array.of(0, 1) };
    const afterOne = kMeans({ ...given, iterations: 1 });
    expect([...afterOne.assignment]).toEqual([0, 1, 1, 1, 1]);
    expect([...afterOne.centroids]).toEqual([0, 4]);
    expect(afterOne.iterations).toBe(1);
    const settled = kMeans({ ...given, iterations: 20 });
    expect([...settled.assignment]).toEqual([0, 0, 0, 0, 1]);
    expect([...settled.centroids]).toEqual([1.5, 10]);
  });

  it('fills an empty cluster with the row farthest from its centroid', () => {
    const given = { ...points([0], [1], [2], [9]), clusters: 2, iterations: 1 };
    const { assignment, centroids } = kMeans({ ...given, start: Float32Array.of(1, 500) });
    expect([...assignment]).toEqual([0, 0, 0, 1]);
    expect([...centroids]).toEqual([1, 9]);
  });

  it('fills several, and does not empty another for it', () => {
    // Row 100 is far from its centroid 60, but alone there; then −4 and 3 are the farthest of the rest.
    const given = { ...points([-4], [0], [3], [100]), clusters: 4, iterations: 1 };
    const { assignment, centroids } = kMeans({ ...given, start: Float32Array.of(0, 60, 900, 901) });
    expect([...assignment]).toEqual([2, 0, 3, 1]);
    expect([...centroids]).toEqual([0, 100, -4, 3]);
  });

  it('leaves a cluster empty where rows are equal, and ends', () => {
    const result = kMeans({ ...points([1, 1], [1, 1], [5, 1]), clusters: 3, iterations: 10 });
    expect([...result.assignment]).toEqual([1, 1, 0]);
    expect([...result.centroids]).toEqual([5, 1, 1, 1, 1, 1]);
    expect(result.iterations).toBe(2);
  });

  it('has no more clusters than rows, and none of none', () => {
    const few = kMeans({ ...points([3], [1]), clusters: 16, iterations: 5 });
    expect([...few.assignment]).toEqual([0, 1]);
    expect([...few.centroids]).toEqual([3, 1]);
    const none = kMeans({ features: new Float32Array(0), dims: 4, clusters: 16, iterations: 5 });
    expect([none.assignment.length, none.centroids.length, none.iterations]).toEqual([0, 0, 0]);
  });

  it('refuses lengths that do not fit', () => {
    const given = { features: new Float32Array(12), dims: 3, clusters: 2, iterations: 1 };
    expect(() => kMeans({ ...given, dims: 5 })).toThrow('features: 12 elements');
    expect(() => kMeans({ ...given, start: new Float32Array(3) })).toThrow(
      'start: 3 elements, expected 2 × 3',
    );
  });
});

describe('kMeans, against the plain reference', () => {
  // Odd dims and clusters that are no multiple of four reach the ends of the unrolled loops.
  it.each([
    [1, 200, 3, 4, 4],
    [2, 150, 7, 5, 6],
    [3, 300, 64, 16, 16],
    [4, 120, 1, 3, 3],
    [5, 250, 10, 1, 9],
    [6, 90, 33, 2, 1],
  ])('seed %i: %i rows of %i, %i groups, %i clusters', (seed, rows, dims, groups, clusters) => {
    const features = scattered(seed, rows, dims, groups);
    for (const iterations of [1, 3, 40]) {
      const expected = slowly(features, dims, farthestRows(features, dims, clusters), iterations);
      const actual = kMeans({ features, dims, clusters, iterations });
      expect([...actual.assignment]).toEqual(expected.assignment);
      expectClose(actual.centroids, expected.centroids.flat(), { atol: 1e-6, rtol: 1e-6 });
      expect(actual.iterations).toBe(expected.round);
    }
  });

  it.each([7, 8])('seed %i: a warm start', (seed) => {
    const [dims, clusters] = [5, 6];
    const features = scattered(seed, 200, dims, 3);
    const start = features.slice(0, clusters * dims);
    const expected = slowly(features, dims, start, 4);
    const actual = kMeans({ features, dims, clusters, iterations: 4, start });
    expect([...actual.assignment]).toEqual(expected.assignment);
    expectClose(actual.centroids, expected.centroids.flat(), { atol: 1e-6, rtol: 1e-6 });
  });

  it('finds groups that are apart, each as one cluster', () => {
    const dims = 8;
    const features = Float32Array.from({ length: 96 * dims }, (_, i) => {
      const group = Math.floor(i / dims) % 12;
      return (group % dims === i % dims ? 20 + group : 0) + Math.sin(i);
    });
    const { assignment } = kMeans({ features, dims, clusters: 12, iterations: 10 });
    const firsts = [...assignment.subarray(0, 12)];
    expect(new Set(firsts).size).toBe(12);
    expect([...assignment]).toEqual(Array.from({ length: 96 }, (_, i) => firsts[i % 12]));
  });

  it('is not confused by features far from 0', () => {
    const features = scattered(9, 200, 6, 4).map((value) => value + 1000);
    const expected = slowly(features, 6, farthestRows(features, 6, 4), 20);
    const actual = kMeans({ features, dims: 6, clusters: 4, iterations: 20 });
    expect([...actual.assignment]).toEqual(expected.assignment);
  });
});
