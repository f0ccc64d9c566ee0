import { describe, expect, it } from 'vitest';
import { isThere, movedPose, poseAt, withKeyMoved, withoutKey, withPose } from './keyframes.ts';
import type { MaskShape } from './project-mask.ts';

const box: MaskShape = {
  kind: 'box',
  effect: 'remove',
  keyframes: [
    { frame: 10, from: [0, 0], to: [20, 10] },
    { frame: 20, from: [10, 40], to: [30, 70] },
  ],
};
const ellipse: MaskShape = {
  kind: 'ellipse',
  effect: 'remove',
  keyframes: [
    { frame: 0, centre: [10, 20], radii: [4, 6], angleDeg: 0 },
    { frame: 4, centre: [30, 20], radii: [8, 2], angleDeg: 90 },
  ],
};
const stroke: MaskShape = {
  kind: 'stroke',
  effect: 'keep',
  startFrame: 5,
  endFrame: 6,
  keyframes: [{ frame: 5, points: [[1, 2]], radius: 3 }],
};
const framesOf = (shape: MaskShape): number[] => shape.keyframes.map(({ frame }) => frame);

describe('poseAt', () => {
  it('is between two keyframes by the share of the way', () => {
    expect(poseAt(box, 15)).toEqual({ kind: 'box', frame: 15, from: [5, 20], to: [25, 40] });
    const quarter = { kind: 'ellipse', frame: 1, centre: [15, 20], radii: [5, 5], angleDeg: 22.5 };
    expect(poseAt(ellipse, 1)).toEqual(quarter);
  });

  it('is before the first and after the last keyframe', () => {
    expect(poseAt(box, 0)).toEqual({ kind: 'box', frame: 0, from: [0, 0], to: [20, 10] });
    expect(poseAt(box, 99)).toEqual({ kind: 'box', frame: 99, from: [10, 40], to: [30, 70] });
    expect(poseAt(stroke, 7)).toEqual({ kind: 'stroke', frame: 7, points: [[1, 2]], radius: 3 });
  });
});

describe('keyframe edits', () => {
  it('make a keyframe at a frame without one, in order', () => {
    const moved = withPose(box, movedPose(poseAt(box, 15), [1, -2]));
    expect(framesOf(moved)).toEqual([10, 15, 20]);
    expect(moved.keyframes[1]).toEqual({ frame: 15, from: [6, 18], to: [26, 38] });
    expect(moved.keyframes[0]).toBe(box.keyframes[0]);
  });

  it('replace the keyframe of the frame', () => {
    const moved = withPose(box, movedPose(poseAt(box, 20), [1, 1]));
    expect(framesOf(moved)).toEqual([10, 20]);
    expect(moved.keyframes[1]).toEqual({ frame: 20, from: [11, 41], to: [31, 71] });
  });

  it('move a keyframe past another, and onto another', () => {
    expect(framesOf(withKeyMoved(box, 10, 25))).toEqual([20, 25]);
    const replaced = withKeyMoved(box, 10, 20);
    expect(replaced.keyframes).toEqual([{ frame: 20, from: [0, 0], to: [20, 10] }]);
    expect(withKeyMoved(box, 11, 25)).toBe(box);
  });

  it('remove a keyframe, but not the last one', () => {
    expect(framesOf(withoutKey(box, 10))).toEqual([20]);
    expect(withoutKey(stroke, 5)).toBe(stroke);
  });

  it('know the frames where a shape is there', () => {
    expect([4, 5, 6].map((frame) => isThere(stroke, frame))).toEqual([false, true, false]);
    expect(isThere(box, 1000)).toBe(true);
  });
});
