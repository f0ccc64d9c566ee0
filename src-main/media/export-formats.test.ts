import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClipInfo, EncodeSettings, FrameSource, Media, VideoFrame } from '../engine/frames.ts';
import { findBinaries } from './binaries.ts';
import { createMedia, usualBytes } from './index.ts';
import {
  collect,
  ffmpeg,
  ffprobe,
  fingerprint,
  makeCodedClip,
  readCode,
  soundFingerprint,
  temporaryFolder,
  toolchains,
} from './testing/clips.ts';

const folder = temporaryFolder(afterAll);
const at = (name: string): string => join(folder, name);
const bt709 = [
  '-colorspace',
  'bt709',
  '-color_primaries',
  'bt709',
  '-color_trc',
  'bt709',
  '-color_range',
  'tv',
];
const sine = ['-f', 'lavfi', '-i', 'sine=r=44100:d=1.2'];

const h264: EncodeSettings = { format: 'h264', quality: 'visually-lossless' };
const h264Lossless: EncodeSettings = { format: 'h264', quality: 'lossless' };
const hevc: EncodeSettings = { format: 'hevc', quality: 'visually-lossless' };
const hevcLossless: EncodeSettings = { format: 'hevc', quality: 'lossless' };
const prores: EncodeSettings = { format: 'prores', quality: 'visually-lossless' };
const prores4444: EncodeSettings = { format: 'prores4444', quality: 'visually-lossless' };
const png: EncodeSettings = { format: 'png', quality: 'lossless' };

beforeAll(() => {
  const sound = [...sine, '-c:a', 'aac'];
  makeCodedClip(at('silent.mp4'), 26, ['-c:v', 'libx264', '-bf', '3', '-g', '12', '-qp', '0', ...bt709]);
  ffmpeg(['-i', at('silent.mp4'), ...sound, '-c:v', 'copy', at('8bit.mp4')]);
  const deep = ['-pix_fmt', 'yuv420p10le', '-c:v', 'ffv1', ...bt709];
  ffmpeg([
    '-f',
    'lavfi',
    '-i',
    'testsrc2=s=160x96:r=25:d=0.8',
    ...sound,
    '-shortest',
    ...deep,
    at('10bit.mkv'),
  ]);
  const uneven = ['-filter:v', "select='not(eq(mod(n,7),3))'", '-vsync', 'vfr'];
  makeCodedClip(at('vfr.mp4'), 30, [...uneven, '-c:v', 'libx264', '-qp', '0', ...bt709]);
});

/** Luma distance of two decoded clips in dB. `scale`: steps of `after` in one of `before`, whose white is `peak`. */
function lumaPsnr(
  before: readonly VideoFrame[],
  after: readonly VideoFrame[],
  scale: number,
  peak: number,
): number {
  let squares = 0;
  let samples = 0;
  before.forEach(({ planes: [luma] }, index) => {
    for (let i = 0; i < luma.length; i++) squares += (luma[i] - after[index].planes[0][i] / scale) ** 2;
    samples += luma.length;
  });
  return 10 * Math.log10((peak ** 2 * samples) / squares);
}

const streamFacts = (path: string): string =>
  ffprobe(
    path,
    ...['-select_streams', 'v', '-show_entries'],
    'stream=codec_name,profile,codec_tag_string,pix_fmt,color_space,color_primaries,color_transfer',
  ).trim();

