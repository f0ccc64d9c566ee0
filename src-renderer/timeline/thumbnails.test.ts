import { describe, expect, it } from 'vitest';
import { thumbnailsInSight, urgentFirst, withPlaceholders } from './thumbnails.ts';

const strip = (frames: number, firstFrame = 0, width = 1000, pxPerFrame = width / frames) =>
  thumbnailsInSight({
    mediaId: 'm',
    frames,
    scale: { pxPerFrame, firstFrame },
    width,
    height: 48,
    across: 80,
  });

describe('thumbnails', () => {
  it('stay the same while the timeline is moved', () => {
    // 45 minutes; a thumbnail stands for 5400 frames.
    const all = strip(67_500);
    expect(all.map(({ frame }) => frame).slice(0, 3)).toEqual([0, 5400, 10_800]);
    expect(all).toHaveLength(13);
    expect(all[1].path).toBe('/media/m/frame/5400.jpg?h=48&span=5400');
    const moved = strip(67_500, 7000);
    expect(moved[0]).toMatchObject({ frame: 5400, path: all[1].path });
    expect(moved[0].x).toBeCloseTo(-1600 / 67.5, 6);
  });

  it('near each other are pictures of exactly their frames', () => {
    expect(strip(1000, 0, 1000, 10)[1].path).toBe('/media/m/frame/8.jpg?h=48');
  });

  it('are wanted from the playhead on, then from coarse to fine', () => {
    const at = (frame: number): number[] =>
      urgentFirst(strip(67_500), frame).map((thumbnail) => thumbnail.frame / 5400);
    expect(at(5 * 5400 + 17)).toEqual([5, 0, 8, 4, 12, 2, 6, 10, 1, 3, 7, 9, 11]);
    // The playhead is out of sight, to the left.
    expect(urgentFirst(strip(67_500, 30_000), 10).map(({ frame }) => frame / 5400)[0]).toBe(5);
  });

  it('show the nearest picture until their own is there', () => {
    const shown = strip(67_500);
    const there = new Map([
      [shown[0].path, 'a'],
      [shown[8].path, 'b'],
    ]);
    const drawn = withPlaceholders(shown, (path) => there.get(path));
    expect(drawn.map(({ picture }) => picture).join('')).toBe('aaaaabbbbbbbb');
    expect(drawn.flatMap(({ own }, at) => (own ? [at] : []))).toEqual([0, 8]);
    expect(withPlaceholders(shown, () => undefined).every(({ picture }) => picture === undefined)).toBe(true);
  });
});
