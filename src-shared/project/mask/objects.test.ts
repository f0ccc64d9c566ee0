import { describe, expect, it } from 'vitest';
import { encodeMask } from '../../core/mask/index.ts';
import {
  isThere,
  nextColour,
  objectOfMasks,
  paintedKeys,
  paintedSpans,
  parseProjectMask,
  plainShapes,
  rasteriseMask,
  startTrack,
  trackConfidence,
  withHoldOut,
  withOff,
  type MaskShape,
} from './index.ts';

const box = (x0: number, x1: number, more: object = {}): MaskShape => ({
  kind: 'box',
  effect: 'remove',
  keyframes: [{ frame: 0, from: [x0, 0], to: [x1, 1] }],
  ...more,
});
const document = (shapes: readonly unknown[], more: object = {}) => ({
  format: 'hetcut-mask',
  version: 1,
  width: 8,
  height: 1,
  frames: 3,
  shapes,
  ...more,
});
const row = (shapes: readonly unknown[], more: object = {}): string =>
  Array.from(rasteriseMask(parseProjectMask(document(shapes, more), 'm'), 0), (value) =>
    value === 0 ? '.' : '#',
  ).join('');

describe('objects of a mask', () => {
  it('are left out while they are off', () => {
    const off = withOff(box(0, 4), true);
    expect(row([off, box(6, 8)])).toBe('......##');
    expect(isThere(off, 0)).toBe(false);
    expect(paintedSpans({ shapes: [off], invert: false }, 3)).toEqual([]);
    expect(paintedKeys([off], { startFrame: 0, endFrame: 3 })).toEqual({ problem: 'nothing' });
    expect(withOff(off, false)).toEqual(box(0, 4));
  });

  it('that are held out are cut out of all, whatever the order and however it grows', () => {
    const held = withHoldOut(box(3, 5), true);
    expect(row([held, box(2, 6)])).toBe('..#..#..');
    expect(row([held, box(2, 6)], { grow: 1 })).toBe('.##..##.');
    expect(row([held, box(0, 2), box(6, 8)], { box: true })).toBe('###..###');
    expect(row([held, box(2, 6)], { invert: true })).toBe('##.##.##');
    // An eraser, in contrast, is grown over and depends on the order.
    expect(row([box(3, 5, { effect: 'keep' }), box(2, 6)])).toBe('..####..');
    expect(withHoldOut(held, false)).toEqual(box(3, 5));
  });

  it('that are held out are no part of what is tracked', () => {
    const held = withHoldOut(box(3, 5), true);
    const start = startTrack(
      { width: 8, height: 1, shapes: [box(2, 6), held] },
      { startFrame: 0, endFrame: 3 },
    );
    if ('problem' in start) throw new Error(start.problem);
    expect(start.replaces).toEqual([box(2, 6)]);
    expect(start.object.keyframes[0].mask).toBe(encodeMask(Uint8Array.of(0, 0, 255, 255, 255, 255, 0, 0)));
  });

  it('are the same mask whatever their names and colours', () => {
    expect(plainShapes([box(0, 1, { name: 'A', colour: '#112233' }), withOff(box(2, 3), true)])).toEqual([
      box(0, 1),
    ]);
  });

  it('have colours of their own from the second on', () => {
    const object: MaskShape = {
      kind: 'track',
      effect: 'remove',
      keyframes: [{ frame: 0, mask: 'KC' }],
      tracked: [],
    };
    expect(nextColour([box(0, 1)])).toBeUndefined();
    const colours = [1, 2, 3].map((count) => nextColour(Array<MaskShape>(count).fill(object)));
    expect(new Set(colours).size).toBe(3);
    expect(row([box(0, 2, { colour: colours[0] })])).toBe('##......');
  });

  it('come from the masks of a matte', () => {
    const mask = encodeMask(Uint8Array.of(0, 255, 0, 0, 0, 0, 0, 0));
    const object = objectOfMasks(['', mask, ''], 'Her', '#112233');
    expect(object).toMatchObject({ name: 'Her', colour: '#112233', keyframes: [{ frame: 1, mask }] });
    expect(object?.kind === 'track' && trackConfidence(object, 2)).toBe(1);
    expect(objectOfMasks(['', ''], 'Her', undefined)).toBeNull();
  });

  it.each([
    [{ off: false }, /off/],
    [{ holdOut: true }, /holdOut goes with/],
    [{ colour: 'red' }, /colour/],
  ])('are refused with %j', (more, message) => {
    expect(() => parseProjectMask(document([box(0, 1, more)]), 'm')).toThrow(message);
  });
});
