import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelFrameCount, planCrop, planWindows, type PlanLimits, type Rect } from './index.ts';

const limits: PlanLimits = {
  spatialMultiple: 16,
  temporalStride: 4,
  maxWindowFrames: 17,
  workingPixels: 448 * 256,
  overlapFrames: 5,
};
const clip = { width: 768, height: 576 };
const box: Rect = { x: 300, y: 200, width: 60, height: 100 };

describe('modelFrameCount', () => {
  it('returns the smallest 1 + 4k that holds the frames', () => {
    expect([1, 2, 5, 6, 17, 18].map((frames) => modelFrameCount(frames, 4))).toEqual([1, 5, 5, 9, 17, 21]);
  });
});

describe('planWindows', () => {
  it('plans nothing where no frame has a hole', () => {
    expect(planWindows([null, null], clip, limits).windows).toEqual([]);
  });

  it('takes a short clip in one window and repeats the tail for the model', () => {
    const [window, ...others] = planWindows(Array<Rect>(11).fill(box), clip, limits).windows;
    expect(others).toEqual([]);
    expect(window).toMatchObject({ startFrame: 0, endFrame: 11, knownFrames: 0, modelFrames: 13 });
  });

  it('continues from frames that the window before has finished', () => {
    const { windows } = planWindows(Array<Rect>(40).fill(box), clip, limits);
    expect(windows.map((w) => [w.startFrame, w.endFrame, w.knownFrames])).toEqual([
      [0, 17, 0],
      [12, 29, 5],
      [24, 40, 5],
    ]);
  });

  it('starts again after a gap and leaves the empty frames alone', () => {
    const boxes: (Rect | null)[] = [...Array<Rect>(6).fill(box), ...Array<null>(20).fill(null), box, box];
    expect(planWindows(boxes, clip, limits).windows.map((w) => [w.startFrame, w.endFrame])).toEqual([
      [0, 6],
      [26, 28],
    ]);
  });

  it('refuses a window that is not 1 + 4k, or that the overlap fills', () => {
    expect(() => planWindows([box], clip, { ...limits, maxWindowFrames: 16 })).toThrow(/1 \+ 4k/);
    expect(() => planWindows([box], clip, { ...limits, overlapFrames: 17 })).toThrow(/nothing to generate/);
  });

  it('covers every frame that has a hole exactly once as fresh, whatever the boxes', () => {
    const anyBox = fc.option(fc.constant(box), { nil: null, freq: 3 });
    fc.assert(
      fc.property(fc.array(anyBox, { maxLength: 120 }), (boxes) => {
        const fresh = new Map<number, number>();
        for (const w of planWindows(boxes, clip, limits).windows) {
          expect(w.modelFrames).toBeLessThanOrEqual(limits.maxWindowFrames);
          expect(w.endFrame - w.startFrame).toBeLessThanOrEqual(w.modelFrames);
          for (let frame = w.startFrame + w.knownFrames; frame < w.endFrame; frame++) {
            fresh.set(frame, (fresh.get(frame) ?? 0) + 1);
          }
        }
        boxes.forEach((hole, frame) => {
          if (hole !== null) expect(fresh.get(frame)).toBe(1);
        });
        expect([...fresh.values()].every((count) => count === 1)).toBe(true);
      }),
    );
  });
});

describe('planCrop', () => {
  it('keeps context of half the longer side and does not scale what fits', () => {
    const { crop, workingWidth, workingHeight } = planCrop(box, clip, limits);
    // 60 + 2·50 by 100 + 2·50, made up to multiples of 16.
    expect([workingWidth, workingHeight]).toEqual([160, 208]);
    expect([crop.width, crop.height]).toEqual([160, 208]);
  });

  it('holds the hole, stays in the budget and on multiples of 16, for any hole and clip', () => {
    const sizes = fc.record({
      width: fc.integer({ min: 16, max: 4000 }),
      height: fc.integer({ min: 16, max: 2200 }),
    });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(sizes, share, share, share, share, (size, left, top, wide, high) => {
        const x = Math.floor(left * (size.width - 1));
        const y = Math.floor(top * (size.height - 1));
        const hole = {
          x,
          y,
          width: 1 + Math.floor(wide * (size.width - 1 - x)),
          height: 1 + Math.floor(high * (size.height - 1 - y)),
        };
        const { crop, workingWidth, workingHeight } = planCrop(hole, size, limits);
        expect([workingWidth % 16, workingHeight % 16, crop.x % 2 === 0, crop.y % 2 === 0]).toEqual([
          0,
          0,
          true,
          true,
        ]);
        expect(workingWidth * workingHeight).toBeLessThanOrEqual(
          Math.max(limits.workingPixels, 16 * size.width),
        );
        expect(crop.x).toBeLessThanOrEqual(hole.x);
        expect(crop.y).toBeLessThanOrEqual(hole.y);
        expect(crop.x + crop.width).toBeGreaterThanOrEqual(hole.x + hole.width);
        expect(crop.y + crop.height).toBeGreaterThanOrEqual(hole.y + hole.height);
      }),
      { seed: 7, numRuns: 400 },
    );
  });
});
