import { describe, expect, it } from 'vitest';
import { bezierOutline, roundHandles } from './bezier.ts';
import {
  handleMoved,
  isStillAt,
  keyBefore,
  movedPose,
  parseProjectMask,
  poseAt,
  rasteriseMask,
  resizedPose,
  withEasing,
  withPose,
  withRound,
  type MaskPoint,
  type PosedShape,
} from './index.ts';

const square: MaskPoint[] = [
  [20, 20],
  [60, 20],
  [60, 60],
  [20, 60],
];
const document = (shapes: unknown[]) =>
  parseProjectMask({ format: 'hetcut-mask', version: 1, width: 80, height: 80, frames: 40, shapes }, 'test');
const polygon = (more: object = {}): PosedShape =>
  document([{ kind: 'polygon', keyframes: [{ frame: 0, points: square, ...more }] }]).shapes[0] as PosedShape;
const area = (shape: PosedShape): number =>
  rasteriseMask(document([shape]), 0).reduce((sum, value) => sum + (value > 0 ? 1 : 0), 0);

describe('round corners', () => {
  it('make a circle of a square with the right handles', () => {
    // 0.5523 of the radius: the usual cubic approximation of a quarter of a circle, off by 0.03 % at most.
    const k = 0.5523 * 20;
    const points: MaskPoint[] = [
      [40, 20],
      [60, 40],
      [40, 60],
      [20, 40],
    ];
    const outline = bezierOutline(points, [
      [
        [-k, 0],
        [k, 0],
      ],
      [
        [0, -k],
        [0, k],
      ],
      [
        [k, 0],
        [-k, 0],
      ],
      [
        [0, k],
        [0, -k],
      ],
    ]);
    for (const [x, y] of outline) expect(Math.hypot(x - 40, y - 40)).toBeCloseTo(20, 1);
    expect(outline.length).toBeGreaterThan(40);
  });

  it('leave the outline as it is where there are no handles', () => {
    expect(bezierOutline(square, undefined)).toEqual(square);
    expect(bezierOutline(square, [null, null, null, null])).toEqual(square);
  });

  it('cover more than the straight ones, in every keyframe, and can be taken back', () => {
    const shape = polygon();
    const round = withRound(shape, 'all', true);
    expect(area(round)).toBeGreaterThan(area(shape) * 1.2);
    expect(withRound(round, 'all', false)).toEqual(shape);
    const one = withRound(shape, 2, true);
    expect(one.kind === 'polygon' && one.keyframes[0].handles?.map((pair) => pair !== null)).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });

  it('lie along the line between the neighbours', () => {
    const [into, out] = roundHandles(square, 1) ?? [];
    expect(into?.[0]).toBeCloseTo(-40 / 3 / Math.SQRT2, 6);
    expect(out?.[1]).toBeCloseTo(40 / 3 / Math.SQRT2, 6);
  });

  it('move with their point, and turn on both sides unless one is moved alone', () => {
    const pose = poseAt(withRound(polygon(), 'all', true), 0);
    const moved = handleMoved(pose, 0, 1, [20, 40], false);
    if (moved.kind !== 'polygon') throw new Error('a polygon');
    expect(moved.handles?.[0]?.[1]).toEqual([0, 20]);
    expect(moved.handles?.[0]?.[0][0]).toBeCloseTo(0, 9);
    expect(moved.handles?.[0]?.[0][1]).toBeLessThan(0);
    const alone = handleMoved(pose, 0, 1, [20, 40], true);
    expect(alone.kind === 'polygon' && alone.handles?.[0]?.[0]).toEqual(
      pose.kind === 'polygon' ? pose.handles?.[0]?.[0] : null,
    );
    expect(movedPose(pose, [3, 3])).toMatchObject({ handles: pose.kind === 'polygon' ? pose.handles : [] });
    const wide = resizedPose(pose, [40, 0]);
    expect(wide.kind === 'polygon' && wide.handles?.[0]?.[1][0]).toBeCloseTo(
      2 * (pose.kind === 'polygon' ? (pose.handles?.[0]?.[1][0] ?? 0) : 0),
      6,
    );
  });

  it('are mixed between keyframes; a corner has none', () => {
    const handles = [null, null, null, [[-4, 0], [8, 0]]]; // prettier-ignore
    const keyframes = [
      { frame: 0, points: square },
      { frame: 10, points: square, handles },
    ];
    const [shape] = document([{ kind: 'polygon', keyframes }]).shapes;
    const pose = poseAt(shape as PosedShape, 5);
    expect(pose.kind === 'polygon' && pose.handles).toEqual([null, null, null, [[-2, 0], [4, 0]]]); // prettier-ignore
  });

  it('are refused where they are not as many as the points', () => {
    expect(() => polygon({ handles: [null] })).toThrow(/as many handles as points/);
  });
});

describe('easing', () => {
  const shape = (easing?: string): PosedShape =>
    document([
      {
        kind: 'ellipse',
        keyframes: [
          { frame: 0, centre: [0, 0], radii: [5, 5], ...(easing === undefined ? {} : { easing }) },
          { frame: 10, centre: [100, 0], radii: [5, 5] },
        ],
      },
    ]).shapes[0] as PosedShape;
  const at = (one: PosedShape, frame: number): number => {
    const pose = poseAt(one, frame);
    return pose.kind === 'ellipse' ? pose.centre[0] : NaN;
  };

  it.each([
    [undefined, [0, 20, 50, 80, 100]],
    ['in', [0, 4, 25, 64, 100]],
    ['out', [0, 36, 75, 96, 100]],
    ['smooth', [0, 10.4, 50, 89.6, 100]],
    ['hold', [0, 0, 0, 0, 100]],
  ])('%s goes its way', (easing, places) => {
    const eased = shape(easing);
    for (const [index, frame] of [0, 2, 5, 8, 10].entries())
      expect(at(eased, frame)).toBeCloseTo(places[index], 9);
  });

  it('is of the keyframe that the shape comes from, and stays when that is moved', () => {
    const eased = withEasing(shape(), 0, 'in');
    expect(keyBefore(eased, 4)).toMatchObject({ frame: 0, easing: 'in' });
    expect(keyBefore(eased, 10)).toBeUndefined();
    const moved = withPose(eased, { kind: 'ellipse', frame: 0, centre: [10, 0], radii: [5, 5], angleDeg: 0 });
    expect(keyBefore(moved, 0)).toMatchObject({ easing: 'in' });
    expect(withEasing(moved, 0, undefined).keyframes[0]).not.toHaveProperty('easing');
  });

  it('knows what stands still while it is held', () => {
    const held = document([shape('hold')]);
    expect([3, 8, 9].map((frame) => isStillAt(held, frame))).toEqual([true, true, false]);
    expect(isStillAt(document([shape('in')]), 3)).toBe(false);
  });
});
