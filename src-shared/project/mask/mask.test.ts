import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProjectMask, outlineOf, rasteriseMask, isStillAt, type ProjectMask } from './index.ts';

const document = (
  shapes: unknown[],
  size: object = { width: 12, height: 8, frames: 10 },
  more: object = {},
): unknown => ({ format: 'hetcut-mask', version: 1, ...size, shapes, ...more });
const parse = (shapes: unknown[], size?: object, more?: object): ProjectMask =>
  parseProjectMask(document(shapes, size, more), 'mask.json');

function picture(mask: ProjectMask, frame: number): string[] {
  const pixels = rasteriseMask(mask, frame);
  return Array.from({ length: mask.height }, (_, y) =>
    [...pixels.subarray(y * mask.width, (y + 1) * mask.width)]
      .map((value) => (value === 255 ? '#' : '.'))
      .join(''),
  );
}

const box = (from: number[], to: number[], frame = 0): object => ({ frame, from, to });

describe('rasteriseMask', () => {
  it('fills the pixels whose centres are inside', () => {
    const mask = parse([{ kind: 'box', keyframes: [box([2, 1], [5, 3])] }], {
      width: 8,
      height: 4,
      frames: 1,
    });
    expect(picture(mask, 0)).toEqual(['........', '..###...', '..###...', '........']);
    const half = parse([{ kind: 'box', keyframes: [box([1.5, 0.5], [3.49, 1.51])] }], {
      width: 6,
      height: 3,
      frames: 1,
    });
    expect(picture(half, 0)).toEqual(['.##...', '.##...', '......']);
  });

  it('moves between keyframes in straight lines and does not move outside them', () => {
    const mask = parse([{ kind: 'box', keyframes: [box([0, 0], [2, 1], 2), box([8, 4], [10, 5], 6)] }]);
    const column = (frame: number): number => picture(mask, frame).join('').indexOf('#') % 12;
    expect([0, 2, 3, 4, 5, 6, 9].map(column)).toEqual([0, 0, 2, 4, 6, 8, 8]);
    expect(picture(mask, 4)[2]).toBe('....##......');
  });

  it('does not move where it says so, and says so wherever no shape moves, comes or goes', () => {
    const mask = parse([
      { kind: 'box', keyframes: [box([0, 0], [2, 1], 2), box([8, 4], [10, 5], 4)] },
      { kind: 'box', startFrame: 6, endFrame: 8, keyframes: [box([1, 0], [12, 8])] },
    ]);
    const still = Array.from({ length: 9 }, (_, frame) => isStillAt(mask, frame));
    expect(still).toEqual([true, true, false, false, true, false, true, false, true]);
    const pictures = Array.from({ length: 10 }, (_, frame) => picture(mask, frame).join());
    expect(still).toEqual(pictures.slice(1).map((next, frame) => next === pictures[frame]));
  });

  it('paints shapes in order, each in its own frames', () => {
    const mask = parse([
      { kind: 'box', keyframes: [box([0, 0], [12, 8])] },
      { kind: 'box', effect: 'keep', startFrame: 3, endFrame: 5, keyframes: [box([1, 0], [12, 8])] },
      { kind: 'box', startFrame: 4, endFrame: 5, keyframes: [box([3, 0], [4, 1])] },
    ]);
    expect([2, 3, 4, 5].map((frame) => picture(mask, frame)[0])).toEqual([
      '############',
      '#...........',
      '#..#........',
      '############',
    ]);
  });

  it('cuts shapes at the edges of the picture', () => {
    const mask = parse([
      {
        kind: 'polygon',
        keyframes: [
          {
            frame: 0,
            points: [
              [-50, -50],
              [60, -50],
              [60, 3],
              [-50, 3],
            ],
          },
        ],
      },
    ]);
    expect(picture(mask, 0).map((row) => row.includes('#'))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
    const outside = parse([{ kind: 'box', keyframes: [box([20, 20], [30, 30])] }]);
    expect(rasteriseMask(outside, 0).every((value) => value === 0)).toBe(true);
  });

  it('leaves out what an outline encloses twice', () => {
    const points = [
      [0, 0],
      [8, 0],
      [8, 8],
      [0, 8],
      [0, 0],
      [2, 2],
      [6, 2],
      [6, 6],
      [2, 6],
      [2, 2],
    ];
    const frame = parse([{ kind: 'polygon', keyframes: [{ frame: 0, points }] }], {
      width: 8,
      height: 8,
      frames: 1,
    });
    expect(picture(frame, 0).slice(1, 3)).toEqual(['########', '##....##']);
    expect(picture(frame, 0).slice(5, 7)).toEqual(['##....##', '########']);
  });

  it('draws an ellipse where the equation says, to the pixel, whatever its turn', () => {
    fc.assert(
      fc.property(
        fc.record({
          centreX: fc.double({ min: 5, max: 40, noNaN: true }),
          centreY: fc.double({ min: 5, max: 30, noNaN: true }),
          radiusX: fc.double({ min: 1, max: 20, noNaN: true }),
          radiusY: fc.double({ min: 1, max: 20, noNaN: true }),
          angleDeg: fc.double({ min: -180, max: 180, noNaN: true }),
        }),
        ({ centreX, centreY, radiusX, radiusY, angleDeg }) => {
          const size = { width: 45, height: 35, frames: 1 };
          const key = { frame: 0, centre: [centreX, centreY], radii: [radiusX, radiusY], angleDeg };
          const pixels = rasteriseMask(parse([{ kind: 'ellipse', keyframes: [key] }], size), 0);
          const turn = (angleDeg * Math.PI) / 180;
          for (let y = 0; y < size.height; y++) {
            for (let x = 0; x < size.width; x++) {
              const [dx, dy] = [x + 0.5 - centreX, y + 0.5 - centreY];
              const along = (dx * Math.cos(turn) + dy * Math.sin(turn)) / radiusX;
              const across = (-dx * Math.sin(turn) + dy * Math.cos(turn)) / radiusY;
              const radius = Math.hypot(along, across);
              // The outline has straight pieces: points within a thousandth of it may fall on either side.
              if (Math.abs(radius - 1) > 0.001) expect(pixels[y * size.width + x]).toBe(radius < 1 ? 255 : 0);
            }
          }
        },
      ),
      { seed: 20_26, numRuns: 60 },
    );
  });

  it('turns clockwise as the picture is seen', () => {
    const mask = parse([
      { kind: 'ellipse', keyframes: [{ frame: 0, centre: [6, 4], radii: [5, 1], angleDeg: 45 }] },
    ]);
    const [points] = mask.shapes.map((shape) =>
      shape.kind === 'ellipse' ? outlineOf({ kind: 'ellipse', ...shape.keyframes[0] }) : [],
    );
    expect(points[0][0]).toBeCloseTo(6 + 5 * Math.SQRT1_2, 6);
    expect(points[0][1]).toBeCloseTo(4 + 5 * Math.SQRT1_2, 6);
  });
});

const strokeOf = (points: number[][], radius: number, more: object = {}): object => ({
  kind: 'stroke',
  ...more,
  keyframes: [{ frame: 0, points, radius }],
});

const hasGrey = (mask: Uint8Array): boolean => mask.some((value) => value !== 0 && value !== 255);

/** Distance of (x, y) from the segment. */
function segmentDistance(x: number, y: number, [x0, y0]: number[], [x1, y1]: number[]): number {
  const squared = (x1 - x0) ** 2 + (y1 - y0) ** 2;
  const along = squared === 0 ? 0 : ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / squared;
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(x - x0 - share * (x1 - x0), y - y0 - share * (y1 - y0));
}

describe('a stroke', () => {
  it('with one point is a disc, its border included', () => {
    const mask = parse([strokeOf([[4.5, 3.5]], 2)]);
    expect(picture(mask, 0)).toEqual([
      '............',
      '....#.......',
      '...###......',
      '..#####.....',
      '...###......',
      '....#.......',
      '............',
      '............',
    ]);
  });

  it('is as wide as its brush along a line, and round at its ends', () => {
    const level = [
      [3.5, 2.5],
      [8.5, 2.5],
    ];
    const upright = [
      [2.5, 5.5],
      [2.5, 2.5],
    ];
    expect(picture(parse([strokeOf(level, 1)]), 0).slice(0, 5)).toEqual([
      '............',
      '...######...',
      '..########..',
      '...######...',
      '............',
    ]);
    expect(picture(parse([strokeOf(upright, 1)]), 0).slice(1)).toEqual([
      '..#.........',
      '.###........',
      '.###........',
      '.###........',
      '.###........',
      '..#.........',
      '............',
    ]);
  });

  it('follows its points, and its radius, between keyframes', () => {
    const key = (frame: number, x: number, radius: number): object => ({
      frame,
      points: [[x, 4.5]],
      radius,
    });
    const mask = parse([{ kind: 'stroke', keyframes: [key(2, 2.5, 1), key(6, 8.5, 3)] }]);
    expect([0, 2, 4, 6, 9].map((frame) => picture(mask, frame)[4])).toEqual([
      '.###........',
      '.###........',
      '...#####....',
      '.....#######',
      '.....#######',
    ]);
  });

  it('erases with the effect keep, in the order of the list', () => {
    const all = { kind: 'box', keyframes: [box([0, 0], [12, 8])] };
    const erased = strokeOf([[5.5, 0.5]], 1, { effect: 'keep', startFrame: 1 });
    expect([0, 1].map((frame) => picture(parse([all, erased]), frame)[0])).toEqual([
      '############',
      '####...#####',
    ]);
    expect(picture(parse([erased, all]), 1)[0]).toBe('############');
  });

  const size = { width: 40, height: 30, frames: 1 };
  const anywhere = fc.tuple(
    fc.double({ min: -20, max: 60, noNaN: true }),
    fc.double({ min: -20, max: 50, noNaN: true }),
  );
  const centres = fc
    .tuple(fc.integer({ min: -3, max: 43 }), fc.integer({ min: -3, max: 33 }))
    .map(([x, y]) => [x + 0.5, y + 0.5]);
  const radii = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.double({ min: 0.01, max: 15, noNaN: true }));

  it.each([
    ['anywhere', anywhere, 31],
    ['on centres of pixels', centres, 32],
  ])('covers the centres within its radius of the line, whatever its points: %s', (_, points, seed) => {
    fc.assert(
      fc.property(fc.array(points, { minLength: 1, maxLength: 7 }), radii, (line, radius) => {
        const pixels = rasteriseMask(parse([strokeOf(line, radius)], size), 0);
        for (let i = 0; i < pixels.length; i++) {
          const [x, y] = [(i % size.width) + 0.5, Math.floor(i / size.width) + 0.5];
          const distance = Math.min(
            ...line.map((at, index) => segmentDistance(x, y, at, line[Math.min(index + 1, line.length - 1)])),
          );
          // A centre within a billionth of a pixel of the border may fall on either side.
          if (Math.abs(distance - radius) > 1e-9) expect(pixels[i]).toBe(distance < radius ? 255 : 0);
        }
      }),
      { seed, numRuns: 150 },
    );
  });
});

