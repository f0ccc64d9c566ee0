import { describe, expect, it } from 'vitest';
import type { MaskPoint } from '../../src-shared/project/mask/index.ts';
import { gaussianNoise } from '../../src-shared/core/random/index.ts';
import { simplifyStroke } from './simplify-stroke.ts';

/** Distance to a line of many points, by looking at 200 places on each of its segments. */
function distanceToLine([x, y]: MaskPoint, line: readonly MaskPoint[]): number {
  let least = Infinity;
  for (let index = 0; index + 1 < line.length; index++) {
    for (let part = 0; part <= 200; part++) {
      const px = line[index][0] + ((line[index + 1][0] - line[index][0]) * part) / 200;
      const py = line[index][1] + ((line[index + 1][1] - line[index][1]) * part) / 200;
      least = Math.min(least, Math.hypot(x - px, y - py));
    }
  }
  return least;
}

describe('simplifyStroke', () => {
  it('keeps a dot, both ends, and the corner of an L', () => {
    expect(simplifyStroke([[3, 4]], 1)).toEqual([[3, 4]]);
    const corner: MaskPoint[] = [
      [0, 0],
      [5, 0.2],
      [10, 0],
      [10, 5],
      [10, 10],
    ];
    expect(simplifyStroke(corner, 0.5)).toEqual([
      [0, 0],
      [10, 0],
      [10, 10],
    ]);
  });

  it('keeps the far end of a stroke that comes back to its start', () => {
    const there: MaskPoint[] = [
      [0, 0],
      [8, 0],
      [0, 0],
    ];
    expect(simplifyStroke(there, 0.5)).toEqual(there);
  });

  it.each([1, 2, 3])('passes within the tolerance of every point, seed %i', (seed) => {
    const turns = gaussianNoise(seed, 0, 300);
    let [x, y, heading] = [0, 0, 0];
    const points: MaskPoint[] = [];
    for (const turn of turns) {
      heading += turn * 0.2;
      x += 4 * Math.cos(heading);
      y += 4 * Math.sin(heading);
      points.push([x, y]);
    }
    const fewer = simplifyStroke(points, 1);
    expect(fewer.length).toBeLessThan(points.length / 2);
    // Rounding to a sixteenth and looking at 200 places add less than a tenth of a pixel.
    for (const point of points) expect(distanceToLine(point, fewer)).toBeLessThan(1.1);
  });
});
