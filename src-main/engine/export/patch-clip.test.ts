import { describe, expect, it } from 'vitest';
import type { ClipInfo, FrameSource, PixelFormat, VideoFrame } from '../frames.ts';
import { patchClip, patchInfo, type PatchLayer } from './patch-clip.ts';

const format: PixelFormat = { name: 'yuv444p', bitDepth: 8, chromaShiftX: 0, chromaShiftY: 0 };

/** A clip of pictures one row high, all planes alike, all of it as transparent as `alpha` says. */
function rows(pictures: readonly (readonly number[])[], alpha?: readonly number[]): FrameSource {
  const info = {
    path: 'clip',
    width: pictures[0].length,
    height: 1,
    pixelFormat: format,
    colour: { matrix: 'bt709', range: 'limited', assumed: false, tags: { space: 'bt709' } },
    ptsSec: Float64Array.from(pictures, (_, index) => index / 25),
    durationSec: pictures.length / 25,
    audio: [{ index: 1, codec: 'aac', channels: 2, sampleRate: 48000, startSec: 0 }],
  } as unknown as ClipInfo;
  return {
    info,
    async *frames(start, end) {
      for (let index = start; index < end; index++) {
        const plane = Uint8Array.from(pictures[index]);
        const shown = alpha === undefined ? {} : { alpha: Uint8Array.from(alpha) };
        yield { index, planes: [plane, plane, plane], ...shown };
      }
    },
    damagedFrames: () => [],
  };
}
const maskOf =
  (...values: number[]) =>
  (): Uint8Array =>
    Uint8Array.from(values, (value) => value * 255);
async function all(frames: AsyncIterable<VideoFrame>): Promise<VideoFrame[]> {
  const list: VideoFrame[] = [];
  for await (const frame of frames) list.push(frame);
  return list;
}

const whole = { startFrame: 0, endFrame: 2 };
const source = rows([
  [50, 50, 50, 50, 50, 50],
  [60, 60, 60, 60, 60, 60],
]);
// Over two pixels: weights 7/27, 20/27, 1 of the ramp's third, two thirds and its end.
const ramp = [0, 7 / 27, 20 / 27, 1, 1, 1];
const soft: PatchLayer = {
  result: rows([ramp.map((w) => Math.round(50 + 81 * w)), ramp.map((w) => Math.round(60 + 81 * w))]),
  range: whole,
  maskAt: maskOf(0, 1, 1, 1, 1, 1),
  featherPx: 2,
};

describe('patchClip', () => {
  it('has the weights as alpha, and laid over the clip equals the result', async () => {
    const patch = patchClip(source, [soft], whole);
    const frames = await all(patch.frames());
    expect(frames.map(({ index }) => index)).toEqual([0, 1]);
    for (const [index, { planes, alpha }] of frames.entries()) {
      expect([...(alpha ?? [])]).toEqual(ramp.map((w) => Math.round(1023 * w)));
      const below = index === 0 ? 50 : 60;
      ramp.forEach((w, x) => {
        const a = Math.round(1023 * w) / 1023;
        const over = 4 * below * (1 - a) + planes[0][x] * a;
        expect(Math.abs(over - 4 * Math.round(below + 81 * w))).toBeLessThanOrEqual(0.5);
      });
    }
    // What was generated, not what was blended: twice the blending would be seen in the edge.
    expect(Math.abs(frames[0].planes[0][1] - 4 * 131)).toBeLessThanOrEqual(8);
  });

  it('is the clip, transparent, where nothing is edited or no result is', async () => {
    const late: PatchLayer = {
      ...soft,
      result: rows([Array<number>(6).fill(99)]),
      range: { startFrame: 1, endFrame: 2 },
    };
    const [first, second] = await all(patchClip(source, [{ ...late, featherPx: 0 }], whole).frames());
    expect([...(first.alpha ?? [])]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...first.planes[0]]).toEqual(Array<number>(6).fill(200));
    expect([...(second.alpha ?? [])]).toEqual([0, 1023, 1023, 1023, 1023, 1023]);
    expect([...second.planes[0]].slice(1)).toEqual(Array<number>(5).fill(396));
  });

  it('covers what any of several edits covers', async () => {
    const one: PatchLayer = { ...soft, maskAt: maskOf(1, 1, 0, 0, 0, 0), featherPx: 0 };
    const other: PatchLayer = { ...soft, maskAt: maskOf(0, 0, 0, 1, 1, 0), featherPx: 0 };
    const [{ alpha }] = await all(patchClip(source, [one, other], whole).frames());
    expect([...(alpha ?? [])]).toEqual([1023, 1023, 0, 1023, 1023, 0]);
  });

  it('is transparent where the clip is', async () => {
    const shown = rows([[50, 50, 50, 50, 50, 50]], [255, 255, 255, 0, 51, 255]);
    const only = { startFrame: 0, endFrame: 1 };
    const layer: PatchLayer = { ...soft, result: rows([[9, 9, 9, 9, 9, 9]]), range: only, featherPx: 0 };
    const [{ alpha }] = await all(patchClip(shown, [layer], only).frames());
    expect([...(alpha ?? [])]).toEqual([0, 1023, 1023, 0, 205, 1023]);
  });

  it('is ten bits in limited range, without sound', () => {
    const full = { ...source.info.colour, range: 'full', tags: { space: 'bt709', range: 'pc' } } as const;
    const info = patchInfo({ ...source.info, colour: full });
    expect(info).toMatchObject({ pixelFormat: { name: 'yuv444p10le', bitDepth: 10 }, audio: [] });
    expect(info.colour).toMatchObject({ range: 'limited', tags: { space: 'bt709', range: 'tv' } });
  });
});