describe('a soft stroke', () => {
  const soft = (points: number[][], radius: number, softness: number, more: object = {}): object =>
    strokeOf(points, radius, { softness, ...more });
  const size = { width: 40, height: 30, frames: 1 };
  /** Formula of docs/mask-format.md. */
  const coverage = (distance: number, radius: number, softness: number): number => {
    const core = radius * (1 - softness);
    if (distance <= core) return 1;
    if (distance >= radius) return 0;
    const t = (radius - distance) / (radius - core);
    return 3 * t ** 2 - 2 * t ** 3;
  };

  it('is full in its core and falls to nothing at its radius', () => {
    const row = rasteriseMask(parse([soft([[0.5, 0.5]], 8, 0.5)], { width: 12, height: 1, frames: 1 }), 0);
    // Four pixels in full; t = 3/4, 1/2, 1/4: 27/32, 1/2, 5/32.
    expect([...row]).toEqual([255, 255, 255, 255, 255, 215, 128, 40, 0, 0, 0, 0]);
    const all = rasteriseMask(parse([soft([[0.5, 0.5]], 4, 1)], { width: 6, height: 1, frames: 1 }), 0);
    expect([...all]).toEqual([255, 215, 128, 40, 0, 0]);
  });

  const line = fc.array(
    fc.tuple(fc.double({ min: -10, max: 50, noNaN: true }), fc.double({ min: -10, max: 40, noNaN: true })),
    { minLength: 1, maxLength: 6 },
  );
  const strokes = fc.array(
    fc.record({
      points: line,
      radius: fc.double({ min: 0.5, max: 15, noNaN: true }),
      softness: fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0.01, max: 1, noNaN: true })),
      effect: fc.constantFrom('remove', 'keep'),
    }),
    { minLength: 1, maxLength: 4 },
  );

  it('equals the plain search, alone and over others, whatever its points', () => {
    fc.assert(
      fc.property(strokes, (drawn) => {
        const shapes = drawn.map(({ points, radius, softness, effect }) =>
          strokeOf(points, radius, softness === 0 ? { effect } : { softness, effect }),
        );
        let worst = 0;
        rasteriseMask(parse(shapes, size), 0).forEach((value, i) => {
          const [x, y] = [(i % size.width) + 0.5, Math.floor(i / size.width) + 0.5];
          let expected = 0;
          let onBorder = false;
          for (const { points, radius, softness, effect } of drawn) {
            const distance = Math.min(
              ...points.map((at, index) =>
                segmentDistance(x, y, at, points[Math.min(index + 1, points.length - 1)]),
              ),
            );
            if (softness === 0 && Math.abs(distance - radius) < 1e-9) onBorder = true;
            const covered =
              softness === 0 ? Number(distance <= radius) : coverage(distance, radius, softness);
            expected = effect === 'remove' ? Math.max(expected, covered) : Math.min(expected, 1 - covered);
          }
          if (!onBorder) worst = Math.max(worst, Math.abs(value - 255 * expected));
        });
        // Half a step for rounding to bytes.
        expect(worst).toBeLessThanOrEqual(0.5001);
      }),
      { seed: 34, numRuns: 150 },
    );
  });

  it('gets no denser where it crosses itself, and takes no more away', () => {
    const there = [
      [5.5, 15.5],
      [30.5, 15.5],
    ];
    const back = [...there, [5.5, 15.5], [30.5, 15.5]];
    const all = { kind: 'box', keyframes: [box([0, 0], [40, 30])] };
    const drawn = (...shapes: unknown[]): Uint8Array => rasteriseMask(parse(shapes, size), 0);
    expect(drawn(soft(back, 6, 0.7))).toEqual(drawn(soft(there, 6, 0.7)));
    expect(drawn(soft(there, 6, 0.7), soft(there, 6, 0.7))).toEqual(drawn(soft(there, 6, 0.7)));
    const erased = soft(there, 6, 0.7, { effect: 'keep' });
    expect(drawn(all, erased, erased)).toEqual(drawn(all, erased));
    // What the eraser leaves is what the brush would not have covered.
    expect(drawn(all, erased)).toEqual(drawn(soft(there, 6, 0.7)).map((value) => 255 - value));
  });

  it('keeps its softness while it moves and changes its size', () => {
    const key = (frame: number, x: number, radius: number): object => ({ frame, points: [[x, 0.5]], radius });
    const mask = parse([{ kind: 'stroke', softness: 0.5, keyframes: [key(2, 0.5, 4), key(6, 4.5, 12)] }], {
      width: 16,
      height: 1,
      frames: 9,
    });
    const between = parse([soft([[2.5, 0.5]], 8, 0.5)], { width: 16, height: 1, frames: 9 });
    expect(rasteriseMask(mask, 4)).toEqual(rasteriseMask(between, 0));
    expect(hasGrey(rasteriseMask(mask, 4))).toBe(true);
  });

  it('grows and inverts with its greys', () => {
    const row = { width: 9, height: 1, frames: 1 };
    const dot = soft([[0.5, 0.5]], 4, 1);
    const grown = rasteriseMask(parse([dot], row, { grow: 2 }), 0);
    expect([...grown]).toEqual([255, 255, 255, 215, 128, 40, 0, 0, 0]);
    const inverted = rasteriseMask(parse([dot], row, { grow: 2, invert: true }), 0);
    expect([...inverted]).toEqual([0, 0, 0, 40, 127, 215, 255, 255, 255]);
    const shrunk = rasteriseMask(parse([dot], row, { grow: -1 }), 0);
    expect([...shrunk]).toEqual([215, 128, 40, 0, 0, 0, 0, 0, 0]);
  });

  it('with softness 0 is the hard stroke, to the byte', () => {
    fc.assert(
      fc.property(line, fc.double({ min: 0.5, max: 15, noNaN: true }), (points, radius) => {
        const plain = rasteriseMask(parse([strokeOf(points, radius)], size), 0);
        expect(rasteriseMask(parse([soft(points, radius, 0)], size), 0)).toEqual(plain);
        expect(hasGrey(plain)).toBe(false);
      }),
      { seed: 35, numRuns: 50 },
    );
  });

  it('is not written into documents that do not have it', () => {
    expect(parse([strokeOf([[1, 2]], 3)]).shapes[0]).not.toHaveProperty('softness');
  });
});

