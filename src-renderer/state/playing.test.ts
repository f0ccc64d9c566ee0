import { describe, expect, it } from 'vitest';
import type { Clip } from '../../src-shared/project/index.ts';
import { rangeWith } from './playing.ts';

const clip: Clip = {
  id: 'c',
  path: '/c.mp4',
  name: 'c.mp4',
  width: 64,
  height: 36,
  frames: 100,
  frameRate: '25',
  durationSec: 4,
  edits: [],
};

describe('rangeWith', () => {
  it('takes the frame as the first or the last of the range', () => {
    expect(rangeWith(clip, 'in', 10)).toEqual({ startFrame: 10, endFrame: 100 });
    expect(rangeWith(clip, 'out', 10)).toEqual({ startFrame: 0, endFrame: 11 });
  });

  it('puts the other point back where it would be on the wrong side', () => {
    const ranged = { ...clip, range: { startFrame: 20, endFrame: 30 } };
    expect(rangeWith(ranged, 'in', 30)).toEqual({ startFrame: 30, endFrame: 100 });
    expect(rangeWith(ranged, 'in', 29)).toEqual({ startFrame: 29, endFrame: 30 });
    expect(rangeWith(ranged, 'out', 19)).toEqual({ startFrame: 0, endFrame: 20 });
    expect(rangeWith(ranged, 'out', 20)).toEqual({ startFrame: 20, endFrame: 21 });
  });

  it('is no range where it is all of the clip', () => {
    expect(rangeWith({ ...clip, range: { startFrame: 5, endFrame: 100 } }, 'in', 0)).toBeUndefined();
    expect(rangeWith(clip, 'out', 99)).toBeUndefined();
  });
});
