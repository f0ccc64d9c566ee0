import { describe, expect, it } from 'vitest';
import type { ClipInfo, FrameSource, PixelFormat, VideoFrame } from '../frames.ts';
import { layeredClip, type EditLayer } from './layered-clip.ts';

const format444: PixelFormat = { name: 'yuv444p', bitDepth: 8, chromaShiftX: 0, chromaShiftY: 0 };
const format420: PixelFormat = { name: 'yuv420p', bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 };

function clipOf(
  path: string,
  count: number,
  size: readonly [number, number],
  pixelFormat: PixelFormat,
): ClipInfo {
  return {
    path,
    width: size[0],
    height: size[1],
    pixelFormat,
    ptsSec: Float64Array.from({ length: count }, (_, index) => index / 25),
    durationSec: count / 25,
  } as ClipInfo;
}

/** A clip of pictures one row high, all planes alike; `read`: which frames were asked for. */
function rows(path: string, pictures: readonly (readonly number[])[], read: string[] = []): FrameSource {
  return {
    info: clipOf(path, pictures.length, [pictures[0].length, 1], format444),
    async *frames(start, end) {
      read.push(`${path} ${start}:${end}`);
      for (let index = start; index < end; index++) {
        const plane = Uint8Array.from(pictures[index]);
        yield { index, planes: [plane, plane, plane] };
      }
    },
    damagedFrames: () => [],
  };
}

const maskOf =
  (...values: number[]) =>
  (): Uint8Array =>
    Uint8Array.from(values, (value) => value * 255);

async function lumas(frames: AsyncIterable<VideoFrame>): Promise<number[][]> {
  const all: number[][] = [];
  for await (const { index, planes } of frames) all.push([index, ...planes[0]]);
  return all;
}

describe('layeredClip', () => {
  const source = rows('clip', [
    [10, 10, 10, 10],
    [20, 20, 20, 20],
    [30, 30, 30, 30],
    [40, 40, 40, 40],
  ]);
  // Frames 1 and 2, its first two pixels; then frames 2 and 3, pixels 1 and 2.
  const first: EditLayer = {
    result: rows('first', [
      [21, 22, 20, 20],
      [31, 32, 30, 30],
    ]),
    range: { startFrame: 1, endFrame: 3 },
    maskAt: maskOf(1, 1, 0, 0),
  };
  const second: EditLayer = {
    result: rows('second', [
      [30, 52, 30, 30],
      [40, 62, 63, 40],
    ]),
    range: { startFrame: 2, endFrame: 4 },
    maskAt: maskOf(0, 1, 1, 0),
  };
  const whole = { startFrame: 0, endFrame: 4 };

  it('lays edits over each other in their order, each inside its own mask', async () => {
    expect(await lumas(layeredClip(source, [first, second], whole).frames())).toEqual([
      [0, 10, 10, 10, 10],
      [1, 21, 22, 20, 20],
      // Pixel 1 is the second's; pixel 2 of it is masked and equals the source.
      [2, 31, 52, 30, 30],
      [3, 40, 62, 63, 40],
    ]);
    expect((await lumas(layeredClip(source, [second, first], whole).frames()))[2]).toEqual([
      2, 31, 32, 30, 30,
    ]);
  });

  it('returns a range, numbered from its start, and reads nothing else', async () => {
    const read: string[] = [];
    const late = {
      ...second,
      result: rows(
        'second',
        [
          [30, 52, 30, 30],
          [40, 62, 63, 40],
        ],
        read,
      ),
    };
    const part = layeredClip(source, [late], { startFrame: 1, endFrame: 3 });
    expect(await lumas(part.frames())).toEqual([
      [0, 20, 20, 20, 20],
      [1, 30, 52, 30, 30],
    ]);
    expect(read).toEqual(['second 0:1']);
    expect([...part.info.ptsSec]).toEqual([1 / 25, 2 / 25]);
    expect(part.info.excerpt).toEqual({ startSec: 1 / 25, endSec: 3 / 25 });
  });

  it('is the source where there is no edit', async () => {
    expect(await lumas(layeredClip(source, [], whole).frames())).toEqual(
      [10, 20, 30, 40].map((value, index) => [index, value, value, value, value]),
    );
  });

  it('takes the finer chroma of a result of an odd size', async () => {
    const odd: FrameSource = {
      info: clipOf('odd', 1, [3, 1], format420),
      async *frames() {
        yield {
          index: 0,
          planes: [Uint8Array.of(1, 2, 3), Uint8Array.of(100, 110), Uint8Array.of(120, 130)],
        };
      },
      damagedFrames: () => [],
    };
    const result: FrameSource = {
      ...odd,
      info: clipOf('result', 1, [3, 1], format444),
      async *frames() {
        yield {
          index: 0,
          planes: [Uint8Array.of(1, 9, 3), Uint8Array.of(100, 90, 110), Uint8Array.of(120, 80, 130)],
        };
      },
    };
    const layer = { result, range: { startFrame: 0, endFrame: 1 }, maskAt: maskOf(0, 1, 0) };
    const layered = layeredClip(odd, [layer], { startFrame: 0, endFrame: 1 });
    expect(layered.info.pixelFormat).toEqual(format444);
    for await (const { planes } of layered.frames()) {
      expect(planes.map((plane) => [...plane])).toEqual([
        [1, 9, 3],
        [100, 90, 110],
        [120, 80, 130],
      ]);
    }
  });

  it.each([
    [
      'of another size',
      {
        ...first,
        result: rows('small', [
          [1, 2],
          [3, 4],
        ]),
      },
    ],
    ['of another length', { ...first, range: { startFrame: 1, endFrame: 4 } }],
    ['beyond the clip', { ...first, range: { startFrame: 3, endFrame: 5 } }],
  ])('refuses a result %s', (_, layer) => {
    expect(() => layeredClip(source, [layer], whole)).toThrow(
      expect.objectContaining({ code: 'clip-changed' }) as Error,
    );
  });
});
