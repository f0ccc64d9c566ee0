import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectClose } from '../../src-shared/core/testing/index.ts';
import { createPreviewMedia, type PreviewMedia } from './index.ts';
import { PictureTimes } from './picture-stream.ts';
import type { Preview, PreviewSource } from './preview-source.ts';
import { ffmpeg, makeCodedClip, spoilPictures, temporaryFolder, toolchains } from './testing/clips.ts';
import { setDisplayMatrix } from './testing/mp4.ts';

const folder = temporaryFolder(afterAll);
const at = (name: string): string => join(folder, name);
const longGop = ['-c:v', 'libx264', '-crf', '18', '-bf', '3', '-g', '40', '-x264-params', 'open-gop=1'];
const count = (length: number, from = 0): number[] => Array.from({ length }, (_, i) => from + i);

beforeAll(() => {
  makeCodedClip(at('gop.mp4'), 130, longGop);
  const vfr = "select='not(eq(mod(n,7),3))*not(between(n,50,58))'";
  makeCodedClip(at('vfr.mp4'), 120, ['-filter:v', vfr, '-vsync', 'vfr', ...longGop]);
  makeCodedClip(at('deep.mkv'), 30, ['-pix_fmt', 'yuv422p10le', '-c:v', 'ffv1']);
  makeCodedClip(at('plain.mp4'), 90, ['-c:v', 'libx264', '-g', '30', '-bf', '0']);
  const noise = ['-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=25:d=4,noise=alls=40:allf=t'];
  ffmpeg([...noise, '-c:v', 'mpeg4', '-q:v', '3', at('noise.mp4')]);
  spoilPictures(at('plain.mp4'), at('spoilt.mp4'), [28, 29, 59], (data) => void data.fill(0));
});

/** Pictures [height, width, channels] of `previews`, decoded. */
function decode({ width, height }: PreviewSource, previews: readonly Preview[], format: string): Buffer[] {
  const raw = ffmpeg(
    [
      ...['-f', 'image2pipe', '-c:v', 'mjpeg', '-i', 'pipe:0'],
      ...['-vsync', 'passthrough', '-pix_fmt', format, '-f', 'rawvideo', 'pipe:1'],
    ],
    Buffer.concat(previews.map(({ jpeg }) => jpeg)),
  );
  const byteLength = width * height * (format === 'gray' ? 1 : 3);
  expect(raw.length).toBe(byteLength * previews.length);
  return previews.map((_, index) => raw.subarray(index * byteLength, (index + 1) * byteLength));
}

async function take(source: PreviewSource, start: number, end: number): Promise<Preview[]> {
  const previews: Preview[] = [];
  for await (const preview of source.frames(start, end)) previews.push(preview);
  return previews;
}

/** The numbers that coded pictures show, which are half as wide and high as they were made. */
function codes(source: PreviewSource, previews: readonly Preview[]): number[] {
  expect([source.width, source.height]).toEqual([80, 48]);
  return decode(source, previews, 'gray').map((picture) =>
    count(10).reduce((code, bit) => code | (picture[4 * 80 + 8 * bit + 4] > 127 ? 1 << bit : 0), 0),
  );
}

function runningFfmpegs(): number {
  try {
    return execFileSync('pgrep', ['-P', String(process.pid), 'ffmpeg'])
      .toString()
      .trim()
      .split('\n').length;
  } catch {
    return 0;
  }
}