describe.each(toolchains)('the formats of $name', ({ env, id }) => {
  let media: Media;
  beforeAll(async () => {
    media = await createMedia(env);
  });
  beforeEach(() => () => expect(readdirSync(folder).filter((name) => name.includes('.partial'))).toEqual([]));
  const mine = (name: string): string => at(`${id}-${name}`);

  async function write(
    source: FrameSource,
    path: string,
    settings: EncodeSettings,
    info: ClipInfo = source.info,
  ): Promise<readonly string[]> {
    const sink = await media.openSink(path, info, settings);
    for await (const frame of source.frames(0, source.info.ptsSec.length)) await sink.write(frame);
    await sink.close();
    return sink.warnings;
  }

  it.each([
    ['8bit.mp4', 'a.mp4', h264, 'h264', 'High', 'avc1', 'yuv420p', 45],
    ['8bit.mp4', 'b.mp4', h264Lossless, 'h264', 'High 4:4:4 Predictive', 'avc1', 'yuv420p', Infinity],
    ['8bit.mp4', 'c.mp4', hevc, 'hevc', 'Main', 'hvc1', 'yuv420p', 45],
    ['8bit.mp4', 'c.mov', hevc, 'hevc', 'Main', 'hvc1', 'yuv420p', 45],
    ['8bit.mp4', 'd.mp4', hevcLossless, 'hevc', 'Main', 'hvc1', 'yuv420p', Infinity],
    ['8bit.mp4', 'e.mov', prores, 'prores', 'HQ', 'apch', 'yuv422p10le', 45],
    ['10bit.mkv', 'f.mp4', h264, 'h264', 'High 10', 'avc1', 'yuv420p10le', 45],
    ['10bit.mkv', 'g.mp4', hevc, 'hevc', 'Main 10', 'hvc1', 'yuv420p10le', 45],
    ['10bit.mkv', 'h.mp4', hevcLossless, 'hevc', 'Main 10', 'hvc1', 'yuv420p10le', Infinity],
    // Versions of ffprobe from 5.1 on call what they decode of 4444 12 bits.
    ['8bit.mp4', 'k.mov', prores4444, 'prores', '4444', 'ap4h', 'yuv444p12le', 45],
    ['10bit.mkv', 'i.mov', prores, 'prores', 'HQ', 'apch', 'yuv422p10le', 43],
  ] as const)(
    '%s becomes %s as asked: codec, profile, mark, depth, colours, times, sound',
    async (name, target, settings, codec, profile, mark, pixelFormat, leastPsnr) => {
      const source = await media.openClip(at(name));
      const path = mine(target);
      await write(source, path, settings);
      expect(streamFacts(path)).toBe(
        [codec, profile, mark, pixelFormat, 'bt709', 'bt709', 'bt709'].join(','),
      );
      const result = await media.openClip(path);
      const [before, after] = [await collect(source), await collect(result)];
      expect(after).toHaveLength(before.length);
      source.info.ptsSec.forEach((sec, index) => {
        expect(Math.abs(result.info.ptsSec[index] - sec)).toBeLessThan(0.001);
      });
      expect(result.info.colour).toMatchObject({ matrix: 'bt709', range: 'limited' });
      expect(soundFingerprint(path)).toBe(soundFingerprint(at(name)));
      if (leastPsnr === Infinity) expect(after.map(fingerprint)).toEqual(before.map(fingerprint));
      else {
        // Eight bits in ten are four times as much.
        const { bitDepth } = source.info.pixelFormat;
        const scale = 2 ** (result.info.pixelFormat.bitDepth - bitDepth);
        expect(lumaPsnr(before, after, scale, 2 ** bitDepth - 1)).toBeGreaterThan(leastPsnr);
      }
    },
  );

  it.each([
    [hevc, 'vfr-hevc.mp4'],
    [prores, 'vfr-prores.mov'],
  ])('keeps a variable rate and the last picture’s length: %o', async (settings, target) => {
    const source = await media.openClip(at('vfr.mp4'));
    await write(source, mine(target), settings);
    const result = await media.openClip(mine(target));
    expect((await collect(result)).map(readCode)).toEqual((await collect(source)).map(readCode));
    source.info.ptsSec.forEach((sec, index) => {
      expect(Math.abs(result.info.ptsSec[index] - sec)).toBeLessThan(0.0005);
    });
    expect(result.info.durationSec).toBeCloseTo(source.info.durationSec, 3);
  });

  it.each([
    [hevc, 'odd.mp4', 'yuv444p', /odd size/],
    [prores, 'odd.mov', 'yuv422p10le', undefined],
  ])('writes odd sizes: %o', async (settings, target, pixelFormat, warning) => {
    const pattern = ['-f', 'lavfi', '-i', 'testsrc=s=65x47:r=25:d=0.2'];
    ffmpeg([...pattern, '-c:v', 'ffv1', '-pix_fmt', 'yuv420p', at('odd.mkv')]);
    const source = await media.openClip(at('odd.mkv'));
    const warnings = await write(source, mine(target), settings);
    expect(warnings).toEqual(warning === undefined ? [] : [expect.stringMatching(warning)]);
    const { info } = await media.openClip(mine(target));
    expect([info.width, info.height, info.sourcePixelFormat]).toEqual([65, 47, pixelFormat]);
  });

  it('says that ProRes 422 holds half of the colour of 4:4:4', async () => {
    ffmpeg([
      ...['-f', 'lavfi', '-i', 'testsrc=s=64x48:r=25:d=0.2', '-c:v', 'ffv1', '-pix_fmt', 'yuv444p'],
      at('444.mkv'),
    ]);
    const source = await media.openClip(at('444.mkv'));
    expect(await write(source, mine('444.mov'), prores)).toEqual([expect.stringMatching(/half of .*4:4:4/)]);
  });

  /** A clip of one frame for each plane set; full or limited range, 4:4:4. */
  function stillClip(info: ClipInfo, range: 'full' | 'limited', depth: 8 | 10): ClipInfo {
    const name = depth === 8 ? 'yuv444p' : 'yuv444p10le';
    return {
      ...info,
      width: 16,
      height: 2,
      sampleAspectRatio: '1:1',
      pixelFormat: { name, bitDepth: depth, chromaShiftX: 0, chromaShiftY: 0 },
      colour: {
        matrix: 'bt709',
        range,
        assumed: false,
        tags: { space: 'bt709', range: range === 'full' ? 'pc' : 'tv' },
      },
      audio: [],
      ptsSec: info.ptsSec.slice(0, 1),
      durationSec: 0.04,
    };
  }
  const filled = (values: readonly number[], depth: 8 | 10): Uint8Array | Uint16Array => {
    const both = [...values, ...values];
    return depth === 8 ? Uint8Array.from(both) : Uint16Array.from(both);
  };
  async function writeOne(
    path: string,
    clip: ClipInfo,
    planes: VideoFrame['planes'],
    settings: EncodeSettings,
  ): Promise<void> {
    const sink = await media.openSink(path, clip, settings);
    await sink.write({ index: 0, planes });
    await sink.close();
  }

  it.each([8, 10] as const)('writes the R′G′B′ of BT.709 into PNG files: %d bits', async (depth) => {
    const { info } = await media.openClip(at('8bit.mp4'));
    const clip = stillClip(info, 'limited', depth);
    // Black, white, greys, then red, green, blue and mixtures, as fractions of R′G′B′.
    const colours = [
      [0, 0, 0],
      [1, 1, 1],
      [0.5, 0.5, 0.5],
      [0.25, 0.25, 0.25],
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [1, 1, 0],
      [0, 1, 1],
      [1, 0, 1],
      [0.75, 0.5, 0.25],
      [0.2, 0.4, 0.6],
      [0.9, 0.1, 0.3],
      [0.1, 0.1, 0.9],
      [0.6, 0.6, 0.5],
      [0.3, 0.7, 0.3],
    ];
    const unit = depth === 8 ? 1 : 4;
    // ITU-R BT.709-6, items 3.2 to 3.4: luma and colour differences, quantised to 219 and 224 steps.
    const coded = colours.map(([r, g, b]) => {
      const luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
      return [16 + 219 * luma, 128 + (224 * (b - luma)) / 1.8556, 128 + (224 * (r - luma)) / 1.5748].map(
        (value) => Math.round(value * unit),
      );
    });
    const planes = [0, 1, 2].map((plane) =>
      filled(
        coded.map((triple) => triple[plane]),
        depth,
      ),
    );
    const path = mine(`rgb${depth}`);
    await writeOne(path, clip, [planes[0], planes[1], planes[2]], { ...png, firstNumber: 12 });
    const [name] = readdirSync(path);
    expect(name).toBe(`${path.split('/').at(-1)}_000012.png`);
    const file = join(path, name);
    expect(ffprobe(file, '-show_entries', 'stream=pix_fmt,width,height').trim()).toBe(
      `16,2,${depth === 8 ? 'rgb24' : 'rgb48be'}`,
    );
    const raw = ffmpeg(['-i', file, '-f', 'rawvideo', '-pix_fmt', 'rgb48le', '-']);
    const found = new Uint16Array(raw.buffer, raw.byteOffset, raw.length / 2);
    // Half a step of luma and of one colour difference, and of the 8 bits of the file.
    const tolerance = (0.5 / 219 + (0.5 * 1.8556) / 224) / unit + (depth === 8 ? 0.5 / 255 : 1e-4);
    colours.forEach((colour, x) => {
      colour.forEach((value, c) =>
        expect(Math.abs(found[3 * x + c] / 65535 - value)).toBeLessThan(tolerance),
      );
    });
  });

  it('writes ProRes in the limited range that its readers expect, from full range too', async () => {
    const { info } = await media.openClip(at('8bit.mp4'));
    const levels = Array.from({ length: 16 }, (_, index) => index * 17);
    const grey = filled(Array<number>(16).fill(128), 8);
    await writeOne(mine('full.mov'), stillClip(info, 'full', 8), [filled(levels, 8), grey, grey], prores);
    const [frame] = await collect(await media.openClip(mine('full.mov')));
    // 0…255 becomes 64…940; ProRes HQ is within a step or two of ten bits.
    levels.forEach((level, x) =>
      expect(Math.abs(frame.planes[0][x] - (64 + (level * 876) / 255))).toBeLessThan(3),
    );
  });

  describe('with alpha', () => {
    const values = Array.from({ length: 16 }, (_, x) => x * 17);

    it.each([
      ['yuv444p', 8, 'full'],
      ['yuv420p', 8, 'limited'],
      ['yuv422p10le', 10, 'limited'],
      ['yuv420p10le', 10, 'full'],
    ] as const)(
      'ProRes 4444 keeps every value of it, and the colours: %s of %d bits, %s',
      async (name, depth, range) => {
        const { info } = await media.openClip(at('8bit.mp4'));
        const still = stillClip(info, range, depth);
        const [chromaShiftX, chromaShiftY] = [
          name.includes('444') ? 0 : 1,
          name.includes('420') ? 1 : 0,
        ] as const;
        const clip: ClipInfo = {
          ...still,
          pixelFormat: { name, bitDepth: depth, chromaShiftX, chromaShiftY },
        };
        const of = (list: readonly number[]): Uint8Array | Uint16Array =>
          depth === 8
            ? Uint8Array.from(list)
            : Uint16Array.from(list, (value) => Math.round((value * 1023) / 255));
        const luma = of([...values, ...values]);
        const middle = 2 ** (depth - 1);
        const neutral = of(Array<number>((16 >> chromaShiftX) * (2 >> chromaShiftY)).fill(0)).fill(middle);
        const shown = of([...values, ...values.toReversed()]);
        const path = mine(`alpha-${name}-${range}.mov`);
        const sink = await media.openSink(path, clip, { ...prores4444, alpha: true });
        await sink.write({ index: 0, planes: [luma, neutral, neutral], alpha: shown });
        await sink.close();
        expect(streamFacts(path)).toMatch(/^prores,4444,ap4h,yuva444p1[02]le,bt709,/);
        const source = await media.openClip(path, undefined, { alpha: true });
        expect(source.info.alpha).toBe(true);
        const [frame] = await collect(source);
        const deep = [...values, ...values.toReversed()].map((value) => Math.round((value * 1023) / 255));
        expect([...(frame.alpha ?? [])]).toEqual(deep);
        luma.forEach((value, i) => {
          const max = 2 ** depth - 1;
          const expected = range === 'full' ? 64 + (value * 876) / max : value * 2 ** (10 - depth);
          expect(Math.abs(frame.planes[0][i] - expected)).toBeLessThan(3);
        });
        // Without being asked for it, frames have none.
        const [plain] = await collect(await media.openClip(path));
        expect(plain.alpha).toBeUndefined();
        expect(plain.planes.map(({ length }) => length)).toEqual(frame.planes.map(({ length }) => length));
      },
    );

    it('PNG files hold it in 16 bits', async () => {
      const { info } = await media.openClip(at('8bit.mp4'));
      const luma = filled(
        values.map((value) => 16 + value / 2),
        8,
      );
      const neutral = filled(Array<number>(16).fill(128), 8);
      const sink = await media.openSink(mine('alpha'), stillClip(info, 'limited', 8), {
        ...png,
        alpha: true,
      });
      await sink.write({ index: 0, planes: [luma, neutral, neutral], alpha: filled(values, 8) });
      await sink.close();
      const file = join(mine('alpha'), readdirSync(mine('alpha'))[0]);
      const raw = ffmpeg(['-i', file, '-f', 'rawvideo', '-pix_fmt', 'rgba64le', '-']);
      const found = new Uint16Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length));
      expect(ffprobe(file, '-show_entries', 'stream=pix_fmt').trim()).toBe('rgba64be');
      values.forEach((value, x) => {
        expect(found[4 * x + 3]).toBe(257 * value);
        expect(found[4 * x] / 65535).toBeCloseTo((luma[x] - 16) / 219, 4);
      });
    });

    it('is never left out in silence', async () => {
      const { info } = await media.openClip(at('8bit.mp4'));
      const grey = filled(Array<number>(16).fill(128), 8);
      const sink = await media.openSink(mine('none.mov'), stillClip(info, 'limited', 8), {
        ...prores4444,
        alpha: true,
      });
      await expect(sink.write({ index: 0, planes: [grey, grey, grey] })).rejects.toThrow(
        /frame 0 has no alpha/,
      );
      await sink.abort();
    });
  });

  it('numbers PNG files as frames, and says that they hold no sound', async () => {
    const source = await media.openClip(at('8bit.mp4'));
    const path = mine('100% shots.v2');
    mkdirSync(path);
    const warnings = await write(source, path, { ...png, firstNumber: 7 });
    expect(warnings).toEqual([expect.stringMatching(/no sound/)]);
    const names = readdirSync(path);
    expect(names).toHaveLength(26);
    expect(names[0]).toMatch(/-100% shots\.v2_000007\.png$/);
    expect(names.at(-1)).toMatch(/_000032\.png$/);
    const last = ffmpeg(
      ['-f', 'image2pipe', '-i', 'pipe:0', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'],
      readFileSync(join(path, names[25])),
    );
    // The coded number of the clip's last frame, 25: black and white blocks.
    const code = Array.from({ length: 10 }, (_, bit) => (last[8 * 160 + bit * 16 + 8] > 125 ? 1 << bit : 0));
    expect(code.reduce((sum, bit) => sum + bit, 0)).toBe(25);
  });

  describe('of a grey clip', () => {
    /** Every grey once, a soft edge among them, as a full-range clip of one frame. */
    const luma = Uint8Array.from({ length: 32 * 32 }, (_, i) => i >> 2);
    let clip: ClipInfo;
    beforeAll(async () => {
      const { info } = await media.openClip(at('8bit.mp4'));
      const pixelFormat = { name: 'yuv420p', bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 } as const;
      clip = { ...stillClip(info, 'full', 8), width: 32, height: 32, pixelFormat };
    });
    const neutral = (): Uint8Array => new Uint8Array(16 * 16).fill(128);

    it.each([h264Lossless, hevcLossless])('keeps every value, tagged as full range: %o', async (settings) => {
      await writeOne(mine('grey.mp4'), clip, [luma, neutral(), neutral()], { ...settings, grey: true });
      const result = await media.openClip(mine('grey.mp4'));
      const [frame] = await collect(result);
      expect([...frame.planes[0]]).toEqual([...luma]);
      expect(result.info.colour.range).toBe('full');
      expect(ffprobe(mine('grey.mp4'), '-show_entries', 'stream=color_range').trim()).toBe('pc');
    });

    it('keeps every value in PNG files of one channel', async () => {
      const path = mine('grey');
      await writeOne(path, clip, [luma, neutral(), neutral()], { ...png, grey: true });
      const file = join(path, readdirSync(path)[0]);
      expect(ffprobe(file, '-show_entries', 'stream=pix_fmt').trim()).toBe('gray');
      expect([...ffmpeg(['-i', file, '-f', 'rawvideo', '-pix_fmt', 'gray', '-'])]).toEqual([...luma]);
    });
  });

  describe('fail cleanly', () => {
    it.each([
      [prores, 'out.mp4', 'output-format', /ends? in \.mov/],
      [hevc, 'out.gif', 'output-format', /\.mp4 or \.mov or \.mkv/],
      [png, 'silent.mp4', 'output-is-file', /new folder/],
      [png, '.', 'output-folder-not-empty', /new folder/],
      [png, 'missing/pictures', 'output-folder', /another place/],
    ])('%o on the output "%s"', async (settings, target, code, hint) => {
      const { info } = await media.openClip(at('8bit.mp4'));
      await expect(media.openSink(at(target), info, settings)).rejects.toMatchObject({
        code,
        exitCode: 2,
        hint: expect.stringMatching(hint) as string,
      });
    });

    it('on sound that MOV cannot hold, with what would do', async () => {
      ffmpeg(['-i', at('silent.mp4'), ...sine, '-c:v', 'copy', '-c:a', 'libopus', at('opus.mkv')]);
      const { info } = await media.openClip(at('opus.mkv'));
      await expect(media.checkExport(mine('opus.mov'), info, prores)).rejects.toMatchObject({
        code: 'sound-not-copyable',
        hint: 'Choose another format, or export without sound.',
      });
      await expect(media.checkExport(mine('opus.mov'), info, hevc)).rejects.toMatchObject({
        hint: 'Name the output .mp4 or .mkv.',
      });
      await media.checkExport(mine('opus.mov'), { ...info, audio: [] }, prores);
    });

    it.each([
      [prores, 'full-disk.mov'],
      [png, 'full-disk'],
    ])('%o when the disk is full, with nothing left', async (settings, target) => {
      const { ffmpeg: real } = await findBinaries(env);
      // A limit on the size of files does to the encoder what a full disk does, and needs none.
      const script = mine('limited.sh');
      writeFileSync(script, `#!/bin/bash\ntrap '' XFSZ\nulimit -f 4\nexec '${real.path}' "$@"\n`);
      chmodSync(script, 0o755);
      const limited = await createMedia({ ...env, FFMPEG_PATH: script });
      const source = await media.openClip(at('8bit.mp4'));
      const frames = await collect(source);
      const before = readdirSync(folder);
      const exported = async (): Promise<void> => {
        const sink = await limited.openSink(mine(target), source.info, settings);
        for (const frame of frames) await sink.write(frame);
        await sink.close();
      };
      // npm's old ffmpeg takes no notice where the last bytes of a small file do not fit: the check finds it cut off.
      const code = settings.format === 'png' ? /^(disk-full|output-check)$/ : /^disk-full$/;
      await expect(exported()).rejects.toMatchObject({ code: expect.stringMatching(code) as string });
      expect(readdirSync(folder)).toEqual(before);
    });

    it('PNG when it is aborted half-way', async () => {
      const source = await media.openClip(at('8bit.mp4'));
      const before = readdirSync(folder);
      const sink = await media.openSink(mine('aborted'), source.info, png);
      for await (const frame of source.frames(0, 10)) await sink.write(frame);
      expect(readdirSync(sink.partialPath)).toBeDefined();
      await sink.abort();
      expect(readdirSync(folder)).toEqual(before);
    });
  });
});