describe('grow and invert', () => {
  const dot = strokeOf([[4.5, 3.5]], 0.5);
  const size = { width: 9, height: 7, frames: 1 };
  const disc = ['.........', '....#....', '...###...', '..#####..', '...###...', '....#....', '.........'];

  it('grows what is painted by a disc, and shrinks it again', () => {
    expect(picture(parse([dot], size, { grow: 2 }), 0)).toEqual(disc);
    const drawn = strokeOf([[4.5, 3.5]], 2);
    expect(picture(parse([drawn], size, { grow: -2 }), 0)).toEqual(picture(parse([dot], size), 0));
    expect(picture(parse([drawn], size, { grow: -3 }), 0).join('')).toMatch(/^\.+$/);
  });

  it('takes the edge of the picture for no border', () => {
    const half = { kind: 'box', keyframes: [box([0, 0], [5, 7])] };
    const shrunk = picture(parse([half], size, { grow: -2 }), 0);
    expect(shrunk).toEqual(Array(7).fill('###......'));
  });

  it('inverts last, in frames without a shape too', () => {
    const turned = disc.map((row) => row.replaceAll('#', '-').replaceAll('.', '#').replaceAll('-', '.'));
    expect(picture(parse([dot], size, { grow: 2, invert: true }), 0)).toEqual(turned);
    const none = parse([{ ...dot, startFrame: 1 }], { ...size, frames: 2 }, { grow: 2, invert: true });
    expect(picture(none, 0)).toEqual(Array(7).fill('#########'));
  });

  it('equals the search over all pairs of pixels', () => {
    const radii = fc.record({
      strokes: fc.array(
        fc.tuple(
          fc.integer({ max: 32, min: -2 }),
          fc.integer({ max: 24, min: -2 }),
          fc.integer({ min: 1, max: 8 }),
        ),
        { minLength: 1, maxLength: 4 },
      ),
      grow: fc.oneof(fc.integer({ min: -7, max: 9 }), fc.constantFrom(-64, 64)),
      invert: fc.boolean(),
    });
    fc.assert(
      fc.property(radii, ({ strokes, grow, invert }) => {
        const shapes = strokes.map(([x, y, radius]) => strokeOf([[x, y]], radius));
        const picked = { width: 30, height: 22, frames: 1 };
        const plain = rasteriseMask(parse(shapes, picked), 0);
        const far = grow < 0 ? 0 : 255;
        const expected = plain.map((own, i) => {
          // Growing, white within reach is enough; shrinking, black within reach is.
          const reached = plain.some((value, j) => {
            const dx = (i % picked.width) - (j % picked.width);
            const dy = Math.floor(i / picked.width) - Math.floor(j / picked.width);
            return value === far && dx * dx + dy * dy <= grow * grow;
          });
          const moved = reached ? far : own;
          return invert ? 255 - moved : moved;
        });
        expect(rasteriseMask(parse(shapes, picked, { grow, invert }), 0)).toEqual(expected);
      }),
      { seed: 33, numRuns: 60 },
    );
  });
});

