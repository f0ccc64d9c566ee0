import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../testing/index.ts';
import { boundingBox, coveredRegion, dilate, dilateGrey, distanceWithin, featherWeights } from './index.ts';

/** A mask drawn in text: # is masked. */
function drawn(...rows: string[]): { mask: Uint8Array; width: number; height: number } {
  return {
    mask: Uint8Array.from(rows.join(''), (sign) => (sign === '#' ? 255 : 0)),
    width: rows[0].length,
    height: rows.length,
  };
}

/** Any goal picture of up to 12 × 12 pixels. */
const goals = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
  .chain(([width, height]) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      goal: fc.uint8Array({ minLength: width * height, maxLength: width * height, max: 1 }),
    }),
  );

describe('distanceWithin', () => {
  it('equals the search over all pairs up to its limit, for any picture', () => {
    fc.assert(
      fc.property(goals, fc.constantFrom(0, 1, 1.5, 3, 4.2, 20), ({ goal, width, height }, limit) => {
        const expected = Float32Array.from(goal, (_, i) => {
          let best: number = limit;
          goal.forEach((value, j) => {
            const dx = (i % width) - (j % width);
            const dy = Math.floor(i / width) - Math.floor(j / width);
            if (value !== 0) best = Math.min(best, Math.hypot(dx, dy));
          });
          return best;
        });
        expectClose(distanceWithin(goal, width, height, limit), expected, { atol: 1e-6 });
      }),
      { seed: 11 },
    );
  });
});

describe('boundingBox', () => {
  it('holds the masked pixels tightly', () => {
    const { mask, width } = drawn('......', '..#...', '....#.', '......');
    expect(boundingBox(mask, width)).toEqual({ x: 2, y: 1, width: 3, height: 2 });
  });

  it('is null for an empty mask', () => {
    expect(boundingBox(new Uint8Array(12), 4)).toBeNull();
  });

  it('equals the plain search, for any picture at any place in memory', () => {
    const sparse = fc.record({
      width: fc.integer({ min: 1, max: 9 }),
      height: fc.integer({ min: 1, max: 9 }),
      offset: fc.nat({ max: 5 }),
      set: fc.array(fc.nat({ max: 80 }), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(sparse, ({ width, height, offset, set }) => {
        const all = new Uint8Array(offset + width * height + 3).fill(7);
        const mask = all.subarray(offset, offset + width * height).fill(0);
        for (const at of set) if (at < mask.length) mask[at] = 1 + at;
        const xs = set.filter((at) => at < mask.length).map((at) => at % width);
        const ys = set.filter((at) => at < mask.length).map((at) => Math.floor(at / width));
        const [x, y] = [Math.min(...xs), Math.min(...ys)];
        const box = { x, y, width: Math.max(...xs) - x + 1, height: Math.max(...ys) - y + 1 };
        expect(boundingBox(mask, width)).toEqual(xs.length === 0 ? null : box);
      }),
      { seed: 16, numRuns: 500 },
    );
  });
});

describe('dilate', () => {
  it('grows by a disk', () => {
    const { mask, width, height } = drawn('.....', '.....', '..#..', '.....', '.....');
    const grown = drawn('..#..', '.###.', '#####', '.###.', '..#..').mask;
    expect(dilate(mask, width, height, 2)).toEqual(grown);
    expect(dilate(mask, width, height, 0)).toEqual(mask);
  });

  it('holds what is within the radius and nothing else, for any picture', () => {
    fc.assert(
      fc.property(goals, fc.constantFrom(0, 1, 1.5, 3, 4.2, 20), ({ goal, width, height }, radius) => {
        const distances = distanceWithin(goal, width, height, radius + 1);
        const expected = Uint8Array.from(distances, (distance) => (distance <= radius ? 255 : 0));
        expect(dilate(goal, width, height, radius)).toEqual(expected);
      }),
      { seed: 13 },
    );
  });
});

/** Any grey picture of up to 12 × 12 pixels, most of it black. */
const greys = goals.chain(({ width, height }) =>
  fc.record({
    width: fc.constant(width),
    height: fc.constant(height),
    mask: fc
      .array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat({ max: 255 })), {
        minLength: width * height,
        maxLength: width * height,
      })
      .map((values) => Uint8Array.from(values)),
  }),
);

