import { describe, expect, it } from 'vitest';
import { middleDraft, shapeOfDraft } from './mask-shapes.ts';

const at = { frame: 7, frames: 20, scope: 'all' as const };

describe('shapeOfDraft', () => {
  it('holds a stroke on this frame, from here on, or on all', () => {
    const draft = { kind: 'stroke' as const, points: [[1, 2] as const], radius: 5, softness: 0 };
    const keyframes = [{ frame: 7, points: [[1, 2]], radius: 5 }];
    expect(shapeOfDraft(draft, 'keep', at)).toEqual({ kind: 'stroke', effect: 'keep', keyframes });
    const soft = { kind: 'stroke', effect: 'remove', softness: 0.4, keyframes };
    expect(shapeOfDraft({ ...draft, softness: 0.4 }, 'remove', at)).toEqual(soft);
    const span = (scope: 'frame' | 'onwards') => shapeOfDraft(draft, 'remove', { ...at, scope });
    expect(span('frame')).toMatchObject({ startFrame: 7, endFrame: 8 });
    expect(span('onwards')).toMatchObject({ startFrame: 7, endFrame: 20 });
  });

  it('makes a box and an ellipse of a drag in any direction', () => {
    const drag = { from: [30, 10] as const, to: [10, 50] as const };
    expect(shapeOfDraft({ kind: 'box', ...drag }, 'remove', at)?.keyframes).toEqual([
      { frame: 7, from: [10, 10], to: [30, 50] },
    ]);
    expect(shapeOfDraft({ kind: 'ellipse', ...drag }, 'remove', at)?.keyframes).toEqual([
      { frame: 7, centre: [20, 30], radii: [10, 20], angleDeg: 0 },
    ]);
  });

  it('makes nothing of a click and of two points', () => {
    expect(shapeOfDraft({ kind: 'box', from: [3, 3], to: [3.5, 9] }, 'remove', at)).toBeNull();
    const two = [[0, 0] as const, [4, 4] as const];
    expect(shapeOfDraft({ kind: 'polygon', points: two }, 'remove', at)).toBeNull();
  });
});

describe('middleDraft', () => {
  const clip = { width: 90, height: 60 };
  const brush = { radius: 7, softness: 0.25 };

  it('is a dab of the brush, or a third of the picture', () => {
    expect(middleDraft('brush', clip, brush)).toEqual({ kind: 'stroke', points: [[45, 30]], ...brush });
    expect(middleDraft('eraser', clip, brush)).toEqual({ kind: 'stroke', points: [[45, 30]], ...brush });
    expect(middleDraft('box', clip, brush)).toEqual({ kind: 'box', from: [30, 20], to: [60, 40] });
    expect(middleDraft('ellipse', clip, brush)).toEqual({ kind: 'ellipse', from: [30, 20], to: [60, 40] });
  });

  it('is a polygon of four corners, to be moved one by one', () => {
    const points = [
      [45, 20],
      [60, 30],
      [45, 40],
      [30, 30],
    ];
    expect(middleDraft('polygon', clip, brush)).toEqual({ kind: 'polygon', points });
  });

  it('is nothing for tools that draw no outline, or a free one', () => {
    for (const tool of ['move', 'lasso'] as const) expect(middleDraft(tool, clip, brush)).toBeNull();
  });
});
