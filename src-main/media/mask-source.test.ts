import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClipInfo, MaskSource, Media } from '../engine/frames.ts';
import { createMedia } from './index.ts';
import { maskFromRgba } from './mask-source.ts';
import { ffmpeg, makeCodedClip, temporaryFolder, toolchains } from './testing/clips.ts';
import { setDisplayMatrix } from './testing/mp4.ts';

const folder = temporaryFolder(afterAll);
const at = (name: string): string => join(folder, name);
const width = 160;
const height = 96;
const frames = 8;

/** Picture `frame` of the test mask: a white box that moves by two pixels a frame. */
const inBox = (frame: number, x: number, y: number): boolean =>
  x >= 10 + 2 * frame && x < 50 + 2 * frame && y >= 20 && y < 60;
function expectedMask(frame: number): Uint8Array {
  const mask = new Uint8Array(width * height);
  for (let i = 0; i < mask.length; i++) mask[i] = inBox(frame, i % width, Math.floor(i / width)) ? 255 : 0;
  return mask;
}

const raw = (format: string): string[] => [
  '-f',
  'rawvideo',
  '-pix_fmt',
  format,
  '-s',
  `${width}x${height}`,
  '-r',
  '25',
  '-i',
  'pipe:0',
];
const grey = (count: number): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, frame) => expectedMask(frame)));

async function collectMasks(mask: MaskSource, start = 0, end = mask.frameCount): Promise<Uint8Array[]> {
  const masks: Uint8Array[] = [];
  for await (const picture of mask.masks(start, end)) masks.push(picture);
  return masks;
}
const sameAs = (mask: Uint8Array, frame: number): boolean =>
  Buffer.from(mask).equals(Buffer.from(expectedMask(frame)));

beforeAll(() => {
  makeCodedClip(at('clip.mp4'), frames, ['-c:v', 'libx264']);
});

