import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProjectMask, rasteriseMask, type MaskPoint } from '../../src-shared/project/mask/index.ts';
import { sampledRect, screenBox, startLiveStroke } from './live-stroke.ts';

const clip = { width: 60, height: 40 };

describe('startLiveStroke', () => {
  const point = fc.tuple(fc.integer({ min: -15, max: 75 }), fc.integer({ min: -15, max: 55 }));
  const pieces = fc.array(fc.array(point, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 });

  it('draws piece by piece what the stroke is rasterised as, and tells what it touched', () => {
    const brushes = fc.record({
      radius: fc.integer({ min: 1, max: 12 }),
      softness: fc.constantFrom(0.1, 0.5, 1),
      effect: fc.constantFrom('remove' as const, 'keep' as const),
    });
    const before = { kind: 'ellipse', keyframes: [{ frame: 0, centre: [30, 20], radii: [20, 12] }] };
    const raster = (...shapes: unknown[]): Uint8Array =>
      rasteriseMask(
        parseProjectMask({ format: 'hetcut-mask', version: 1, ...clip, frames: 1, shapes }, 'test'),
        0,
      );
    fc.assert(
      fc.property(pieces, brushes, (drawn, { radius, softness, effect }) => {
        const mask = raster(before);
        const kept = mask.slice();
        const live = startLiveStroke(mask, clip, { radius, softness, effect });
        const all: MaskPoint[] = [];
        for (const piece of drawn) {
          const last = live.coverage.slice();
          const rect = live.extend([...all.slice(-1), ...piece]);
          all.push(...piece);
          last.forEach((value, i) => {
            const [x, y] = [(i % clip.width) - rect.x, Math.floor(i / clip.width) - rect.y];
            const inside = x >= 0 && x < rect.width && y >= 0 && y < rect.height;
            if (!inside && value !== live.coverage[i]) throw new Error(`${i} changed outside`);
          });
        }
        const stroke = { kind: 'stroke', effect, softness, keyframes: [{ frame: 0, points: all, radius }] };
        expect(live.coverage).toEqual(raster(before, stroke));
        expect(mask).toEqual(kept);
        const { x, y, width, height } = live.touched();
        expect(Math.min(x, y, clip.width - x - width, clip.height - y - height)).toBeGreaterThanOrEqual(0);
      }),
      { seed: 41, numRuns: 60 },
    );
  });

  it('has something to be drawn also where it passes beside the picture', () => {
    const live = startLiveStroke(new Uint8Array(60 * 40), clip, { radius: 3, softness: 1, effect: 'remove' });
    expect(live.extend([[90, -20]])).toEqual({ x: 59, y: 0, width: 1, height: 1 });
    expect(live.coverage.some((value) => value !== 0)).toBe(false);
  });
});

describe('screenBox', () => {
  it('ends on whole pixels of the screen', () => {
    const rect = { x: 3, y: 5, width: 7, height: 2 };
    expect(screenBox(rect, { left: 10, top: 20, scale: 0.5 }, 1)).toEqual({
      left: 11,
      top: 22,
      right: 15,
      bottom: 24,
    });
    expect(screenBox(rect, { left: 10, top: 20, scale: 0.5 }, 2)).toMatchObject({ left: 11.5, top: 22.5 });
  });
});

describe('sampledRect', () => {
  it('reaches as far as the screen is scaled from, within the picture', () => {
    expect(sampledRect({ x: 1, y: 20, width: 10, height: 10 }, 0.5, clip)).toEqual({
      x: 0,
      y: 14,
      width: 17,
      height: 22,
    });
  });
});
