import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose } from '../../src-shared/core/testing/index.ts';
import type { Media, VideoFrame } from '../engine/frames.ts';
import { createMedia } from './index.ts';
import { orientationOf } from './orientation.ts';
import { collect, ffmpeg, temporaryFolder, toolchains } from './testing/clips.ts';
import { setDisplayMatrix } from './testing/mp4.ts';

const folder = temporaryFolder(afterAll);
const at = (name: string): string => join(folder, name);

/** Stores raw pictures as they are and decodes the first. */
async function decodeRaw(
  media: Media,
  format: string,
  size: string,
  bytes: Uint8Array,
  codec: readonly string[] = ['-c:v', 'ffv1'],
): Promise<VideoFrame> {
  const raw = ['-f', 'rawvideo', '-pix_fmt', format, '-s', size, '-r', '25', '-i', 'pipe:0'];
  ffmpeg([...raw, ...codec, at(`${format}.mkv`)], bytes);
  const [frame] = await collect(await media.openClip(at(`${format}.mkv`)));
  return frame;
}

/** Non-linear R'G'B' 0…1 to 8-bit limited-range Y'CbCr (ITU-R BT.601-7, BT.709-6). */
function toYcbcr([r, g, b]: readonly number[], kr: number, kb: number): number[] {
  const y = kr * r + (1 - kr - kb) * g + kb * b;
  return [16 + 219 * y, 128 + (112 * (b - y)) / (1 - kb), 128 + (112 * (r - y)) / (1 - kr)];
}

const words = (values: readonly number[]): Uint8Array => new Uint8Array(Uint16Array.from(values).buffer);
const count = (length: number, from = 0): number[] => Array.from({ length }, (_, i) => from + i);

