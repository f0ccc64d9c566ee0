import { describe, expect, it } from 'vitest';
import { clampScale, frameToX, snapFrame, ticks, wholeClip, xToFrame, zoomAt } from './timeline-scale.ts';

describe('the scale', () => {
  it('maps both ways', () => {
    const scale = { pxPerFrame: 4, firstFrame: 10 };
    expect(frameToX(scale, 12.5)).toBe(10);
    expect(xToFrame(scale, 10)).toBe(12.5);
  });

  it('shows no less than the clip, no more than its ends', () => {
    expect(wholeClip(100, 424)).toEqual({ pxPerFrame: 4, firstFrame: 0 });
    expect(clampScale({ pxPerFrame: 1, firstFrame: 50 }, 100, 424)).toEqual({ pxPerFrame: 4, firstFrame: 0 });
    expect(clampScale({ pxPerFrame: 8, firstFrame: 99 }, 100, 424)).toEqual({
      pxPerFrame: 8,
      firstFrame: 50,
    });
    expect(clampScale({ pxPerFrame: 8, firstFrame: -3 }, 100, 424).firstFrame).toBe(0);
  });

  it('zooms about a place', () => {
    const scale = { pxPerFrame: 8, firstFrame: 20 };
    const zoomed = zoomAt(scale, 2, 80, 100, 424);
    expect(zoomed.pxPerFrame).toBe(16);
    expect(xToFrame(zoomed, 80)).toBe(xToFrame(scale, 80));
  });
});

describe('ticks', () => {
  it('label seconds, with parts between', () => {
    const found = ticks({ pxPerFrame: 4, firstFrame: 0 }, 400, 25, 70);
    expect(found.filter(({ labelled }) => labelled).map(({ frame }) => frame)).toEqual([0, 25, 50, 75, 100]);
    expect(found.map(({ frame }) => frame).slice(0, 4)).toEqual([0, 5, 10, 15]);
  });

  it('label frames once they are wide, and minutes in a long clip', () => {
    const close = ticks({ pxPerFrame: 20, firstFrame: 50 }, 200, 30, 70);
    expect(close.filter(({ labelled }) => labelled).map(({ frame }) => frame)).toEqual([50, 55, 60]);
    const far = ticks({ pxPerFrame: 0.05, firstFrame: 0 }, 400, 25, 70);
    expect(far.filter(({ labelled }) => labelled).map(({ frame }) => frame)).toEqual([
      0, 1500, 3000, 4500, 6000, 7500,
    ]);
  });

  it('start at or before the left edge', () => {
    expect(ticks({ pxPerFrame: 4, firstFrame: 33 }, 100, 25, 70)[0].frame).toBe(30);
  });
});

describe('snapFrame', () => {
  it('takes the nearest within reach, else the whole frame', () => {
    const scale = { pxPerFrame: 2, firstFrame: 0 };
    expect(snapFrame(scale, 10.4, [13, 8], 6)).toBe(8);
    expect(snapFrame(scale, 12.2, [13, 8], 6)).toBe(13);
    expect(snapFrame(scale, 20.6, [13, 8], 6)).toBe(21);
  });
});
