import { describe, expect, it } from 'vitest';
import type { ClipInfo, FrameSource, MaskSource, VideoFrame } from '../frames.ts';
import { keepFrames, keepMasks, keptFrameBytes } from './kept-pictures.ts';

const clipOf = (frames: number, width: number, height: number): ClipInfo =>
  ({
    width,
    height,
    ptsSec: new Float64Array(frames),
    pixelFormat: { name: 'yuv420p', bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 },
  }) as ClipInfo;

/** A clip whose first sample is the frame's number; it notes what is decoded. */
function numbered(info: ClipInfo): { source: FrameSource; passes: [number, number][] } {
  const passes: [number, number][] = [];
  return {
    passes,
    source: {
      info,
      async *frames(start, end): AsyncGenerator<VideoFrame> {
        passes.push([start, end]);
        const plane = (value: number): Uint8Array => Uint8Array.of(value);
        for (let index = start; index < end; index++)
          yield { index, planes: [plane(index), plane(0), plane(0)] };
      },
      damagedFrames: () => [3],
    },
  };
}

async function numbersOf(frames: AsyncIterable<VideoFrame>): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { index, planes } of frames) {
    expect(planes[0][0]).toBe(index);
    numbers.push(index);
  }
  return numbers;
}

describe('frames that are kept', () => {
  it('are decoded once, whatever is asked for', async () => {
    const { source, passes } = numbered(clipOf(10, 4, 4));
    const kept = keepFrames(source);
    expect(await numbersOf(kept.frames(4, 6))).toEqual([4, 5]);
    expect(await numbersOf(kept.frames(2, 9))).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(await numbersOf(kept.frames(0, 10))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await numbersOf(kept.frames(0, 10))).toHaveLength(10);
    expect(passes).toEqual([
      [4, 6],
      [2, 4],
      [6, 9],
      [0, 2],
      [9, 10],
    ]);
    expect(kept.damagedFrames()).toEqual([3]);
  });

  it('are those that a pass has come to, where it ends early', async () => {
    const { source, passes } = numbered(clipOf(10, 4, 4));
    const kept = keepFrames(source);
    for await (const { index } of kept.frames(0, 10)) if (index === 2) break;
    expect(await numbersOf(kept.frames(0, 4))).toEqual([0, 1, 2, 3]);
    expect(passes).toEqual([
      [0, 10],
      [3, 4],
    ]);
  });

  it('are not kept where they would take too much memory', async () => {
    const long = clipOf(100, 1920, 1080);
    const { source } = numbered(long);
    expect(keepFrames(source)).toBe(source);
    expect(keptFrameBytes(long)).toBe(0);
    expect(keptFrameBytes(clipOf(40, 1920, 1080))).toBe(40 * 1920 * 1080 * 1.5);
  });

  it('end with the job, also where nothing is decoded any more', async () => {
    const kept = keepFrames(numbered(clipOf(4, 4, 4)).source);
    await numbersOf(kept.frames(0, 4));
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      for await (const { index } of kept.frames(0, 4, stop.signal)) if (index === 1) stop.abort();
    };
    await expect(read()).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('masks that are kept', () => {
  const clip = clipOf(5, 6, 4);
  const box = (x: number, value: number): Uint8Array => {
    const mask = new Uint8Array(24);
    for (const at of [x, x + 1, x + 7]) mask[at] = value;
    return mask;
  };
  /** Soft, soft again in an array of its own, nothing, hard, at the corner. */
  const pictures = [box(2, 90), box(2, 90), new Uint8Array(24), box(3, 255), box(16, 255)];
  let passes = 0;
  const source: MaskSource = {
    frameCount: 5,
    async *masks(start, end) {
      passes++;
      for (const picture of pictures.slice(start, end)) yield picture.slice();
    },
  };

  it('are the same each time, and read once; one array for frames with the same mask', async () => {
    const kept = keepMasks(source, clip);
    expect(kept.frameCount).toBe(5);
    for (let pass = 0; pass < 2; pass++) {
      const given: Uint8Array[] = [];
      for await (const mask of kept.masks(0, 5)) given.push(mask);
      expect(given).toEqual(pictures);
      if (pass === 1) expect(given[1]).toBe(given[0]);
      expect(given[3]).not.toBe(given[0]);
    }
    expect(passes).toBe(1);
    const part: Uint8Array[] = [];
    for await (const mask of kept.masks(1, 4)) part.push(mask);
    expect(part).toEqual(pictures.slice(1, 4));
  });
});