describe('box', () => {
  const size = { width: 9, height: 7, frames: 2 };
  const dots = [
    strokeOf([[2.5, 1.5]], 0.5),
    strokeOf([[5.5, 4.5]], 0.5),
    // Painted away in the middle: the box covers it all the same.
    { ...strokeOf([[4.5, 3.5]], 0.5), effect: 'keep' },
  ];
  const drawn = ['.........', '..####...', '..####...', '..####...', '..####...', '.........', '.........'];

  it('covers all of the rectangle around what is painted', () => {
    expect(picture(parse(dots, size, { box: true }), 0)).toEqual(drawn);
    expect(picture(parse(dots, size, { box: false }), 0)).toEqual(picture(parse(dots, size), 0));
  });

  it('is around what has grown, within the picture, and is inverted last', () => {
    const grown = picture(parse(dots, size, { box: true, grow: 2 }), 0);
    expect(grown).toEqual([...Array<string>(7).fill('########.')]);
    const turned = drawn.map((row) => row.replaceAll('#', '-').replaceAll('.', '#').replaceAll('-', '.'));
    expect(picture(parse(dots, size, { box: true, invert: true }), 0)).toEqual(turned);
  });

  it('is that of each frame by itself; where nothing is painted there is none', () => {
    const moving = {
      kind: 'ellipse',
      endFrame: 2,
      keyframes: [
        { frame: 0, centre: [4.5, 3.5], radii: [3.9, 1.9] },
        { frame: 1, centre: [4.5, 4.5], radii: [3.9, 1.9] },
      ],
    };
    const mask = parse([moving], { ...size, frames: 3 }, { box: true });
    const rows = (first: number): string[] =>
      Array.from({ length: 7 }, (_, y) => (y >= first && y < first + 3 ? '.#######.' : '.........'));
    expect([0, 1, 2].map((frame) => picture(mask, frame))).toEqual([rows(2), rows(3), rows(7)]);
  });
});

