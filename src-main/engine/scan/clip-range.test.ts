import { describe, expect, it } from 'vitest';
import { rangeIn, rangeOfClip, rangeOfFrames, rangeOfMasks } from './clip-range.ts';
import type { ClipInfo, FrameSource, MaskSource, VideoFrame } from '../frames.ts';

/** Ten pictures, the fifth shown three times as long as the others. */
const info = {
  path: 'clip.mp4',
  ptsSec: Float64Array.of(2, 2.1, 2.2, 2.3, 2.4, 2.7, 2.8, 2.9, 3, 3.1),
  durationSec: 1.2,
} as ClipInfo;
const numbered = (value: number): VideoFrame['planes'] => [
  Uint8Array.of(value),
  Uint8Array.of(value),
  Uint8Array.of(value),
];
const source: FrameSource = {
  info,
  async *frames(start, end) {
    for (let index = start; index < end; index++) yield { index, planes: numbered(index) };
  },
  damagedFrames: () => [1, 4, 6, 7],
};
const mask: MaskSource = {
  frameCount: 10,
  async *masks(start, end) {
    for (let index = start; index < end; index++) yield Uint8Array.of(index);
  },
};
const range = { startFrame: 3, endFrame: 7 };

describe('rangeIn', () => {
  it('is the whole clip where none is asked for', () => {
    expect(rangeIn(info, undefined)).toEqual({ startFrame: 0, endFrame: 10 });
    expect(rangeIn(info, range)).toEqual(range);
  });

  it.each([
    [4, 4, /range 4:4 is empty/],
    [6, 4, /range 6:4 ends before it starts/],
    [4, 11, /range 4:11 goes beyond the clip, which has 10 frames/],
    [-1, 4, /goes beyond the clip/],
    [12, 15, /goes beyond the clip/],
    [9, 10, /range 9:10 is one frame/],
  ])('refuses %i:%i and says why', (startFrame, endFrame, message) => {
    const wrong = (): unknown => rangeIn(info, { startFrame, endFrame });
    expect(wrong).toThrow(message);
    expect(wrong).toThrow(expect.objectContaining({ code: 'range', exitCode: 2 }) as Error);
  });
});

describe('a range of a clip', () => {
  it('keeps the times of the file, and says where they start and end', () => {
    const part = rangeOfClip(info, range);
    expect([...part.ptsSec]).toEqual([2.3, 2.4, 2.7, 2.8]);
    expect(part.durationSec).toBeCloseTo(0.6, 9);
    expect(part.excerpt).toEqual({ startSec: 2.3, endSec: 2.9 });
  });

  it('has the file’s own end where it reaches it', () => {
    expect(rangeOfClip(info, { startFrame: 0, endFrame: 5 }).excerpt).toEqual({ endSec: 2.7 });
    const tail = rangeOfClip(info, { startFrame: 5, endFrame: 10 });
    expect(tail.excerpt).toEqual({ startSec: 2.7 });
    expect(tail.durationSec).toBeCloseTo(0.5, 9);
    expect(rangeOfClip(info, { startFrame: 0, endFrame: 10 })).toEqual(info);
  });

  it('numbers frames, damage and masks from its own start', async () => {
    const frames = rangeOfFrames(source, range);
    const given: number[][] = [];
    for await (const { index, planes } of frames.frames(1, 4)) given.push([index, planes[0][0]]);
    expect(given).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect(frames.damagedFrames()).toEqual([1, 3]);
    const masks = rangeOfMasks(mask, range);
    expect(masks.frameCount).toBe(4);
    const seen: number[] = [];
    for await (const [value] of masks.masks(0, masks.frameCount)) seen.push(value);
    expect(seen).toEqual([3, 4, 5, 6]);
  });
});