describe.each(toolchains)('decoding other formats with $name', ({ env }) => {
  let media: Media;
  beforeAll(async () => {
    media = await createMedia(env);
  });

  it('takes luma-only pictures as they are, with neutral chroma', async () => {
    const grey = await decodeRaw(media, 'gray', '5x3', Uint8Array.from(count(15, 240)));
    expect(grey.planes.map((plane) => [...plane])).toEqual([
      count(15, 240),
      Array(6).fill(128),
      Array(6).fill(128),
    ]);
    const deep = await decodeRaw(media, 'gray10le', '4x2', words(count(8, 1000)));
    expect(deep.planes.map((plane) => [...plane])).toEqual([count(8, 1000), [512, 512], [512, 512]]);
  });

  it('drops alpha and leaves the rest alone', async () => {
    const bytes = Uint8Array.from([
      ...count(8, 30),
      ...count(2, 100),
      ...count(2, 150),
      ...Array<number>(8).fill(77),
    ]);
    const { planes } = await decodeRaw(media, 'yuva420p', '4x2', bytes);
    expect(planes.map((plane) => [...plane])).toEqual([count(8, 30), [100, 101], [150, 151]]);
  });

  it('unpacks semi-planar and packed pictures without loss', async () => {
    const rawVideo = ['-c:v', 'rawvideo'];
    const nv12 = Uint8Array.from([...count(8, 30), 100, 150, 101, 151]);
    const semiPlanar = await decodeRaw(media, 'nv12', '4x2', nv12, rawVideo);
    expect(semiPlanar.planes.map((plane) => [...plane])).toEqual([count(8, 30), [100, 101], [150, 151]]);
    const packed = Uint8Array.from([100, 30, 150, 31, 101, 32, 151, 33]);
    const uyvy = await decodeRaw(media, 'uyvy422', '4x1', packed, rawVideo);
    expect(uyvy.planes.map((plane) => [...plane])).toEqual([
      [30, 31, 32, 33],
      [100, 101],
      [150, 151],
    ]);
  });

  it.each([
    ['64x48', 0.299, 0.114],
    ['1280x720', 0.2126, 0.0722],
  ])('converts RGB at %s by the matrix it states', async (size, kr, kb) => {
    const [width, height] = size.split('x').map(Number);
    // Six upright bands of one colour each.
    const colours = [
      [255, 255, 255],
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
      [90, 160, 30],
      [0, 0, 0],
    ];
    const band = Math.floor(width / colours.length);
    const bytes = new Uint8Array(width * height * 4);
    for (let i = 0; i < width * height; i++) {
      const [red, green, blue] = colours[Math.min(colours.length - 1, Math.floor((i % width) / band))];
      bytes.set([blue, green, red, 255], 4 * i);
    }
    const { planes } = await decodeRaw(media, 'bgr0', size, bytes, ['-c:v', 'ffv1', '-pix_fmt', 'bgr0']);
    colours.forEach((colour, index) => {
      const centre = (height >> 1) * width + index * band + (band >> 1);
      const expected = toYcbcr(
        colour.map((value) => value / 255),
        kr,
        kb,
      );
      expectClose(
        planes.map((plane) => plane[centre]),
        expected,
        { atol: 1.01 },
      );
    });
    expect(planes.map((plane) => plane.length)).toEqual(Array(3).fill(width * height));
  });

  it('shortens 12-bit samples to 10', async () => {
    const luma = count(16, 0).map((i) => i * 273);
    const { planes } = await decodeRaw(media, 'yuv444p12le', '4x4', words([...luma, ...luma, ...luma]));
    for (const plane of planes) {
      expect(plane).toBeInstanceOf(Uint16Array);
      plane.forEach((value, i) => expect(Math.abs(value - luma[i] / 4)).toBeLessThan(1));
    }
  });

  it('keeps full range full when it must convert', async () => {
    // 4:4:0, which is none of ours.
    const bytes = Uint8Array.from([0, 255, 10, 250, 0, 255, 10, 250, ...Array<number>(8).fill(128)]);
    const raw = ['-f', 'rawvideo', '-pix_fmt', 'yuv440p', '-s', '2x4', '-r', '25', '-i', 'pipe:0'];
    ffmpeg([...raw, '-c:v', 'ffv1', '-color_range', 'pc', at('440.mkv')], bytes);
    const clip = await media.openClip(at('440.mkv'));
    expect(clip.info.pixelFormat.name).toBe('yuv444p');
    expect(clip.info.colour.range).toBe('full');
    const [{ planes }] = await collect(clip);
    expect([...planes[0]]).toEqual([0, 255, 10, 250, 0, 255, 10, 250]);
  });

  it('turns 4:2:2 into 4:4:4 where a quarter turn would leave 4:4:0', async () => {
    const pattern = ['-f', 'lavfi', '-i', 'color=c=red:s=32x16:d=0.1,format=yuv422p'];
    ffmpeg([...pattern, '-c:v', 'libx264', '-qp', '0', at('turned.mp4')]);
    setDisplayMatrix(at('turned.mp4'), [0, 1, -1, 0]);
    const clip = await media.openClip(at('turned.mp4'));
    expect(clip.info).toMatchObject({ width: 16, height: 32, pixelFormat: { name: 'yuv444p' } });
    expect(clip.info.warnings).toEqual(['yuv422p is converted to yuv444p.']);
    const [{ planes }] = await collect(clip);
    expect(planes.map((plane) => [plane.length, new Set(plane).size])).toEqual(Array(3).fill([512, 1]));
  });
});

describe('orientationOf', () => {
  const rows = (a: number, b: number, c: number, d: number): string =>
    `\n00000000: ${a} ${b} 0\n00000001: ${c} ${d} 0\n00000002: 0 0 1073741824\n`;

  it('takes matrices with rounding residues for what they are', () => {
    expect(orientationOf(rows(-3, 65536, -65536, 2))?.rotation).toBe(90);
    expect(orientationOf(undefined)?.filters).toEqual([]);
  });

  it('does not know odd angles', () => {
    expect(orientationOf(rows(46341, 46341, -46341, 46341))).toBeUndefined();
    expect(orientationOf('')).toBeUndefined();
  });
});
