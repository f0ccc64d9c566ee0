import { describe, expect, it } from 'vitest';
import { shadowClip } from '../../../src-shared/core/testing/index.ts';
import { overlap } from '../../../src-shared/core/track/index.ts';
import { openCameraTracker } from '../../vision/index.ts';
import type { ClipInfo, FrameSource } from '../frames.ts';
import { findShadows } from './find-shadows.ts';

const [width, height] = [160, 120];

function sourceOf(clip: ReturnType<typeof shadowClip>): FrameSource {
  const info = {
    width,
    height,
    pixelFormat: { name: 'yuv420p', bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 },
    ptsSec: Float64Array.from(clip, (_, index) => index / 25),
  } as ClipInfo;
  return {
    info,
    async *frames(start, end) {
      for (let index = start; index < end; index++) yield { index, planes: clip[index].planes };
    },
    damagedFrames: () => [],
  };
}

async function find(
  clip: ReturnType<typeof shadowClip>,
  masks: ReadonlyMap<number, Uint8Array>,
  abort = new AbortController(),
) {
  const found = new Map<number, Uint8Array>();
  let last = [0, 0];
  await findShadows({
    source: sourceOf(clip),
    masks,
    range: { startFrame: 0, endFrame: clip.length },
    openCamera: openCameraTracker,
    signal: abort.signal,
    onFrame: (done, frames) => {
      last = [done, frames];
      if (done === 14) abort.abort(abort.signal.reason);
    },
    onMask: (frame, mask) => void found.set(frame, mask),
  });
  return { found, last };
}
const masksOf = (clip: ReturnType<typeof shadowClip>) =>
  new Map(clip.map(({ object }, frame) => [frame, object]));

describe('findShadows', () => {
  it('finds the shadow in the frames in which the object is', async () => {
    const clip = shadowClip(0.55);
    const masks = masksOf(clip);
    masks.delete(5);
    const abort = {
      signal: new AbortController().signal,
      abort: () => undefined,
    } as unknown as AbortController;
    const { found, last } = await find(clip, masks, abort);
    expect(last).toEqual([2 * clip.length, 2 * clip.length]);
    expect(found.has(5)).toBe(false);
    expect(found.size).toBeGreaterThan(8);
    for (const [frame, mask] of found) expect(overlap(mask, clip[frame].shadow)).toBeGreaterThan(0.7);
  });

  it('finds none where the object throws none', async () => {
    const clip = shadowClip(1);
    const abort = {
      signal: new AbortController().signal,
      abort: () => undefined,
    } as unknown as AbortController;
    expect((await find(clip, masksOf(clip), abort)).found.size).toBe(0);
  });

  it('says that there is no object, and ends when it is stopped', async () => {
    const clip = shadowClip(0.55);
    const none = new Map([[0, new Uint8Array(width * height)]]);
    await expect(find(clip, none)).rejects.toMatchObject({ code: 'track-mask-empty' });
    await expect(find(clip, masksOf(clip))).rejects.toMatchObject({ code: 'cancelled' });
  });
});
