import { describe, expect, it } from 'vitest';
import { decodeMask } from '../../../src-shared/core/mask/index.ts';
import type { ClipInfo, Media } from '../frames.ts';
import { readMatte } from './read-matte.ts';

const infoOf = (width: number, frames: number, more: object = {}): ClipInfo =>
  ({
    width,
    height: 1,
    ptsSec: new Float64Array(frames),
    pixelFormat: { name: 'yuv420p', bitDepth: 10, chromaShiftX: 1, chromaShiftY: 1 },
    ...more,
  }) as ClipInfo;
const clip = infoOf(4, 2);
const { signal } = new AbortController();

/** A file with these planes of transparency, and masks as `openMask` would read them. */
function mediaOf(info: ClipInfo, alphas: readonly number[][], masks: readonly number[][]): Media {
  return {
    openClip: async () => ({
      info,
      async *frames(start: number, end: number) {
        for (let index = start; index < end; index++)
          yield { index, planes: [], alpha: Uint16Array.from(alphas[index]) };
      },
    }),
    openMask: async () => ({
      frameCount: masks.length,
      async *masks(start: number, end: number) {
        for (let index = start; index < end; index++) yield Uint8Array.from(masks[index]);
      },
    }),
  } as unknown as Media;
}
const read = async (media: Media, path: string): Promise<number[][]> =>
  (await readMatte(media, path, clip, signal)).map((text) => [...decodeMask(text, 4)]);
const black = [
  [0, 0, 0, 0],
  [0, 0, 0, 0],
];
const white = [
  [255, 0, 0, 0],
  [0, 0, 255, 255],
];

describe('readMatte', () => {
  it('takes a clip’s transparency, split in the middle', async () => {
    const media = mediaOf(
      infoOf(4, 2, { alpha: true }),
      [
        [1023, 512, 511, 0],
        [0, 0, 0, 1023],
      ],
      black,
    );
    expect(await read(media, '/a.mov')).toEqual([
      [255, 255, 0, 0],
      [0, 0, 0, 255],
    ]);
  });

  it('takes white where nothing is transparent, or nothing could be', async () => {
    const opaque = [1023, 1023, 1023, 1023];
    const media = mediaOf(infoOf(4, 2, { alpha: true }), [opaque, opaque], white);
    expect(await read(media, '/a.mov')).toEqual(white);
    expect(await read(mediaOf(infoOf(4, 2), [opaque, opaque], white), '/a.mkv')).toEqual(white);
    expect(await read(mediaOf(infoOf(9, 9), [], white), '/folder')).toEqual(white);
  });

  it.each([
    ['of another size', infoOf(5, 2, { alpha: true }), 'mask-size', /5×1/],
    ['of another length', infoOf(4, 3, { alpha: true }), 'mask-length', /3 frames/],
  ])('refuses a transparent clip %s', async (_name, info, code, message) => {
    const none = Array.from({ length: 3 }, () => [0, 0, 0, 0, 0]);
    const reading = read(mediaOf(info, none, black), '/a.mov');
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toMatchObject({ code });
  });
});
