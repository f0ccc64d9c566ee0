import { describe, expect, it } from 'vitest';
import { parseProjectMask, rasteriseMask } from '../../../src-shared/project/mask/index.ts';
import type { ClipInfo } from '../frames.ts';
import { matteClip, type MatteEdge, type MatteMask } from './matte-clip.ts';

const clip = {
  path: 'clip.mov',
  width: 12,
  height: 1,
  pixelFormat: { name: 'yuv422p10le', bitDepth: 10, chromaShiftX: 1, chromaShiftY: 0 },
  colour: { matrix: 'bt2020', range: 'limited', assumed: false, tags: { transfer: 'smpte2084' } },
  ptsSec: Float64Array.of(0, 0.04, 0.08),
  durationSec: 0.12,
  audio: [{ index: 1, codec: 'aac', channels: 2, sampleRate: 48000, startSec: 0 }],
  warnings: ['HDR'],
} as unknown as ClipInfo;
const row =
  (...values: number[]) =>
  (): Uint8Array =>
    Uint8Array.from(values);
const whole = { startFrame: 0, endFrame: 3 };

async function greys(
  masks: readonly MatteMask['maskAt'][],
  edge: MatteEdge,
  range = whole,
  featherPx?: number,
): Promise<number[][]> {
  const all: number[][] = [];
  for await (const { index, planes } of matteClip(
    clip,
    masks.map((maskAt) => ({ maskAt, featherPx })),
    edge,
    range,
  ).frames()) {
    expect(new Set([...planes[1], ...planes[2]])).toEqual(new Set([128]));
    expect([planes[1].length, planes[2].length]).toEqual([6, 6]);
    all.push([index, ...planes[0]]);
  }
  return all;
}

describe('matteClip', () => {
  it('is grey of 8 bits in full range, with the clip’s times and no sound', () => {
    const { info } = matteClip(clip, [], 'painted', { startFrame: 1, endFrame: 3 });
    expect(info).toMatchObject({
      width: 12,
      height: 1,
      audio: [],
      warnings: [],
      pixelFormat: { name: 'yuv420p' },
    });
    expect(info.colour).toMatchObject({ range: 'full', tags: { range: 'pc', transfer: 'bt709' } });
    expect([...info.ptsSec]).toEqual([0.04, 0.08]);
  });

  it('is the mask as the program draws it, frame by frame', async () => {
    const box = (from: number, to: number): unknown => ({
      kind: 'box',
      keyframes: [
        { frame: 0, from: [from, 0], to: [to, 1] },
        { frame: 2, from: [from + 4, 0], to: [to + 4, 1] },
      ],
    });
    const size = { width: 12, height: 1, frames: 3 };
    const mask = parseProjectMask(
      { format: 'hetcut-mask', version: 1, ...size, shapes: [box(1, 4)] },
      'test',
    );
    const found = await greys([(frame) => rasteriseMask(mask, frame)], 'painted', {
      startFrame: 1,
      endFrame: 3,
    });
    // The box moves by two pixels a frame.
    expect(found).toEqual([
      [0, 0, 0, 0, 255, 255, 255, 0, 0, 0, 0, 0, 0],
      [1, 0, 0, 0, 0, 0, 255, 255, 255, 0, 0, 0, 0],
    ]);
  });

  it('keeps greys, and takes the lighter of several masks', async () => {
    const [first] = await greys(
      [row(0, 60, 255, 60, 0, 0, 0, 0, 0, 0, 0, 0), row(0, 0, 0, 90, 200, 0, 0, 0, 0, 0, 0, 7)],
      'painted',
    );
    expect(first).toEqual([0, 0, 60, 255, 90, 200, 0, 0, 0, 0, 0, 0, 7]);
  });

  it('has the greys of a soft stroke, alone or as the result is blended in', async () => {
    const stroke = {
      kind: 'stroke',
      softness: 1,
      keyframes: [{ frame: 0, points: [[0.5, 0.5]], radius: 8 }],
    };
    const size = { width: 12, height: 1, frames: 3 };
    const mask = parseProjectMask({ format: 'hetcut-mask', version: 1, ...size, shapes: [stroke] }, 'test');
    const maskAt = (frame: number): Uint8Array => rasteriseMask(mask, frame);
    const coverage = Array.from({ length: 12 }, (_, x) => {
      const t = Math.max(0, (8 - x) / 8);
      return Math.round(255 * t * t * (3 - 2 * t));
    });
    const [[, ...painted]] = await greys([maskAt], 'painted');
    expect(painted).toEqual(coverage);
    const [[, ...soft]] = await greys([maskAt], 'blended', whole, 1);
    // Half at the outermost covered pixel, all from the next on.
    expect(soft).toEqual(coverage.map((value, x) => (x === 7 ? Math.round(value / 2) : value)));
  });

  it('rises from the border inwards where it is to be as the result is blended in', async () => {
    const mask = row(0, ...Array<number>(11).fill(255));
    const [[, ...found]] = await greys([mask], 'blended');
    // Smoothstep of d/5 for the first five pixels; the picture's edge is no border.
    const ramp = [1, 2, 3, 4, 5].map((d) => Math.round(255 * (d / 5) ** 2 * (3 - (2 * d) / 5)));
    expect(found).toEqual([0, ...ramp, ...Array<number>(6).fill(255)]);
    // An edit may say another width: a hard edge.
    const [[, ...hard]] = await greys([mask], 'blended', whole, 0);
    expect(hard).toEqual([0, ...Array<number>(11).fill(255)]);
  });
});