describe.each(toolchains)('openMask with $name', ({ env }) => {
  let media: Media;
  let clip: ClipInfo;
  beforeAll(async () => {
    media = await createMedia(env);
    clip = await media.probe(at('clip.mp4'));
  });

  it.each([
    ['grey FFV1', 'grey.mkv', ['-c:v', 'ffv1']],
    ['limited-range H.264', 'limited.mp4', ['-c:v', 'libx264', '-crf', '1', '-pix_fmt', 'yuv420p']],
    ['10-bit ProRes', 'deep.mov', ['-c:v', 'prores', '-pix_fmt', 'yuv422p10le']],
    ['RGB', 'rgb.mkv', ['-c:v', 'ffv1', '-pix_fmt', 'bgr0']],
    ['full-range MJPEG', 'full.avi', ['-c:v', 'mjpeg', '-q:v', '1', '-pix_fmt', 'yuvj444p']],
  ])('reads a video: %s', async (_, name, codec) => {
    ffmpeg([...raw('gray'), ...codec, at(name)], grey(frames));
    const mask = await media.openMask(at(name), clip);
    expect(mask.frameCount).toBe(frames);
    const masks = await collectMasks(mask);
    masks.forEach((picture, frame) => {
      // Lossy codecs ring at the edges of the box.
      const expected = expectedMask(frame);
      const off = picture.filter((value, i) => value !== expected[i]).length;
      expect(off, `frame ${frame}`).toBeLessThanOrEqual(name.endsWith('.mkv') ? 0 : 20);
      expect(picture.every((value) => value === 0 || value === 255)).toBe(true);
    });
    expect(masks).toHaveLength(frames);
    expect(sameAs((await collectMasks(await media.openMask(at('grey.mkv'), clip), 5, 6))[0], 5)).toBe(true);
  });

  it('splits greys in the middle: 127 stays, 128 goes', async () => {
    const ramp = Uint8Array.from({ length: width * height }, (_, i) => (i % width) + 48);
    const expected = Uint8Array.from(ramp, (value) => (value > 127 ? 255 : 0));
    ffmpeg([...raw('gray'), '-c:v', 'ffv1', at('ramp.mkv')], ramp);
    ffmpeg([...raw('gray'), at('ramp.png')], ramp);
    for (const name of ['ramp.mkv', 'ramp.png']) {
      const [mask] = await collectMasks(await media.openMask(at(name), clip), 3, 4);
      expect(Buffer.from(mask).equals(Buffer.from(expected)), name).toBe(true);
    }
  });

  it('holds a picture for the whole clip, in the memory of one', async () => {
    ffmpeg([...raw('gray'), at('held.png')], expectedMask(2));
    const masks = await collectMasks(await media.openMask(at('held.png'), clip));
    expect(masks.map((mask) => sameAs(mask, 2))).toEqual(Array(frames).fill(true));
    expect(new Set(masks).size).toBe(1);
  });

  it.each(['gray', 'gray16be', 'rgb24', 'pal8', 'monob'])('reads a %s PNG', async (format) => {
    const filters =
      format === 'pal8' ? ['-vf', 'format=rgb24,split[a][b];[a]palettegen[p];[b][p]paletteuse'] : [];
    ffmpeg([...raw('gray'), ...filters, '-pix_fmt', format, at(`${format}.png`)], expectedMask(1));
    const [mask] = await collectMasks(await media.openMask(at(`${format}.png`), clip), 0, 1);
    expect(sameAs(mask, 1)).toBe(true);
  });

  it('takes what is transparent for black, in pictures and in video', async () => {
    // White everywhere; only the alpha tells.
    const rgba = new Uint8Array(width * height * 4).fill(255);
    expectedMask(4).forEach((value, i) => (rgba[4 * i + 3] = value));
    ffmpeg([...raw('rgba'), at('alpha.png')], rgba);
    const eight = Buffer.concat(Array<Uint8Array>(frames).fill(rgba));
    ffmpeg([...raw('rgba'), '-c:v', 'ffv1', '-pix_fmt', 'bgra', at('alpha.mkv')], eight);
    ffmpeg([...raw('rgba'), '-c:v', 'ffv1', '-pix_fmt', 'yuva444p', at('yuva.mkv')], eight);
    for (const name of ['alpha.png', 'alpha.mkv', 'yuva.mkv']) {
      const [mask] = await collectMasks(await media.openMask(at(name), clip), 0, 1);
      expect(sameAs(mask, 4), name).toBe(true);
    }
  });

  it('reads a folder of PNGs in the order of their numbers', async () => {
    mkdirSync(at('numbered'), { recursive: true });
    for (let frame = 0; frame < frames; frame++) {
      // 6, 8, 10, 12 …: in the order of letters 10 would come first.
      const format = frame % 2 === 0 ? 'gray' : 'rgba';
      ffmpeg(
        [...raw('gray'), '-pix_fmt', format, at(`numbered/mask ${2 * frame + 6}.png`)],
        expectedMask(frame),
      );
    }
    writeFileSync(at('numbered/.DS_Store'), '');
    writeFileSync(at('numbered/notes.txt'), '');
    const mask = await media.openMask(at('numbered'), clip);
    const masks = await collectMasks(mask);
    expect(masks.map((picture, frame) => sameAs(picture, frame))).toEqual(Array(frames).fill(true));
    const part = await collectMasks(mask, 3, 5);
    expect(part.map((picture, index) => sameAs(picture, 3 + index))).toEqual([true, true]);
    mkdirSync(at('single'), { recursive: true });
    writeFileSync(at('single/one.png'), readFileSync(at('numbered/mask 6.png')));
    expect(sameAs((await collectMasks(await media.openMask(at('single'), clip), 6, 7))[0], 0)).toBe(true);
  });

  it('draws a project mask', async () => {
    const keyframes = [0, 7].map((frame) => ({
      frame,
      from: [10 + 2 * frame, 20],
      to: [50 + 2 * frame, 60],
    }));
    const document = {
      format: 'hetcut-mask',
      version: 1,
      width,
      height,
      frames,
      shapes: [{ kind: 'box', keyframes }],
    };
    writeFileSync(at('mask.json'), JSON.stringify(document));
    const masks = await collectMasks(await media.openMask(at('mask.json'), clip));
    expect(masks.map((picture, frame) => sameAs(picture, frame))).toEqual(Array(frames).fill(true));
  });

  it('draws a project mask once for as long as it does not move', async () => {
    const keyframes = [2, 4].map((frame) => ({ frame, from: [frame, 0], to: [40, 40] }));
    const shapes = [{ kind: 'box', endFrame: 6, keyframes }];
    const size = { width, height, frames };
    writeFileSync(at('still.json'), JSON.stringify({ format: 'hetcut-mask', version: 1, ...size, shapes }));
    const masks = await collectMasks(await media.openMask(at('still.json'), clip), 1);
    const pictureOf = masks.map((mask) => masks.indexOf(mask) + 1);
    expect(pictureOf).toEqual([1, 1, 3, 4, 4, 6, 6]);
    expect(masks.map((mask) => mask.indexOf(255))).toEqual([2, 2, 3, 4, 4, -1, -1]);
  });

  it('draws the strokes of a project mask, erased, grown and inverted', async () => {
    const stroke = (points: number[][], radius: number, effect: string): object => ({
      kind: 'stroke',
      effect,
      keyframes: [{ frame: 0, points, radius }],
    });
    const line = [
      [20.5, 30.5],
      [90.5, 30.5],
    ];
    const shapes = [stroke(line, 5, 'remove'), stroke([[50.5, 30.5]], 8, 'keep')];
    const document = { format: 'hetcut-mask', version: 1, width, height, frames, shapes };
    writeFileSync(at('strokes.json'), JSON.stringify({ ...document, grow: 2, invert: true }));
    const masks = await collectMasks(await media.openMask(at('strokes.json'), clip), 3, 5);
    expect(masks).toHaveLength(2);
    for (const mask of masks) {
      const row = [...mask.subarray(30 * width, 31 * width)];
      const black = row.flatMap((value, x) => (value === 0 ? [x] : []));
      // The line's ends are 5 + 2 beyond its points; the gap of 42…58 is 2 narrower on both sides.
      const expected = Array.from({ length: 160 }, (_, x) => x).filter(
        (x) => (x >= 13 && x <= 43) || (x >= 57 && x <= 97),
      );
      expect(black).toEqual(expected);
    }
  });

  it('refuses what does not fit the clip, naming both sizes or lengths', async () => {
    ffmpeg([...raw('gray'), '-vf', 'scale=64:48', '-c:v', 'ffv1', at('small.mkv')], grey(frames));
    ffmpeg([...raw('gray'), '-vf', 'scale=64:48', at('small.png')], expectedMask(0));
    ffmpeg([...raw('gray'), '-c:v', 'ffv1', at('short.mkv')], grey(3));
    ffmpeg([...raw('gray'), '-c:v', 'ffv1', at('long.mkv')], grey(11));
    for (const [name, count] of [
      ['few', 3],
      ['mixed', frames],
      ['none', 0],
    ] as const) {
      mkdirSync(at(name), { recursive: true });
      for (let i = 0; i < count; i++) ffmpeg([...raw('gray'), at(`${name}/${i}.png`)], expectedMask(i));
    }
    writeFileSync(at('mixed/5.png'), readFileSync(at('small.png')));
    const document = { format: 'hetcut-mask', version: 1, width, height, frames: 9, shapes: [] };
    writeFileSync(at('long.json'), JSON.stringify(document));
    writeFileSync(at('wide.json'), JSON.stringify({ ...document, width: 200, frames }));
    writeFileSync(at('broken.json'), '{');
    writeFileSync(at('empty.png'), '');
    writeFileSync(at('text.png'), 'no picture');
    for (const [name, code, says] of [
      ['small.mkv', 'mask-size', /small\.mkv is 64×48, the clip 160×96/],
      ['small.png', 'mask-size', /64×48, the clip 160×96/],
      ['mixed', 'mask-size', /mixed\/5\.png is 64×48/],
      ['wide.json', 'mask-size', /200×96, the clip 160×96/],
      ['short.mkv', 'mask-length', /3 frames, the clip 8/],
      ['long.mkv', 'mask-length', /11 frames, the clip 8/],
      ['few', 'mask-length', /3 frames, the clip 8/],
      ['long.json', 'mask-length', /9 frames, the clip 8/],
      ['none', 'mask-folder-empty', /no PNG/],
      ['broken.json', 'mask-project', /broken\.json is not JSON/],
      ['empty.png', 'file-empty', /0 bytes/],
      ['text.png', 'not-a-video', /text\.png/],
      ['nowhere.mkv', 'file-not-found', /no mask at .*nowhere\.mkv/],
    ] as const) {
      await expect(media.openMask(at(name), clip), name).rejects.toMatchObject({
        code,
        exitCode: 2,
        message: expect.stringMatching(says) as string,
      });
    }
  });

  it('tells that a mask must be turned as the clip is shown', async () => {
    makeCodedClip(at('phone.mp4'), frames, ['-c:v', 'libx264']);
    setDisplayMatrix(at('phone.mp4'), [0, 1, -1, 0]);
    const phone = await media.probe(at('phone.mp4'));
    await expect(media.openMask(at('held.png'), phone)).rejects.toMatchObject({
      code: 'mask-size',
      message: expect.stringMatching(/160×96, the clip 96×160/) as string,
      hint: expect.stringMatching(/turned by 90 degrees/) as string,
    });
  });

  it('reports a damaged picture of a folder', async () => {
    mkdirSync(at('spoilt'), { recursive: true });
    for (let i = 0; i < frames; i++) ffmpeg([...raw('gray'), at(`spoilt/${i}.png`)], expectedMask(i));
    const whole = readFileSync(at('spoilt/4.png'));
    writeFileSync(at('spoilt/4.png'), whole.subarray(0, 60));
    const mask = await media.openMask(at('spoilt'), clip);
    await expect(collectMasks(mask)).rejects.toMatchObject({ code: 'mask-unreadable' });
  });
});

describe('maskFromRgba', () => {
  it('weighs luma with alpha and splits above 127', () => {
    const pixels = [
      [255, 255, 255, 255],
      [128, 128, 128, 255],
      [127, 127, 127, 255],
      [255, 255, 255, 128],
      [255, 255, 255, 127],
      [0, 255, 0, 255],
      [255, 0, 0, 255],
    ];
    expect([...maskFromRgba(Uint8Array.from(pixels.flat()))]).toEqual([255, 255, 0, 255, 0, 255, 0]);
  });
});