describe('parseProjectMask', () => {
  it('leaves out growing and inverting where the document does', () => {
    expect(parse([])).toMatchObject({ grow: 0, invert: false });
  });

  it.each([
    [null, /document/],
    [{ format: 'hetcut-mask', version: 2 }, /version/],
    [document([{ kind: 'star', keyframes: [] }]), /shapes\[0\]\.kind/],
    [document([{ kind: 'box', keyframes: [] }]), /shapes\[0\]\.keyframes/],
    [document([{ kind: 'box', keyframes: [{ frame: 0, from: [1, 2], to: [3] }] }]), /keyframes\[0\]\.to/],
    [document([{ kind: 'ellipse', keyframes: [{ frame: 0, centre: [1, 2], radii: [0, 3] }] }]), /radii/],
    [
      document([{ kind: 'box', keyframes: [box([0, 0], [1, 1], 4), box([0, 0], [1, 1], 4)] }]),
      /ascending frames, not 4, 4/,
    ],
    [document([{ kind: 'box', colour: 1, keyframes: [box([0, 0], [1, 1])] }]), /colour/],
    [
      document([
        {
          kind: 'polygon',
          keyframes: [
            {
              frame: 0,
              points: [
                [0, 0],
                [1, 0],
                [1, 1],
              ],
            },
            {
              frame: 1,
              points: [
                [0, 0],
                [1, 0],
                [1, 1],
                [0, 1],
              ],
            },
          ],
        },
      ]),
      /same number of points/,
    ],
    [document([strokeOf([], 3)]), /shapes\[0\]\.keyframes\[0\]\.points/],
    [document([strokeOf([[1, 2, 3]], 3)]), /keyframes\[0\]\.points\[0\]/],
    [document([strokeOf([[1, 2]], 0)]), /shapes\[0\]\.keyframes\[0\]\.radius/],
    [document([strokeOf([[1, 2]], 1, { softness: 1.5 })]), /shapes\[0\]\.softness/],
    [document([strokeOf([[1, 2]], 1, { softness: -0.1 })]), /shapes\[0\]\.softness/],
    [document([{ kind: 'box', softness: 1, keyframes: [box([0, 0], [1, 1])] }]), /softness/],
    [document([{ kind: 'stroke', keyframes: [{ frame: 0, points: [[1, 2]] }] }]), /radius/],
    [
      document([
        {
          kind: 'stroke',
          keyframes: [
            { frame: 0, points: [[1, 2]], radius: 1 },
            {
              frame: 1,
              points: [
                [1, 2],
                [3, 4],
              ],
              radius: 1,
            },
          ],
        },
      ]),
      /shapes\[0\]\.keyframes must all have the same number of points/,
    ],
    [document([], undefined, { grow: 65 }), /grow/],
    [document([], undefined, { grow: -65 }), /grow/],
    [document([], undefined, { grow: 1.5 }), /grow/],
    [document([], undefined, { invert: 'yes' }), /invert/],
    [document([], undefined, { box: 1 }), /box/],
  ])('names the field that is wrong (%#)', (wrong, message) => {
    expect(() => parseProjectMask(wrong, 'mask.json')).toThrow(message);
    expect(() => parseProjectMask(wrong, 'mask.json')).toThrow(/^mask\.json/);
  });
});
