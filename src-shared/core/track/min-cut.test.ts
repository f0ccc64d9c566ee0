import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minCut, type CutCosts } from './min-cut.ts';

function costOf(labels: ArrayLike<number>, costs: CutCosts): number {
  const { width, height } = costs;
  const neighbours = [
    [1, 0, costs.right],
    [0, 1, costs.down],
    [1, 1, costs.downRight],
    [-1, 1, costs.downLeft],
  ] as const;
  let sum = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      sum += (labels[pixel] !== 0 ? costs.asObject : costs.asBackground)[pixel];
      for (const [dx, dy, weights] of neighbours) {
        const [u, v] = [x + dx, y + dy];
        if (u < 0 || u >= width || v >= height) continue;
        if ((labels[pixel] !== 0) !== (labels[v * width + u] !== 0)) sum += weights[pixel];
      }
    }
  }
  return sum;
}

/** All labellings tried. */
function leastCost(costs: CutCosts): number {
  const count = costs.width * costs.height;
  let least = Infinity;
  for (let code = 0; code < 2 ** count; code++) {
    const labels = Array.from({ length: count }, (_, pixel) => (code >> pixel) & 1);
    least = Math.min(least, costOf(labels, costs));
  }
  return least;
}

describe('minCut', () => {
  it('finds the labelling of least cost', () => {
    const grids = fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }))
      .chain(([width, height]) => {
        // Eighths are whole numbers of quanta: nothing is rounded.
        const plane = fc
          .array(fc.integer({ min: 0, max: 40 }), { minLength: width * height, maxLength: width * height })
          .map((values) => Float32Array.from(values, (value) => value / 8));
        return fc.record({
          width: fc.constant(width),
          height: fc.constant(height),
          asObject: plane,
          asBackground: plane,
          right: plane,
          down: plane,
          downRight: plane,
          downLeft: plane,
        });
      });
    fc.assert(
      fc.property(grids, (costs) => {
        expect(costOf(minCut(costs), costs)).toBeCloseTo(leastCost(costs), 6);
      }),
      { numRuns: 300, seed: 11 },
    );
  });

  it('cuts along the weakest edges', () => {
    const [width, height] = [9, 5];
    const plane = (value: number) => new Float32Array(width * height).fill(value);
    const costs: CutCosts = {
      width,
      height,
      asObject: plane(0),
      asBackground: plane(0),
      right: plane(1).map((_, pixel) => (pixel % width === 5 ? 0.01 : 1)),
      down: plane(1),
      downRight: plane(0),
      downLeft: plane(0),
    };
    for (let y = 0; y < height; y++) {
      costs.asBackground[y * width] = 100;
      costs.asObject[y * width + width - 1] = 100;
    }
    const columns = minCut(costs).subarray(0, width);
    expect([...columns]).toEqual([255, 255, 255, 255, 255, 255, 0, 0, 0]);
  });
});
