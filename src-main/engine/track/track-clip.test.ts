import { describe, expect, it } from 'vitest';
import { makeScene, spriteClip, type SpriteSpec } from '../../../src-shared/core/testing/index.ts';
import { overlap } from '../../../src-shared/core/track/index.ts';
import { openCameraTracker, openDenseFlow } from '../../vision/index.ts';
import type { ClipInfo, FrameSource, VideoFrame } from '../frames.ts';
import { trackClip, type ClipTrack } from './track-clip.ts';
import type { TrackDirection } from '../../../src-shared/project/mask/index.ts';
import type { TrackKey } from './track-input.ts';

const [width, height] = [160, 120];
const spec: SpriteSpec = {
  width,
  height,
  frames: 16,
  far: makeScene(300, 200, 1),
  near: makeScene(300, 200, 2),
  texture: makeScene(80, 80, 5),
  radius: 20,
  path: (frame) => [40 + 4 * frame, 55 + 4 * Math.sin(frame / 3)],
  pan: 1.5,
  noise: 1.5,
  seed: 7,
};
const clip = spriteClip(spec);
const flow = await openDenseFlow();

function sourceOf(frames: readonly VideoFrame['planes'][]): FrameSource {
  const info = {
    width,
    height,
    pixelFormat: { name: 'yuv420p', bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 },
    ptsSec: Float64Array.from(frames, (_, index) => index / 25),
  } as ClipInfo;
  return {
    info,
    async *frames(start, end) {
      for (let index = start; index < end; index++) yield { index, planes: frames[index] };
    },
    damagedFrames: () => [],
  };
}

function track(
  keys: readonly TrackKey[],
  direction: TrackDirection = 'both',
  {
    frames = clip.frames,
    abort = new AbortController(),
    stopAfter = Infinity,
    range = [0, clip.frames.length],
  } = {},
): Promise<ClipTrack> {
  return trackClip({
    source: sourceOf(frames),
    keys,
    range: { startFrame: range[0], endFrame: range[1] },
    direction,
    openCamera: openCameraTracker,
    flow,
    signal: abort.signal,
    onFrame: (done) => {
      if (done >= stopAfter) abort.abort();
    },
  });
}

const key = (frame: number): TrackKey => ({ frame, mask: clip.masks[frame] });
const fits = (result: ClipTrack, frames: readonly number[]): number =>
  Math.min(...frames.map((frame) => overlap(result.maskAt(frame), clip.masks[frame])));
const all = clip.masks.map((_, frame) => frame);

describe('trackClip', () => {
  it.each([
    ['forward', 0],
    ['backward', 15],
    ['both', 7],
  ] as const)('follows an object %s from one frame', async (direction, from) => {
    const result = await track([key(from)], direction);
    expect(fits(result, all)).toBeGreaterThan(0.85);
    expect(result.notes).toEqual([]);
    expect(result.confidence[from]).toBe(1);
    expect(Math.min(...result.confidence)).toBeGreaterThan(0.3);
  });

  it('leaves what lies against the direction alone', async () => {
    const result = await track([key(8)], 'forward');
    expect(result.maskAt(7).includes(255)).toBe(false);
    expect(result.confidence[7]).toBe(0);
  });

  it('keeps every painted frame exactly, and tracks between two from both sides', async () => {
    const odd = Uint8Array.from(clip.masks[6], (value, pixel) => (pixel % width < 60 ? value : 0));
    const result = await track([key(0), { frame: 6, mask: odd }, key(15)]);
    expect(result.maskAt(6)).toEqual(odd);
    expect(result.maskAt(0)).toEqual(clip.masks[0]);
    expect(fits(result, [1, 2, 13, 14])).toBeGreaterThan(0.85);
  });

  it('ends where the object is said to be absent', async () => {
    const result = await track([key(4), { frame: 8, mask: null }], 'both');
    expect(result.maskAt(8).includes(255)).toBe(false);
    expect(result.maskAt(9).includes(255)).toBe(false);
    expect(fits(result, [0, 1, 2, 3, 4, 5, 6, 7])).toBeGreaterThan(0.85);
  });

  it('ends at a cut and says where', async () => {
    const other = spriteClip({
      ...spec,
      far: makeScene(300, 200, 11),
      near: makeScene(300, 200, 12),
      seed: 8,
    });
    const frames = [...clip.frames.slice(0, 8), ...other.frames.slice(8)];
    const result = await track([key(2)], 'both', { frames });
    expect(result.notes).toEqual([{ kind: 'cut', from: 2, frame: 8 }]);
    expect(result.maskAt(8).includes(255)).toBe(false);
    expect(fits(result, [0, 1, 3, 4, 5, 6, 7])).toBeGreaterThan(0.85);
  });

  it('stays in its range', async () => {
    const result = await track([key(5)], 'both', { range: [3, 9] });
    expect(result.confidence).toHaveLength(6);
    expect(result.maskAt(2).includes(255)).toBe(false);
    expect(result.maskAt(9).includes(255)).toBe(false);
    expect(fits(result, [3, 4, 6, 7, 8])).toBeGreaterThan(0.85);
  });

  it('works on two frames', async () => {
    const result = await track([key(0)], 'both', { range: [0, 2] });
    expect(fits(result, [1])).toBeGreaterThan(0.85);
  });

  it('stops when it is cancelled', async () => {
    await expect(track([key(0)], 'both', { stopAfter: 20 })).rejects.toMatchObject({ code: 'cancelled' });
  });
});
