import { describe, expect, it } from 'vitest';
import { clampPan, fitScale, placeClip, toClip, toScreen, zoomAbout } from './view-geometry.ts';

const place = { width: 1000, height: 600 };
const clip = { width: 640, height: 360 };

describe('the clip on the screen', () => {
  it('fits the tighter side', () => {
    expect(fitScale(place, clip, 20)).toBe(1.5);
    expect(fitScale({ width: 2000, height: 400 }, clip, 20)).toBe(1);
    expect(fitScale({ width: 10, height: 10 }, clip, 20)).toBeGreaterThan(0);
  });

  it('lies in the middle, moved by the pan', () => {
    expect(placeClip(place, clip, 1, [0, 0])).toEqual({ left: 180, top: 120, scale: 1 });
    expect(placeClip(place, clip, 2, [5, -7])).toEqual({ left: -135, top: -67, scale: 2 });
  });

  it('maps both ways', () => {
    const placement = placeClip(place, clip, 1.5, [13, 4]);
    const [x, y] = toScreen(placement, [100.25, 33]);
    expect(x).toBe(placement.left + 150.375);
    expect(toClip(placement, [x, y])).toEqual([100.25, 33]);
  });

  it('zooms about a point that stays where it is', () => {
    const at = [700, 200] as const;
    const before = toClip(placeClip(place, clip, 1, [10, 20]), at);
    const { zoom, pan } = zoomAbout(place, [10, 20], 1, 2, at);
    expect(zoom).toBe(2);
    expect(toClip(placeClip(place, clip, zoom, pan), at)).toEqual(before);
  });

  it('zooms no further than its limits', () => {
    expect(zoomAbout(place, [0, 0], 10, 4, [0, 0]).zoom).toBe(16);
    expect(zoomAbout(place, [0, 0], 0.1, 0.1, [0, 0]).zoom).toBe(1 / 16);
  });

  it('cannot be lost by panning', () => {
    expect(clampPan(place, clip, 1, [5000, -5000], 40)).toEqual([780, -440]);
    expect(clampPan(place, clip, 1, [30, -30], 40)).toEqual([30, -30]);
  });
});
