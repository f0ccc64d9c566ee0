import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundingBox, dilate, featherWeights, squaredDistance } from './index.ts';

/** A mask drawn in text: # is masked. */
function drawn(...rows: string[]): { mask: Uint8Array; width: number; height: number } {
  return {
    mask: Uint8Array.from(rows.join(''), (sign) => (sign === '#' ? 255 : 0)),
    width: rows[0].length,
    height: rows.length,
  };
}

describe('squaredDistance', () => {
  it('equals the search over all pairs, for any mask', () => {
    const pictures = fc
      .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
      .chain(([width, height]) =>
        fc.record({
          width: fc.constant(width),
          height: fc.constant(height),
          goal: fc.uint8Array({ minLength: width * height, maxLength: width * height, max: 1 }),
        }),
      )
      .filter(({ goal }) => goal.includes(1));
    fc.assert(
      fc.property(pictures, ({ goal, width, height }) => {
        const expected = Float64Array.from(goal, (_, i) => {
          let best = Infinity;
          goal.forEach((value, j) => {
            if (value === 0) return;
            const dx = (i % width) - (j % width);
            const dy = Math.floor(i / width) - Math.floor(j / width);
            best = Math.min(best, dx * dx + dy * dy);
          });
          return best;
        });
        expect(squaredDistance(goal, width, height)).toEqual(expected);
      }),
      { seed: 11 },
    );
  });

  it('is out of reach where there is no goal', () => {
    expect(Math.min(...squaredDistance(new Uint8Array(6), 3, 2))).toBeGreaterThanOrEqual(1e15);
  });
});

describe('boundingBox', () => {
  it('holds the masked pixels tightly', () => {
    const { mask, width, height } = drawn('......', '..#...', '....#.', '......');
    expect(boundingBox(mask, width, height)).toEqual({ x: 2, y: 1, width: 3, height: 2 });
  });

  it('is null for an empty mask', () => {
    expect(boundingBox(new Uint8Array(12), 4, 3)).toBeNull();
  });
});

describe('dilate', () => {
  it('grows by a disk', () => {
    const { mask, width, height } = drawn('.....', '.....', '..#..', '.....', '.....');
    const grown = drawn('..#..', '.###.', '#####', '.###.', '..#..').mask;
    expect(dilate(mask, width, height, 2)).toEqual(grown);
    expect(dilate(mask, width, height, 0)).toEqual(mask);
  });
});

describe('featherWeights', () => {
  it('rises from the border to 1 inside, and is 0 outside', () => {
    const { mask, width, height } = drawn('..########..');
    const weights = [...featherWeights(mask, width, height, 3)];
    const ramp = [1, 2, 3, 4].map((d) => (d / 4) ** 2 * (3 - (2 * d) / 4));
    expect(weights).toEqual([0, 0, ...ramp, ...ramp.toReversed(), 0, 0].map(Math.fround));
  });

  it('takes the edge of the picture for no border', () => {
    const { mask, width, height } = drawn('#####.');
    const weights = featherWeights(mask, width, height, 3);
    expect(weights[0]).toBe(1);
    expect(weights[4]).toBeLessThan(0.2);
  });
});