describe.each(toolchains)('previews with $name', ({ env }) => {
  let media: PreviewMedia;
  beforeAll(async () => {
    media = await createPreviewMedia(env);
  });
  const half = (name: string): Promise<PreviewSource> => media.openPreviews(at(name), { maxHeight: 48 });

  it('know the frames at which decoding starts', async () => {
    const gop = await half('gop.mp4');
    expect(gop.keyFrame(0, 130)).toBe(0);
    const second = gop.keyFrame(1, 130);
    expect(second).toBe(40);
    expect(gop.keyFrame(40, 41)).toBe(40);
    expect(gop.keyFrame(41, 79)).toBeUndefined();
    expect(gop.keyFrame(121, 130)).toBeUndefined();
    // A key picture every twelve.
    expect((await half('deep.mkv')).keyFrame(7, 13)).toBe(12);
  });

  it.each([
    ['gop.mp4', count(130)],
    ['vfr.mp4', count(120).filter((n) => n % 7 !== 3 && !(n >= 50 && n <= 58))],
    ['deep.mkv', count(30)],
    // Damaged pictures show the last good one.
    ['spoilt.mp4', [...count(28), 27, 27, ...count(29, 30), 58, ...count(30, 60)]],
  ])('shows exactly the frames of %s', async (name, shown) => {
    const source = await half(name);
    const all = await take(source, 0, shown.length);
    expect(all.map(({ index }) => index)).toEqual(count(shown.length));
    expect(codes(source, all)).toEqual(shown);
    for (const start of [1, 27, 38, 41, 59, 79, 100].filter((frame) => frame < shown.length)) {
      const end = Math.min(start + 3, shown.length);
      const part = await take(source, start, end);
      expect(part.map(({ index }) => index)).toEqual(count(end - start, start));
      expect(codes(source, part)).toEqual(shown.slice(start, end));
    }
  });

  it('returns nothing for an empty range and refuses one outside the clip', async () => {
    const source = await half('gop.mp4');
    expect(await take(source, 5, 5)).toEqual([]);
    await expect(take(source, 120, 131)).rejects.toThrow(RangeError);
    await expect(take(source, 9, 8)).rejects.toThrow(RangeError);
  });

  it('serves several readers at once', async () => {
    const source = await half('gop.mp4');
    const starts = [0, 35, 70, 90];
    const parts = await Promise.all(starts.map((start) => take(source, start, start + 40)));
    parts.forEach((part, reader) => {
      expect(part.map(({ index }) => index)).toEqual(count(40, starts[reader]));
      expect(codes(source, part)).toEqual(count(40, starts[reader]));
    });
  });

  it('ends its processes when the reader stops and when it is cancelled', async () => {
    const source = await half('gop.mp4');
    for await (const { index } of source.frames(10, 130)) {
      expect(runningFfmpegs()).toBeGreaterThan(0);
      if (index === 12) break;
    }
    expect(runningFfmpegs()).toBe(0);
    const abort = new AbortController();
    const seen: number[] = [];
    const cancelled = async (): Promise<void> => {
      for await (const { index } of source.frames(10, 130, abort.signal)) {
        seen.push(index);
        if (index === 12) abort.abort();
      }
    };
    await expect(cancelled()).rejects.toMatchObject({ code: 'cancelled', exitCode: 130 });
    expect(seen.slice(0, 3)).toEqual([10, 11, 12]);
    expect(runningFfmpegs()).toBe(0);
    await expect(
      source.frames(0, 9, AbortSignal.abort())[Symbol.asyncIterator]().next(),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(runningFfmpegs()).toBe(0);
  });

  it('does not run ahead of its reader', async () => {
    const source = await media.openPreviews(at('noise.mp4'), { maxHeight: 360 });
    const told = vi.spyOn(PictureTimes.prototype, 'addLine');
    const decoded = (): number => told.mock.calls.filter(([line]) => /\bn: *\d+ pts:/.test(line)).length;
    const slow = source.frames(0, 100)[Symbol.asyncIterator]();
    expect((await slow.next()).value).toMatchObject({ index: 0 });
    // Another reader goes through the whole clip in the meantime.
    expect(await take(source, 0, 100)).toHaveLength(100);
    expect(decoded() - 100).toBeLessThan(40);
    await slow.return?.();
    told.mockRestore();
  });

  it('fails as the frames do, after the pictures before', async () => {
    const parts = ['160x96', '128x96'].map((size, second) =>
      ffmpeg([
        ...['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=25:d=1`, '-c:v', 'mpeg2video'],
        ...['-output_ts_offset', String(second), '-f', 'mpegts', 'pipe:1'],
      ]),
    );
    writeFileSync(at('both.ts'), Buffer.concat(parts));
    await expect(take(await half('both.ts'), 0, 40)).rejects.toMatchObject({ code: 'size-changes' });
    expect(runningFfmpegs()).toBe(0);
  });

  it('shows turned clips upright', async () => {
    const bars = 'color=c=black:s=64x32:r=25:d=0.2,drawbox=0:0:16:32:white:fill';
    ffmpeg(['-f', 'lavfi', '-i', bars, '-c:v', 'libx264', '-pix_fmt', 'yuv420p', at('turned.mp4')]);
    setDisplayMatrix(at('turned.mp4'), [0, 1, -1, 0]);
    const source = await media.openPreviews(at('turned.mp4'), { maxHeight: 64 });
    expect([source.width, source.height]).toEqual([32, 64]);
    const [picture] = decode(source, await take(source, 2, 3), 'gray');
    // The left bar of the coded picture is the upper one of a picture turned clockwise.
    expect(picture[8 * 32 + 16]).toBeGreaterThan(240);
    expect(picture[56 * 32 + 16]).toBeLessThan(15);
  });

  describe('colours', () => {
    const kr = { bt601: 0.299, bt709: 0.2126, bt2020: 0.2627 };
    const kb = { bt601: 0.114, bt709: 0.0722, bt2020: 0.0593 };
    const spaces = { bt601: 'smpte170m', bt709: 'bt709', bt2020: 'bt2020nc' };
    const shown = [200, 60, 30];

    /** R'G'B' 0…255 to Y'CbCr of 8 bits (ITU-R BT.601-7, BT.709-6, BT.2020-2; full range as in JFIF), not rounded. */
    function toYcbcr(matrix: keyof typeof kr, full: boolean): number[] {
      const [r, g, b] = shown.map((value) => value / 255);
      const y = kr[matrix] * r + (1 - kr[matrix] - kb[matrix]) * g + kb[matrix] * b;
      const chroma = [(b - y) / (2 - 2 * kb[matrix]), (r - y) / (2 - 2 * kr[matrix])];
      const [offset, lumaSpan, chromaSpan] = full ? [0, 255, 255] : [16, 219, 224];
      return [offset + lumaSpan * y, ...chroma.map((value) => 128 + chromaSpan * value)];
    }

    const layouts = ['yuv420p', 'yuv422p', 'yuv444p', 'yuv420p10le', 'yuv422p10le', 'yuv444p10le'];
    const cases = (['bt601', 'bt709', 'bt2020'] as const).flatMap((matrix) =>
      ['tv', 'pc'].flatMap((range) => layouts.map((layout) => ({ matrix, range, layout }))),
    );

    /** One flat picture of 37×21 with the samples `values`, given in 8 bits. */
    function flatClip(layout: string, values: readonly number[], tags: readonly string[]): string {
      const [width, height] = [37, 21];
      const deep = layout.endsWith('10le');
      const chroma =
        (layout.includes('444') ? width : (width + 1) >> 1) *
        (layout.includes('420') ? (height + 1) >> 1 : height);
      const samples = values.flatMap((value, plane) =>
        Array<number>(plane === 0 ? width * height : chroma).fill(Math.round(deep ? 4 * value : value)),
      );
      const bytes = deep ? new Uint8Array(Uint16Array.from(samples).buffer) : Uint8Array.from(samples);
      const path = at(`flat-${layout}-${tags.join('')}.mkv`);
      const raw = ['-f', 'rawvideo', '-pix_fmt', layout, '-s', `${width}x${height}`, '-i', 'pipe:0'];
      ffmpeg([...raw, ...tags, '-c:v', 'ffv1', path], bytes);
      return path;
    }

    async function middleOf(path: string): Promise<Buffer> {
      const source = await media.openPreviews(path, { maxHeight: 14 });
      expect([source.width, source.height]).toEqual([24, 14]);
      const [picture] = decode(source, await take(source, 0, 1), 'rgb24');
      return picture.subarray((7 * 24 + 12) * 3, (7 * 24 + 12) * 3 + 3);
    }

    it.each(cases)('are right in $matrix, $range, $layout', async ({ matrix, range, layout }) => {
      const values = toYcbcr(matrix, range === 'pc');
      const path = flatClip(layout, values, ['-colorspace', spaces[matrix], '-color_range', range]);
      const { colour } = await media.probe(path);
      expect(colour).toMatchObject({ matrix, range: range === 'pc' ? 'full' : 'limited' });
      // The nearest wrong reading, BT.601 for BT.2020, is 5.2 away.
      expectClose([...(await middleOf(path))], shown, { atol: 4, rtol: 0 });
    });

    it.each([
      ['gray', 200],
      ['gray10le', 200],
    ])('are neutral in %s', async (layout, value) => {
      expectClose(
        [...(await middleOf(flatClip(layout, [value], ['-color_range', 'pc'])))],
        [value, value, value],
        {
          atol: 2,
          rtol: 0,
        },
      );
    });
  });
});
