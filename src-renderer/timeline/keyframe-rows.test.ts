import { describe, expect, it } from 'vitest';
import type { EditMask } from '../../src-shared/project/index.ts';
import {
  keyframesOf,
  nextKeyframe,
  shapesToKey,
  withKeys,
  withKeysMoved,
  withoutKeys,
} from './keyframe-rows.ts';

const box = (frames: readonly number[], rest = {}): EditMask['shapes'][number] => ({
  kind: 'box',
  effect: 'remove',
  keyframes: frames.map((frame) => ({ frame, from: [0, 0] as const, to: [9, 9] as const })),
  ...rest,
});
const mask: EditMask = { grow: 0, invert: false, shapes: [box([4, 20]), box([7]), box([0, 4])] };
const framesOf = ({ shapes }: EditMask): number[][] =>
  shapes.map(({ keyframes }) => keyframes.map(({ frame }) => frame));

describe('keyframes of a mask', () => {
  it('are those of the shapes that move', () => {
    expect(keyframesOf(mask)).toEqual([0, 4, 20]);
  });

  it('move and go together', () => {
    expect(framesOf(withKeysMoved(mask, 4, 10))).toEqual([[10, 20], [7], [0, 10]]);
    expect(framesOf(withoutKeys(mask, 4))).toEqual([[20], [7], [0]]);
    expect(framesOf(withoutKeys(mask, 7))).toEqual(framesOf(mask));
  });
});

describe('a new keyframe', () => {
  it('is of the chosen shape, or of all that move, where they are there and have none', () => {
    expect(shapesToKey(mask, 1, 12)).toEqual([1]);
    expect(shapesToKey(mask, 1, 7)).toEqual([]);
    expect(shapesToKey(mask, null, 12)).toEqual([0, 2]);
    expect(shapesToKey(mask, null, 20)).toEqual([2]);
    const later = { ...mask, shapes: [box([4, 20], { startFrame: 13 })] };
    expect(shapesToKey(later, 0, 12)).toEqual([]);
  });

  it('holds the shape where it lies there', () => {
    const keys = [
      { frame: 0, from: [0, 0] as const, to: [10, 10] as const },
      { frame: 10, from: [20, 0] as const, to: [30, 10] as const },
    ];
    const moving = {
      ...mask,
      shapes: [{ kind: 'box' as const, effect: 'remove' as const, keyframes: keys }],
    };
    const { shapes } = withKeys(moving, [0], 4);
    expect(shapes[0].keyframes).toEqual([keys[0], { frame: 4, from: [8, 0], to: [18, 10] }, keys[1]]);
    expect(framesOf(withKeys(mask, [1], 9))).toEqual([
      [4, 20],
      [7, 9],
      [0, 4],
    ]);
  });

  it('is found from both sides', () => {
    const at = (frame: number) => ([-1, 1] as const).map((way) => nextKeyframe([0, 4, 20], frame, way));
    expect(at(4)).toEqual([0, 20]);
    expect(at(9)).toEqual([4, 20]);
    expect(at(0)).toEqual([undefined, 4]);
    expect(at(30)).toEqual([20, undefined]);
  });
});
