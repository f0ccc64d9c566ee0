import { describe, expect, it } from 'vitest';
import type { EditMask } from '../../src-shared/project/index.ts';
import { keyframesOf, paintedSpans, withKeysMoved, withoutKeys } from './keyframe-rows.ts';

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

describe('paintedSpans', () => {
  it('joins what touches and leaves erasers out', () => {
    const shapes = [
      box([0], { startFrame: 30, endFrame: 31 }),
      box([0], { startFrame: 5, endFrame: 10 }),
      box([0], { startFrame: 10, endFrame: 12 }),
      box([0], { startFrame: 50, endFrame: 60, effect: 'keep' }),
    ];
    expect(paintedSpans({ ...mask, shapes }, 100)).toEqual([
      [5, 12],
      [30, 31],
    ]);
    expect(paintedSpans(mask, 100)).toEqual([[0, 100]]);
    expect(paintedSpans({ shapes: [], grow: 0, invert: true }, 100)).toEqual([[0, 100]]);
  });
});