describe('usualBytes', () => {
  const clipOf = (width: number, height: number, bitDepth: 8 | 10): ClipInfo =>
    ({ width, height, ptsSec: new Float64Array(100), pixelFormat: { bitDepth } }) as ClipInfo;

  it.each([
    // Apple's target rates in Mbit/s; 100 pictures of 29.97 a second.
    ['prores', 720, 486, 63],
    ['prores', 1280, 720, 110],
    ['prores', 1920, 1080, 220],
    ['prores', 3840, 2160, 884],
    ['prores4444', 1920, 1080, 330],
    ['prores4444', 3840, 2160, 1326],
    // Of sizes between, by the pixel.
    ['prores', 2048, 1080, 235],
    ['prores', 4096, 2160, 943],
  ] as const)('of %s, %d × %d: %d Mbit/s', (format, width, height, rate) => {
    const bytes = usualBytes(clipOf(width, height, 8), { format, quality: 'visually-lossless' });
    expect((bytes * 8 * 29.97) / 100 / 1e6 / rate).toBeCloseTo(1, 1.9);
    // ProRes has ten bits in any case.
    expect(usualBytes(clipOf(width, height, 10), { format, quality: 'visually-lossless' })).toBe(bytes);
  });

  it('of PNG grows with 16 bits, which alpha brings', () => {
    const plain = usualBytes(clipOf(100, 100, 8), png);
    expect(usualBytes(clipOf(100, 100, 8), { ...png, alpha: true })).toBe(plain * 2.5);
    expect(usualBytes(clipOf(100, 100, 10), png)).toBe(plain * 2.5);
  });

  it('is near what a lively picture takes in ProRes', async () => {
    const pattern = ['-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=25:d=0.4', '-vf', 'noise=alls=6:allf=t'];
    ffmpeg([...pattern, '-c:v', 'ffv1', '-pix_fmt', 'yuv420p', at('lively.mkv')]);
    const media = await createMedia();
    const source = await media.openClip(at('lively.mkv'));
    for (const settings of [prores, prores4444]) {
      const sink = await media.openSink(at('lively.mov'), source.info, settings);
      for await (const frame of source.frames(0, 10)) await sink.write(frame);
      await sink.close();
      const share = readFileSync(at('lively.mov')).length / usualBytes(source.info, settings);
      expect(share).toBeGreaterThan(0.75);
      expect(share).toBeLessThan(1.25);
    }
  });
});
