import { expect, it } from 'vitest';
import type { ClipInfo, FrameSource, MaskSource, VideoFrame } from '../frames.ts';
import { framesIn, framesOfStretches, maskedStretches } from './masked-stretches.ts';

it('decodes frames near a mask, and no others of a long clip', async () => {
  const count = 67_500;
  const box = { x: 0, y: 0, width: 1, height: 1 };
  const masked = [100, 101, 120, 30_000, 67_499];
  const boxes = Array.from({ length: count }, (_, index) => (masked.includes(index) ? box : null));
  const stretches = maskedStretches(boxes);
  expect(stretches).toEqual([
    { startFrame: 100, endFrame: 121 },
    { startFrame: 30_000, endFrame: 30_001 },
    { startFrame: 67_499, endFrame: 67_500 },
  ]);
  expect(framesIn(stretches)).toBe(23);

  let decoded = 0;
  const source: FrameSource = {
    info: { width: 1, height: 1, ptsSec: new Float64Array(count) } as ClipInfo,
    async *frames(start, end): AsyncGenerator<VideoFrame> {
      for (let index = start; index < end; index++) {
        decoded++;
        yield { index, planes: [Uint8Array.of(0), Uint8Array.of(0), Uint8Array.of(0)] };
      }
    },
    damagedFrames: () => [],
  };
  const mask: MaskSource = {
    frameCount: count,
    async *masks(start, end) {
      for (let index = start; index < end; index++) yield Uint8Array.of(masked.includes(index) ? 9 : 0);
    },
  };
  const holes: number[] = [];
  const frames = framesOfStretches(source, mask, stretches, new AbortController().signal);
  for await (const { frame, hole, coverage } of frames) {
    expect(hole[0] === 255).toBe(coverage[0] === 9);
    if (hole[0] === 255) holes.push(frame.index);
  }
  expect(holes).toEqual(masked);
  expect(decoded).toBe(23);
});
