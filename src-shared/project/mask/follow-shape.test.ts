import { describe, expect, it } from 'vitest';
import {
  followedShape,
  outlineOf,
  poseAt,
  rasteriseMask,
  type FollowedPose,
  type Following,
  type MaskShape,
  type OutlinedShape,
} from './index.ts';

const range = { startFrame: 0, endFrame: 41 };
const following = (more: Partial<Following> = {}): Following => ({
  frame: 0,
  freedom: 'perspective',
  range,
  direction: 'both',
  ...more,
});
const polygon = (more: object = {}): OutlinedShape => ({
  kind: 'polygon',
  effect: 'remove',
  keyframes: [
    {
      frame: 0,
      points: [
        [10, 10],
        [50, 10],
        [50, 40],
        [10, 40],
      ],
    },
  ],
  ...more,
});
/** Similarity about the corner, of pixel centres. */
const motion = (x: number, y: number, scale = 1, turn = 0, tilt = 0): number[] => {
  const [cos, sin] = [scale * Math.cos(turn), scale * Math.sin(turn)];
  return [cos, -sin, x, sin, cos, y, tilt, 0, 1];
};
const posed = (of: (frame: number) => number[], from = 1, to = 41): FollowedPose[] =>
  Array.from({ length: to - from }, (_, at) => ({ frame: from + at, motion: of(from + at), confidence: 1 }));

/** How far the shape's outline is from where a map puts the outline of frame 0, at most. */
function off(shape: OutlinedShape, start: OutlinedShape, of: (frame: number) => number[]): number {
  let most = 0;
  for (let frame = 0; frame < 41; frame++) {
    const pose = poseAt(shape, frame);
    const first = poseAt(start, 0);
    if (pose.kind === 'stroke' || first.kind === 'stroke') throw new Error('an outline');
    const [a, b, c, d, e, f, g, h, i] = frame === 0 ? motion(0, 0) : of(frame);
    const there = outlineOf(pose);
    for (const [x, y] of outlineOf(first)) {
      const [u, v] = [x - 0.5, y - 0.5];
      const w = g * u + h * v + i;
      const place = [(a * u + b * v + c) / w + 0.5, (d * u + e * v + f) / w + 0.5];
      most = Math.max(most, Math.min(...there.map(([p, q]) => Math.hypot(p - place[0], q - place[1]))));
    }
  }
  return most;
}

