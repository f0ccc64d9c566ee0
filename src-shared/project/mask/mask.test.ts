import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProjectMask, rasteriseMask, shapeOutline, type ProjectMask } from './index.ts';

const document = (shapes: unknown[], size = { width: 12, height: 8, frames: 10 }): unknown => ({
  format: 'hetcut-mask',
  version: 1,
  ...size,
  shapes,
});
const parse = (shapes: unknown[], size?: { width: number; height: number; frames: number }): ProjectMask =>
  parseProjectMask(document(shapes, size), 'mask.json');

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
  it('fills the pixels whose centres lie inside', () => {
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

  it('moves between keyframes in straight lines and stands still outside them', () => {
    const mask = parse([{ kind: 'box', keyframes: [box([0, 0], [2, 1], 2), box([8, 4], [10, 5], 6)] }]);
    const column = (frame: number): number => picture(mask, frame).join('').indexOf('#') % 12;
    expect([0, 2, 3, 4, 5, 6, 9].map(column)).toEqual([0, 0, 2, 4, 6, 8, 8]);
    expect(picture(mask, 4)[2]).toBe('....##......');
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
    const [points] = mask.shapes.map((shape) => shapeOutline(shape, 0));
    expect(points[0][0]).toBeCloseTo(6 + 5 * Math.SQRT1_2, 6);
    expect(points[0][1]).toBeCloseTo(4 + 5 * Math.SQRT1_2, 6);
  });
});

describe('parseProjectMask', () => {
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
  ])('names the field that is wrong (%#)', (wrong, message) => {
    expect(() => parseProjectMask(wrong, 'mask.json')).toThrow(message);
    expect(() => parseProjectMask(wrong, 'mask.json')).toThrow(/^mask\.json/);
  });
});
