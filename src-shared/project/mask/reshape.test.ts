import { describe, expect, it } from 'vitest';
import { cornerMoved, poseMiddle, poseSize, resizedPose, turnedPose, type MaskPose } from './index.ts';

const box: MaskPose = { kind: 'box', frame: 3, from: [10, 20], to: [30, 60] };
const ellipse: MaskPose = { kind: 'ellipse', frame: 3, centre: [50, 40], radii: [10, 5], angleDeg: 30 };
const dab: MaskPose = { kind: 'stroke', frame: 3, points: [[7, 8]], radius: 4 };
const triangle: MaskPose = {
  kind: 'polygon',
  frame: 3,
  points: [
    [0, 0],
    [20, 0],
    [10, 10],
  ],
};

describe('a shape that is resized', () => {
  it('stays about its middle', () => {
    expect(resizedPose(box, [2, 0])).toEqual({ ...box, from: [9, 20], to: [31, 60] });
    expect(resizedPose(box, [0, -10])).toEqual({ ...box, from: [10, 25], to: [30, 55] });
    expect(resizedPose(ellipse, [1, 10])).toEqual({ ...ellipse, radii: [10.5, 10] });
    const wide = resizedPose(triangle, [10, 0]);
    expect(wide).toEqual({
      ...triangle,
      points: [
        [-5, 0],
        [25, 0],
        [10, 10],
      ],
    });
    for (const pose of [box, ellipse, dab, triangle]) {
      const changed = resizedPose(pose, [6, -2]);
      expect(poseMiddle(changed)).toEqual(poseMiddle(pose));
      const [width, height] = poseSize(pose);
      const expected = pose === dab ? [width + 4, height + 4] : [width + 6, height - 2];
      expect(poseSize(changed)).toEqual(expected);
    }
  });

  it('keeps a pixel of each side', () => {
    for (const pose of [box, ellipse, triangle])
      expect(poseSize(resizedPose(pose, [-500, -500]))).toEqual([1, 1]);
    expect(poseSize(resizedPose(dab, [-500, 0]))).toEqual([1, 1]);
    expect(poseSize(resizedPose({ ...box, from: [30, 60], to: [10, 20] }, [1, 1]))).toEqual([21, 41]);
  });

  it('has no width to stretch where its corners are above each other', () => {
    const points = [[4, 0] as const, [4, 10] as const, [4, 20] as const];
    expect(resizedPose({ ...triangle, points }, [5, 0])).toEqual({ ...triangle, points });
  });

  it('turns, if it is an ellipse', () => {
    expect(turnedPose(ellipse, -45)).toEqual({ ...ellipse, angleDeg: -15 });
    expect(turnedPose(box, 10)).toBe(box);
  });

  it('has corners of its own, if it is a polygon', () => {
    expect(cornerMoved(triangle, 1, [3, -1])).toEqual({
      ...triangle,
      points: [
        [0, 0],
        [23, -1],
        [10, 10],
      ],
    });
    expect(cornerMoved(box, 0, [1, 1])).toBe(box);
  });
});
