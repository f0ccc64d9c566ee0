import { describe, expect, it } from 'vitest';
import type { EditMask } from '../project.ts';
import { paintedSpans } from './painted-spans.ts';

const box = (rest: object = {}): EditMask['shapes'][number] => ({
  kind: 'box',
  effect: 'remove',
  keyframes: [{ frame: 0, from: [0, 0], to: [9, 9] }],
  ...rest,
});
const mask: EditMask = { shapes: [box()], grow: 0, invert: false };

describe('paintedSpans', () => {
  it('joins what touches and leaves erasers out', () => {
    const shapes = [
      box({ startFrame: 30, endFrame: 31 }),
      box({ startFrame: 5, endFrame: 10 }),
      box({ startFrame: 10, endFrame: 12 }),
      box({ startFrame: 50, endFrame: 60, effect: 'keep' }),
    ];
    expect(paintedSpans({ ...mask, shapes }, 100)).toEqual([
      [5, 12],
      [30, 31],
    ]);
    expect(paintedSpans(mask, 100)).toEqual([[0, 100]]);
    expect(paintedSpans({ shapes: [], invert: true }, 100)).toEqual([[0, 100]]);
  });
});