describe('keyframes that follow a plane', () => {
  it('are two where it moves evenly', () => {
    const even = (frame: number): number[] => motion(2 * frame, -frame);
    const shape = followedShape(polygon(), following(), posed(even), 0.5);
    expect(shape.keyframes.map(({ frame }) => frame)).toEqual([0, 40]);
    expect(off(shape, polygon(), even)).toBeLessThan(0.01);
  });

  it('are few where it turns and grows, and stay within the tolerance', () => {
    const winding = (frame: number): number[] =>
      motion(3 * frame, 12 * Math.sin(frame / 8), 1 + 0.01 * frame, 0.01 * frame, 2e-5 * frame);
    for (const tolerance of [0.25, 1]) {
      const shape = followedShape(polygon(), following(), posed(winding), tolerance);
      expect(shape.keyframes.length).toBeLessThan(tolerance === 1 ? 9 : 14);
      expect(off(shape, polygon(), winding)).toBeLessThan(tolerance + 0.01);
    }
    expect(followedShape(polygon(), following(), posed(winding), -1).keyframes).toHaveLength(41);
  });

  it('keep the frame in which the shape was drawn exactly, and keys that were not followed', () => {
    const start = polygon();
    const keyframes = [
      start.keyframes[0],
      { ...start.keyframes[0], frame: 12 },
      { ...start.keyframes[0], frame: 60 },
    ];
    const drawn = { ...start, keyframes } as OutlinedShape;
    const shape = followedShape(
      drawn,
      following({ frame: 12 }),
      posed((frame) => motion(frame - 12, 0), 6, 30),
      0.5,
    );
    expect(shape.keyframes.map(({ frame }) => frame)).toEqual([0, 6, 12, 29, 60]);
    expect(shape.keyframes[2]).toEqual(keyframes[1]);
  });

  it('leave out frames that were not found: it goes straight through them', () => {
    const even = (frame: number): number[] => motion(2 * frame, 0);
    const found = posed(even).filter(({ frame }) => frame < 10 || frame > 20);
    expect(followedShape(polygon(), following(), found, 0.5).keyframes).toHaveLength(2);
  });

  it('make a box a polygon only where it may turn', () => {
    const box: OutlinedShape = {
      kind: 'box',
      effect: 'remove',
      keyframes: [{ frame: 0, from: [4, 4], to: [20, 16] }],
    };
    const larger = (frame: number): number[] => motion(frame, 0, 1 + frame / 80);
    const scaled = followedShape(box, following({ freedom: 'scale' }), posed(larger), 0.5);
    expect(scaled.kind).toBe('box');
    expect(off(scaled, box, larger)).toBeLessThan(0.02);
    const turning = (frame: number): number[] => motion(20, 0, 1, frame / 60);
    const turned = followedShape(box, following({ freedom: 'rotation' }), posed(turning), 0.5);
    expect(turned.kind).toBe('polygon');
    expect(off(turned, box, turning)).toBeLessThan(0.52);
  });

  it('keep an ellipse one, in perspective too', () => {
    const ellipse: OutlinedShape = {
      kind: 'ellipse',
      effect: 'remove',
      keyframes: [{ frame: 0, centre: [40, 30], radii: [24, 12], angleDeg: 20 }],
    };
    const winding = (frame: number): number[] =>
      motion(frame, frame / 2, 1 + 0.01 * frame, 0.03 * frame, 1e-4 * frame);
    const shape = followedShape(ellipse, following(), posed(winding), 0.25);
    expect(shape.kind).toBe('ellipse');
    // Points of the two outlines are up to 1.2 pixels apart along the outline.
    expect(off(shape, ellipse, winding)).toBeLessThan(1.3);
    expect(shape.keyframes.length).toBeLessThan(20);
    const circle = {
      ...ellipse,
      keyframes: [{ frame: 0, centre: [40, 30], radii: [20, 20], angleDeg: 0 }],
    } as OutlinedShape;
    const rolled = followedShape(
      circle,
      following(),
      posed((frame) => motion(0, 0, 1, frame / 50)),
      0.5,
    );
    expect(rolled.keyframes.every((key) => 'radii' in key && Math.abs(key.radii[0] - 20) < 0.01)).toBe(true);
  });

  // Points along the two curves are up to two pixels apart.
  it('carry the handles of round corners along', () => {
    const round = polygon({
      keyframes: [
        {
          frame: 0,
          points: [
            [20, 20],
            [60, 20],
            [40, 60],
          ],
          handles: [
            null,
            [
              [-8, -6],
              [8, 6],
            ],
            null,
          ],
        },
      ],
    });
    const turning = (frame: number): number[] => motion(10, 0, 1.2, frame / 50);
    expect(off(followedShape(round, following(), posed(turning), -1), round, turning)).toBeLessThan(1.1);
  });

  it.each([
    ['found to the end', {}, 41, { direction: 'both' }, [undefined, undefined]],
    ['lost on the way', {}, 30, { direction: 'both' }, [undefined, 30]],
    ['drawn for one frame', { startFrame: 0, endFrame: 1 }, 41, { direction: 'forward' }, [0, 41]],
    ['not followed behind', { startFrame: 0, endFrame: 9 }, 41, { direction: 'backward', frame: 40 }, [1, 9]],
  ] as const)('are there as far as it was %s', (_name, span, to, more, [start, end]) => {
    const shape = followedShape(
      polygon(span),
      following(more),
      posed(() => motion(0, 0), 1, to),
      0.5,
    );
    expect([shape.startFrame, shape.endFrame]).toEqual([start, end]);
  });

  it('are none where nothing was found', () => {
    const shape = polygon();
    expect(followedShape(shape, following(), [], 0.5)).toBe(shape);
  });

  it('mean the same mask as the poses of every frame', () => {
    const document = {
      format: 'hetcut-mask',
      version: 1,
      width: 160,
      height: 90,
      frames: 41,
      grow: 0,
      invert: false,
    } as const;
    const winding = (frame: number): number[] => motion(2 * frame, 8 * Math.sin(frame / 7), 1, 0.01 * frame);
    const masks = [-1, 0.5].map((tolerance): Uint8Array => {
      const shapes: MaskShape[] = [followedShape(polygon(), following(), posed(winding), tolerance)];
      return rasteriseMask({ ...document, shapes }, 23);
    });
    const [both, either] = [0, 1].map(
      (most) =>
        masks[0].filter((value, at) => (value > 0 ? 1 : 0) + (masks[1][at] > 0 ? 1 : 0) > 1 - most).length,
    );
    expect(both / either).toBeGreaterThan(0.96);
  });
});