describe('dilateGrey', () => {
  const radii = fc.constantFrom(0, 1, 1.5, 2, 3, 4.2, 20);

  it('is the lightest of what is within the radius, for any picture', () => {
    fc.assert(
      fc.property(greys, radii, ({ mask, width, height }, radius) => {
        const expected = mask.map((_, i) => {
          let lightest = 0;
          mask.forEach((value, j) => {
            const dx = (i % width) - (j % width);
            const dy = Math.floor(i / width) - Math.floor(j / width);
            if (dx * dx + dy * dy <= radius * radius) lightest = Math.max(lightest, value);
          });
          return lightest;
        });
        expect(dilateGrey(mask, width, height, radius)).toEqual(expected);
      }),
      { seed: 14, numRuns: 300 },
    );
  });

  it('equals dilate where there are no greys', () => {
    fc.assert(
      fc.property(goals, radii, ({ goal, width, height }, radius) => {
        const mask = goal.map((value) => 255 * value);
        expect(dilateGrey(mask, width, height, radius)).toEqual(dilate(mask, width, height, radius));
      }),
      { seed: 15 },
    );
  });
});

describe('coveredRegion', () => {
  it('finds a grey pixel wherever it stands, at the start, in the middle and at the end of any part of memory', () => {
    for (let offset = 0; offset < 4; offset++) {
      for (let length = 1; length < 14; length++) {
        const hard = new Uint8Array(32).subarray(offset, offset + length).fill(255, length >> 1);
        expect(coveredRegion(hard)).toBe(hard);
        for (let at = 0; at < length; at++) {
          const placed = new Uint8Array(32).subarray(offset, offset + length);
          placed.set(hard);
          placed[at] = 128;
          const expected = [...hard];
          expected[at] = 255;
          expect([...coveredRegion(placed)]).toEqual(expected);
        }
      }
    }
  });

  it('is all that is covered at all, and the mask itself without greys', () => {
    expect([...coveredRegion(Uint8Array.of(0, 1, 127, 255))]).toEqual([0, 255, 255, 255]);
    const hard = Uint8Array.of(0, 255);
    expect(coveredRegion(hard)).toBe(hard);
  });
});

describe('featherWeights', () => {
  const ramp = [1, 2, 3, 4].map((d) => (d / 4) ** 2 * (3 - (2 * d) / 4));

  it('rises from the border to 1 inside, and is 0 outside', () => {
    const { mask, ...size } = drawn('..########..');
    const weights = featherWeights(mask, size, { x: 0, y: 0, ...size }, 3);
    expectClose(weights, [0, 0, ...ramp, ...ramp.toReversed(), 0, 0], { atol: 1e-6 });
    expect([weights[1], weights[5], weights[10]]).toEqual([0, 1, 0]);
  });

  it('takes the edge of the picture for no border', () => {
    const { mask, ...size } = drawn('#####.');
    const weights = featherWeights(mask, size, { x: 0, y: 0, ...size }, 3);
    expectClose(weights, [1, ...ramp.toReversed(), 0], { atol: 1e-6 });
  });

  it('knows the border just outside its region, as that of a bounding box', () => {
    const { mask, ...size } = drawn('..........', '..######..', '..######..', '..######..', '..........');
    const region = boundingBox(mask, size.width);
    expect(region).not.toBeNull();
    if (region === null) return;
    const weights = featherWeights(mask, size, region, 1);
    const edge = 0.5;
    const inner = [edge, 1, 1, 1, 1, edge];
    expectClose(weights, [...Array<number>(6).fill(edge), ...inner, ...Array<number>(6).fill(edge)], {
      atol: 1e-6,
    });
  });

  it('gives each region its share of the whole', () => {
    fc.assert(
      fc.property(goals, fc.nat(), fc.nat(), ({ goal, width, height }, left, top) => {
        const x = left % width;
        const y = top % height;
        const size = { width, height };
        const region = { x, y, width: width - x, height: height - y };
        const whole = featherWeights(goal, size, { x: 0, y: 0, ...size }, 2);
        const cut = [...whole].filter((_, i) => i % width >= x && Math.floor(i / width) >= y);
        expect([...featherWeights(goal, size, region, 2)]).toEqual(cut);
      }),
      { seed: 12 },
    );
  });

  it('is the ramp times the coverage, from the border of all that is covered', () => {
    const mask = Uint8Array.of(0, 51, 102, 204, 255, 255, 255);
    const size = { width: 7, height: 1 };
    const weights = featherWeights(mask, size, { x: 0, y: 0, ...size }, 3);
    expectClose(weights, [0, 0.2 * ramp[0], 0.4 * ramp[1], 0.8 * ramp[2], 1, 1, 1], { atol: 1e-6 });
    const part = featherWeights(mask, size, { x: 2, y: 0, width: 2, height: 1 }, 0);
    expectClose(part, [0.4, 0.8], { atol: 1e-6 });
  });

  it('is a hard edge without a feather', () => {
    const { mask, ...size } = drawn('.##.');
    expect([...featherWeights(mask, size, { x: 0, y: 0, ...size }, 0)]).toEqual([0, 1, 1, 0]);
  });
});
