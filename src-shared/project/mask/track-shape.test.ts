import { describe, expect, it } from 'vitest';
import { decodeMask, encodeMask } from '../../core/mask/index.ts';
import {
  isStillAt,
  isThere,
  needsTracking,
  paintedSpans,
  parseProjectMask,
  rasteriseMask,
  startTrack,
  stretchesToTrack,
  trackConfidence,
  weakSpans,
  withoutTrackKey,
  withTracked,
  withTrackKey,
  type MaskShape,
  type ProjectMask,
  type TrackShape,
} from './index.ts';

const [width, height, frames] = [8, 4, 40];
const range = { startFrame: 0, endFrame: frames };
/** A mask of one row. */
const row = (y: number, value = 255): string =>
  encodeMask(new Uint8Array(width * height).fill(value, y * width, (y + 1) * width));

const object = (keys: readonly number[], tracked: readonly number[] = []): TrackShape => ({
  kind: 'track',
  effect: 'remove',
  keyframes: keys.map((frame) => ({ frame, mask: row(0) })),
  tracked: tracked.map((frame) => ({ frame, mask: row(1), confidence: 0.9 })),
});
const maskOf = (shapes: readonly MaskShape[], fields: Partial<ProjectMask> = {}): ProjectMask =>
  parseProjectMask({ format: 'hetcut-mask', version: 1, width, height, frames, shapes, ...fields }, 'It');
const span = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('a tracked object', () => {
  it('has its own mask in each frame: what was painted, what was tracked, nothing elsewhere', () => {
    const mask = maskOf([object([3], [4, 5])]);
    expect(rasteriseMask(mask, 3)).toEqual(decodeMask(row(0), width * height));
    expect(rasteriseMask(mask, 4)).toEqual(decodeMask(row(1), width * height));
    expect(rasteriseMask(mask, 6).includes(255)).toBe(false);
    expect([3, 4, 5, 6].map((frame) => isStillAt(mask, frame))).toEqual([false, true, false, true]);
    expect(isThere(mask.shapes[0], 6)).toBe(false);
    expect(paintedSpans(mask, frames)).toEqual([[3, 6]]);
  });

  it('grows, is inverted, and is cut out by what is taken away', () => {
    const box: MaskShape = {
      kind: 'box',
      effect: 'keep',
      keyframes: [{ frame: 0, from: [0, 0], to: [4, 4] }],
    };
    expect(rasteriseMask(maskOf([object([0])], { grow: 1 }), 0)).toEqual(
      new Uint8Array(width * height).fill(255, 0, 2 * width),
    );
    expect(rasteriseMask(maskOf([object([0])], { invert: true }), 0)[0]).toBe(0);
    expect([...rasteriseMask(maskOf([object([0]), box]), 0).subarray(0, 8)]).toEqual([
      0, 0, 0, 0, 255, 255, 255, 255,
    ]);
  });

  it('keeps the greys of a soft stroke', () => {
    const soft = { ...object([]), keyframes: [{ frame: 0, mask: row(2, 90) }] };
    expect(rasteriseMask(maskOf([soft]), 0)[2 * width]).toBe(90);
  });

  it.each([
    ['a mask of another size', { ...object([0]), keyframes: [{ frame: 0, mask: row(3) + row(3) }] }],
    ['frames that do not ascend', object([0], [5, 4])],
    ['no mask at all', { ...object([0]), keyframes: [{ frame: 0, mask: '§' }] }],
  ])('is refused with %s', (_name, shape) => {
    expect(() => maskOf([shape])).toThrow(/It.*shapes/);
  });
});

