import { describe, expect, it } from 'vitest';
import { rangeWith } from './playing.ts';

const frames = 100;

describe('rangeWith', () => {
  it('takes the frame as the first or the last of the range', () => {
    expect(rangeWith(undefined, frames, 'in', 10)).toEqual({ startFrame: 10, endFrame: 100 });
    expect(rangeWith(undefined, frames, 'out', 10)).toEqual({ startFrame: 0, endFrame: 11 });
  });

  it('puts the other point back where it would be on the wrong side', () => {
    const before = { startFrame: 20, endFrame: 30 };
    expect(rangeWith(before, frames, 'in', 30)).toEqual({ startFrame: 30, endFrame: 100 });
    expect(rangeWith(before, frames, 'in', 29)).toEqual({ startFrame: 29, endFrame: 30 });
    expect(rangeWith(before, frames, 'out', 19)).toEqual({ startFrame: 0, endFrame: 20 });
    expect(rangeWith(before, frames, 'out', 20)).toEqual({ startFrame: 20, endFrame: 21 });
  });

  it('is no range where it is all of the clip', () => {
    expect(rangeWith({ startFrame: 5, endFrame: 100 }, frames, 'in', 0)).toBeUndefined();
    expect(rangeWith(undefined, frames, 'out', 99)).toBeUndefined();
  });
});
