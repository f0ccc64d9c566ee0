import { expect, it } from 'vitest';
import type { ClipInfo, FrameSource, MaskSource, VideoFrame } from '../frames.ts';
import { pickFrames } from './picked-frames.ts';

/** A clip of 100 frames whose first sample is the frame's number, as its mask's is; it notes what is decoded. */
function numberedClip(width: number, height: number) {
  const passes: [number, number][] = [];
  const info = { width, height, pixelFormat: { bitDepth: 8 } } as ClipInfo;
  const plane = (index: number): Uint8Array => Uint8Array.of(index);
  const source: FrameSource = {
    info,
    async *frames(start, end): AsyncGenerator<VideoFrame> {
      passes.push([start, end]);
      for (let index = start; index < end; index++) {
        yield { index, planes: [plane(index), plane(index), plane(index)] };
      }
    },
    damagedFrames: () => [],
  };
  const mask: MaskSource = {
    frameCount: 100,
    async *masks(start, end) {
      for (let index = start; index < end; index++) yield plane(index);
    },
  };
  return { source, mask, passes };
}

async function picked(width: number, height: number, wanted: readonly number[]) {
  const { source, mask, passes } = numberedClip(width, height);
  const pick = pickFrames(source, mask, wanted, new AbortController().signal);
  const found: number[][] = [];
  for (const index of wanted) {
    for await (const { frame, coverage } of pick(index)) {
      found.push([frame.index, frame.planes[0][0], coverage[0]]);
    }
  }
  return { found, passes };
}

it('gives frames in the order asked for, those near each other out of one pass', async () => {
  const { found, passes } = await picked(64, 64, [30, 20, 36, 90, 5]);
  expect(found).toEqual([30, 20, 36, 90, 5].map((index) => [index, index, index]));
  expect(passes).toEqual([
    [5, 37],
    [90, 91],
  ]);
});

it('decodes them one by one where they are too large to be held', async () => {
  const { found, passes } = await picked(8192, 8192, [31, 30]);
  expect(found).toEqual([31, 30].map((index) => [index, index, index]));
  expect(passes).toEqual([
    [31, 32],
    [30, 31],
  ]);
});