describe('what is to be tracked', () => {
  it('is all around the painted frames, by direction', () => {
    const shape = object([10, 20]);
    expect(stretchesToTrack(shape, range, 10, 'both')).toEqual([
      { startFrame: 0, endFrame: 10 },
      { startFrame: 11, endFrame: 20 },
      { startFrame: 21, endFrame: 40 },
    ]);
    expect(stretchesToTrack(shape, range, 10, 'forward')).toEqual([
      { startFrame: 11, endFrame: 20 },
      { startFrame: 21, endFrame: 40 },
    ]);
    expect(stretchesToTrack(shape, range, 10, 'backward')).toEqual([{ startFrame: 0, endFrame: 10 }]);
    expect(stretchesToTrack(shape, { startFrame: 15, endFrame: 30 }, 20, 'backward')).toEqual([
      { startFrame: 15, endFrame: 20 },
    ]);
  });

  it('is nothing once it was, but for the stretches on both sides of a correction', () => {
    const all = withTracked(
      object([10, 30]),
      range,
      span(0, 40).flatMap((frame) =>
        frame === 10 || frame === 30 ? [] : [{ frame, mask: row(1), confidence: 1 }],
      ),
      stretchesToTrack(object([10, 30]), range, 10, 'both'),
    );
    expect(needsTracking(all, range)).toBe(false);
    const corrected = withTrackKey(all, 20, row(3));
    expect(stretchesToTrack(corrected, range, 20, 'both')).toEqual([
      { startFrame: 11, endFrame: 20 },
      { startFrame: 21, endFrame: 30 },
    ]);
    // One of the two is not enough: what was tracked towards the frame before it was painted is still there.
    const half = withTracked(corrected, range, [], [{ startFrame: 21, endFrame: 30 }]);
    expect(stretchesToTrack(half, range, 20, 'both')).toContainEqual({ startFrame: 11, endFrame: 20 });
    const done = withTracked(corrected, range, [], stretchesToTrack(corrected, range, 20, 'both'));
    expect(needsTracking(done, range)).toBe(false);
    expect(rasteriseMask(maskOf([done]), 20)).toEqual(decodeMask(row(3), width * height));
    expect(trackConfidence(done, 20)).toBe(1);
    // Taken back, the frame is tracked from the painted frames that are left.
    expect(stretchesToTrack(withoutTrackKey(done, 20), range, 20, 'both')).toEqual([
      { startFrame: 11, endFrame: 30 },
    ]);
  });

  it('is nothing more around a frame that was pinned as it is', () => {
    const all = withTracked(
      object([0]),
      range,
      [{ frame: 5, mask: row(1), confidence: 0.3 }],
      [{ startFrame: 1, endFrame: 40 }],
    );
    expect(needsTracking(withTrackKey(all, 5, row(1)), range)).toBe(false);
  });

  it('is nothing between two frames without the object', () => {
    const gone = withTrackKey(withTrackKey(object([10]), 20, ''), 30, '');
    expect(stretchesToTrack(gone, range, 10, 'both')).toEqual([
      { startFrame: 0, endFrame: 10 },
      { startFrame: 11, endFrame: 20 },
    ]);
    const done = withTracked(gone, range, [], stretchesToTrack(gone, range, 10, 'both'));
    expect(needsTracking(done, range)).toBe(false);
  });
});

describe('what was tracked', () => {
  it('is kept where it was stopped, and tracked on from there', () => {
    const shape = object([10]);
    const stopped = withTracked(shape, range, [{ frame: 11, mask: row(2), confidence: 0.8 }], []);
    expect(rasteriseMask(maskOf([stopped]), 11)).toEqual(decodeMask(row(2), width * height));
    expect(needsTracking(stopped, range)).toBe(true);
  });

  it('marks what is weak, and what lies behind a cut', () => {
    const shape = withTracked(
      object([0]),
      range,
      [
        { frame: 1, mask: row(1), confidence: 0.9 },
        { frame: 2, mask: row(1), confidence: 0.2 },
      ],
      [{ startFrame: 1, endFrame: 6 }],
    );
    expect(weakSpans(shape)).toEqual([[2, 6]]);
    expect(weakSpans(withTrackKey(shape, 3, row(0)))).toEqual([
      [2, 3],
      [4, 6],
    ]);
  });
});

describe('startTrack', () => {
  const box = (frame: number, y: number, effect: MaskShape['effect'] = 'remove'): MaskShape => ({
    kind: 'box',
    effect,
    keyframes: [{ frame, from: [0, y], to: [width, y + 1] }],
  });

  it('makes an object of what was painted, each frame by itself', () => {
    const shapes = [box(3, 0), box(9, 2), box(9, 3)];
    const start = startTrack({ width, height, shapes }, range);
    if ('problem' in start) throw new Error(start.problem);
    expect(start.replaces).toEqual(shapes);
    const masks = start.object.keyframes.map(({ frame, mask }) => [frame, mask]);
    expect(masks).toEqual([
      [3, row(0)],
      [9, encodeMask(new Uint8Array(width * height).fill(255, 2 * width))],
    ]);
  });

  it('leaves out what was erased, and what was tracked before', () => {
    const known = object([1]);
    const start = startTrack(
      { width, height, shapes: [known, box(3, 0), box(3, 1), box(5, 1, 'keep')] },
      range,
    );
    if ('problem' in start) throw new Error(start.problem);
    expect(start.object.keyframes).toEqual([{ frame: 3, mask: row(0) }]);
    expect(start.replaces).toHaveLength(3);
    expect(start.replaces).not.toContain(known);
  });

  it.each([
    ['nothing painted', [], { problem: 'nothing' }],
    ['only an eraser', [box(0, 0, 'keep')], { problem: 'nothing' }],
    ['all of it erased', [box(0, 0), box(4, 0, 'keep')], { problem: 'erased' }],
    ['a frame outside the range', [box(30, 0)], { problem: 'outside', frame: 30 }],
  ])('says so of %s', (_name, shapes, problem) => {
    expect(startTrack({ width, height, shapes }, { startFrame: 0, endFrame: 20 })).toEqual(problem);
  });
});
