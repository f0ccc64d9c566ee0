import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Media, VideoFrame } from '../engine/frames.ts';
import { createMedia } from './index.ts';
import {
  codedPicture,
  collect,
  ffmpeg,
  fingerprint,
  makeCodedClip,
  readCode,
  spoilPictures,
  temporaryFolder,
  toolchains,
} from './testing/clips.ts';
import { setDisplayMatrix } from './testing/mp4.ts';

const folder = temporaryFolder(afterAll);
const at = (name: string): string => join(folder, name);
const longGop = ['-c:v', 'libx264', '-crf', '18', '-bf', '3', '-g', '40', '-x264-params', 'open-gop=1'];

beforeAll(() => {
  makeCodedClip(at('gop.mp4'), 130, longGop);
  ffmpeg(['-i', at('gop.mp4'), '-c', 'copy', at('gop.mkv')]);
  ffmpeg(['-i', at('gop.mp4'), '-c', 'copy', at('gop.ts')]);
  // At 4 pictures a second the reordering of B-frames spans more time than ffmpeg's own seeking allows for.
  makeCodedClip(at('slow.mp4'), 90, [
    '-filter:v',
    'setpts=N/4/TB',
    '-r',
    '4',
    ...longGop.slice(0, -2),
    '-b_strategy',
    '0',
  ]);
  makeCodedClip(at('mpeg4.avi'), 60, ['-c:v', 'mpeg4', '-bf', '2', '-g', '12', '-q:v', '2']);
  makeCodedClip(at('hidden.webm'), 40, [
    '-c:v',
    'libvpx',
    '-b:v',
    '1M',
    '-auto-alt-ref',
    '1',
    '-lag-in-frames',
    '16',
  ]);
  makeCodedClip(at('vfr.mp4'), 120, [
    '-filter:v',
    "select='not(eq(mod(n,7),3))*not(between(n,50,58))'",
    '-vsync',
    'vfr',
    ...longGop,
  ]);
  ffmpeg(['-ss', '1.5', '-i', at('gop.mp4'), '-c', 'copy', at('edit-list.mp4')]);
  ffmpeg(['-itsoffset', '0.7', '-i', at('gop.mp4'), '-c', 'copy', at('late.mp4')]);
  makeCodedClip(at('intra.mkv'), 12, ['-c:v', 'ffv1']);
});

describe.each(toolchains)('frames with $name', ({ env }) => {
  let media: Media;
  beforeAll(async () => {
    media = await createMedia(env);
  });

  it.each(['gop.mp4', 'gop.mkv', 'gop.ts', 'late.mp4'])(
    'returns every frame of %s once, in order',
    async (name) => {
      const clip = await media.openClip(at(name));
      const frames = await collect(clip);
      expect(frames.map(readCode)).toEqual(Array.from({ length: 130 }, (_, frame) => frame));
      expect(frames.map((frame) => frame.index)).toEqual(Array.from({ length: 130 }, (_, frame) => frame));
      expect(clip.damagedFrames()).toEqual([]);
    },
  );

  it.each([
    ['gop.mp4', [1, 39, 40, 41, 77, 80, 100, 128]],
    ['gop.mkv', [1, 38, 40, 79, 121]],
    ['gop.ts', [1, 38, 40, 79, 121]],
    ['late.mp4', [39, 40, 121]],
    ['slow.mp4', [1, 37, 38, 39, 40, 41, 43, 79, 80, 87]],
    ['mpeg4.avi', [1, 11, 12, 13, 30, 58]],
    ['hidden.webm', [1, 20, 38]],
    ['intra.mkv', [1, 5, 10]],
  ])('starts at exactly the frame asked for in %s', async (name, starts) => {
    const clip = await media.openClip(at(name));
    for (const start of starts) {
      const end = Math.min(start + 3, clip.info.ptsSec.length);
      const codes = (await collect(clip, start, end)).map(readCode);
      expect(codes).toEqual(Array.from({ length: end - start }, (_, frame) => start + frame));
    }
    expect(clip.damagedFrames()).toEqual([]);
  });

  it('enters the file near the frame instead of decoding all before it', async () => {
    const clip = await media.openClip(at('gop.mp4'));
    await collect(clip, 100, 101);
    expect(media.recentCommands().at(-1)).toMatch(/-seek_timestamp 1 -ss 3\.\d+ /);
    await collect(clip, 20, 21);
    expect(media.recentCommands().at(-1)).not.toContain('-ss ');
  });

  it('shows exactly the frames of a clip of variable rate', async () => {
    const clip = await media.openClip(at('vfr.mp4'));
    const kept = Array.from({ length: 120 }, (_, frame) => frame).filter(
      (n) => n % 7 !== 3 && !(n >= 50 && n <= 58),
    );
    expect((await collect(clip)).map(readCode)).toEqual(kept);
    expect((await collect(clip, 60, 64)).map(readCode)).toEqual(kept.slice(60, 64));
    expect(clip.info.variableFrameRate).toBe(true);
    expect(clip.info.ptsSec.length).toBe(kept.length);
    kept.forEach((n, index) => expect(clip.info.ptsSec[index]).toBeCloseTo(n / 25, 6));
  });

  it('hides what the edit list hides', async () => {
    const clip = await media.openClip(at('edit-list.mp4'));
    const codes = (await collect(clip)).map(readCode);
    const [first] = codes;
    expect(first).toBeGreaterThanOrEqual(37);
    expect(first).toBeLessThanOrEqual(38);
    expect(codes).toEqual(Array.from({ length: 130 - first }, (_, frame) => first + frame));
    expect((await collect(clip, 50, 52)).map(readCode)).toEqual([first + 50, first + 51]);
  });

  it('returns the decoder’s own samples, bit for bit', async () => {
    const clip = await media.openClip(at('intra.mkv'));
    for (const { index, planes } of await collect(clip)) {
      expect(Buffer.concat(planes as readonly Uint8Array[]).equals(codedPicture(index))).toBe(true);
    }
  });

  it('returns nothing for an empty range and refuses one outside the clip', async () => {
    const clip = await media.openClip(at('intra.mkv'));
    expect(await collect(clip, 5, 5)).toEqual([]);
    await expect(collect(clip, 5, 13)).rejects.toThrow(RangeError);
  });

  it('stops when the reader stops and when it is cancelled', async () => {
    const clip = await media.openClip(at('gop.mp4'));
    for await (const frame of clip.frames(0, 130)) if (frame.index === 2) break;
    const abort = new AbortController();
    const cancelled = async (): Promise<void> => {
      for await (const frame of clip.frames(0, 130, abort.signal)) if (frame.index === 2) abort.abort();
    };
    await expect(cancelled()).rejects.toMatchObject({ code: 'cancelled', exitCode: 130 });
  });

  it('reads paths with spaces, quotes, emoji, colons and percent signs', async () => {
    const name = `a b 'q' "d" 🎬 ö: %03d #1 [x];$(x).mp4`;
    writeFileSync(at(name), readFileSync(at('gop.mp4')));
    const clip = await media.openClip(at(name));
    expect((await collect(clip, 90, 92)).map(readCode)).toEqual([90, 91]);
  });

  describe('turned clips', () => {
    const width = 22;
    const height = 14;
    /** Luma names its own place; chroma likewise. */
    const upright = (): { luma: number[][]; cb: number[][]; cr: number[][] } => {
      const plane = (w: number, h: number, base: number): number[][] =>
        Array.from({ length: h }, (_, y) => Array.from({ length: w }, (_, x) => base + y * 8 + x));
      return {
        luma: plane(width, height, 20),
        cb: plane(width / 2, height / 2, 60),
        cr: plane(width / 2, height / 2, 120),
      };
    };
    const clockwise = (rows: number[][]): number[][] =>
      rows[0].map((_, x) => rows.map((row) => row[x]).reverse());
    const turned = (rows: number[][], times: number): number[][] =>
      times === 0 ? rows : turned(clockwise(rows), times - 1);
    const mirrored = (rows: number[][]): number[][] => rows.map((row) => [...row].reverse());

    it.each([
      { matrix: [0, 1, -1, 0], rotation: 90, turn: (rows: number[][]) => turned(rows, 1) },
      { matrix: [-1, 0, 0, -1], rotation: 180, turn: (rows: number[][]) => turned(rows, 2) },
      { matrix: [0, -1, 1, 0], rotation: 270, turn: (rows: number[][]) => turned(rows, 3) },
      { matrix: [-1, 0, 0, 1], rotation: 0, turn: mirrored },
      { matrix: [0, 1, 1, 0], rotation: 270, turn: (rows: number[][]) => turned(mirrored(rows), 3) },
      { matrix: [0, -1, -1, 0], rotation: 90, turn: (rows: number[][]) => turned(mirrored(rows), 1) },
    ])('shows a clip with the matrix $matrix upright', async ({ matrix, rotation, turn }) => {
      const { luma, cb, cr } = upright();
      const path = at(`turned-${matrix.join('')}.mp4`);
      const raw = Uint8Array.from([luma, cb, cr].flat(2));
      const input = [
        '-f',
        'rawvideo',
        '-pix_fmt',
        'yuv420p',
        '-s',
        `${width}x${height}`,
        '-r',
        '25',
        '-i',
        'pipe:0',
      ];
      ffmpeg([...input, '-c:v', 'libx264', '-qp', '0', '-vf', 'setsar=16/11', path], raw);
      setDisplayMatrix(path, matrix);
      const clip = await media.openClip(path);
      const sideways = rotation % 180 !== 0;
      expect(clip.info).toMatchObject({
        rotation,
        width: sideways ? height : width,
        height: sideways ? width : height,
        sampleAspectRatio: sideways ? '11:16' : '16:11',
      });
      const [{ planes }] = await collect(clip);
      expect([...planes[0]]).toEqual(turn(luma).flat());
      expect([...planes[1]]).toEqual(turn(cb).flat());
      expect([...planes[2]]).toEqual(turn(cr).flat());
    });
  });
});

describe.each(toolchains)('damaged clips with $name', ({ env }) => {
  let media: Media;
  beforeAll(async () => {
    media = await createMedia(env);
    // Key pictures at 0, 30, 60; one slice each, no B-frames: damage is where it is made.
    makeCodedClip(at('sound.mp4'), 90, [
      '-c:v',
      'libx264',
      '-g',
      '30',
      '-bf',
      '0',
      '-movflags',
      '+faststart',
    ]);
  });

  const wipe = (data: Buffer): void => void data.fill(0);

  const whole = async (name: string): Promise<VideoFrame[]> => collect(await media.openClip(at(name)));

  it('holds the last good picture in place of damaged ones and lists them', async () => {
    spoilPictures(at('sound.mp4'), at('spoilt.mp4'), [28, 29, 59], wipe);
    const clip = await media.openClip(at('spoilt.mp4'));
    const frames = await collect(clip);
    expect(clip.damagedFrames()).toEqual([28, 29, 59]);
    expect(frames.map((frame) => frame.index)).toEqual(Array.from({ length: 90 }, (_, index) => index));
    expect(frames.map(readCode).slice(25, 32)).toEqual([25, 26, 27, 27, 27, 30, 31]);
    expect(fingerprint(frames[29])).toBe(fingerprint(frames[27]));
    expect(fingerprint(frames[59])).toBe(fingerprint(frames[58]));
    expect(await media.findDamage(at('spoilt.mp4'))).toEqual([28, 29, 59]);
  });

  it('does not show pictures that the decoder patched up', async () => {
    makeCodedClip(at('checked.mkv'), 12, ['-c:v', 'ffv1', '-level', '3', '-slicecrc', '1', '-slices', '4']);
    // The decoder sees that a slice is not what was written, and returns a picture all the same.
    spoilPictures(
      at('checked.mkv'),
      at('patched.mkv'),
      [4, 5],
      (data) => void data.fill(0x5a, data.length >> 1, (data.length >> 1) + 20),
    );
    const clip = await media.openClip(at('patched.mkv'));
    expect((await collect(clip)).map(readCode)).toEqual([0, 1, 2, 3, 3, 3, 6, 7, 8, 9, 10, 11]);
    expect(clip.damagedFrames()).toEqual([4, 5]);
  });

  it('holds the same picture wherever reading starts', async () => {
    spoilPictures(at('sound.mp4'), at('spoilt2.mp4'), [28, 29], wipe);
    const frames = await whole('spoilt2.mp4');
    const clip = await media.openClip(at('spoilt2.mp4'));
    const part = await collect(clip, 28, 31);
    expect(part.map(fingerprint)).toEqual(frames.slice(28, 31).map(fingerprint));
    expect(clip.damagedFrames()).toEqual([28, 29]);
  });

  it('takes the next good picture where the first ones are damaged', async () => {
    spoilPictures(at('sound.mp4'), at('spoilt3.mp4'), [0], wipe);
    const clip = await media.openClip(at('spoilt3.mp4'));
    const frames = await collect(clip, 0, 3);
    expect(frames).toHaveLength(3);
    expect(clip.damagedFrames()[0]).toBe(0);
    const firstGood = [0, 1, 2].find((index) => !clip.damagedFrames().includes(index)) ?? 0;
    expect(fingerprint(frames[0])).toBe(fingerprint(frames[firstGood]));
  });

  it('leaves out what a cut-off file no longer holds, and says so', async () => {
    const bytes = readFileSync(at('sound.mp4'));
    writeFileSync(at('cut-off.mp4'), bytes.subarray(0, Math.floor(bytes.length * 0.7)));
    const clip = await media.openClip(at('cut-off.mp4'));
    const count = clip.info.ptsSec.length;
    expect(count).toBeGreaterThan(40);
    expect(count).toBeLessThan(80);
    expect(clip.info.warnings).toEqual([
      expect.stringMatching(new RegExp(`cut off: ${count} of 90 pictures`)),
    ]);
    const frames = await collect(clip);
    expect(frames.map(readCode).slice(0, -1)).toEqual(Array.from({ length: count - 1 }, (_, frame) => frame));
    expect(clip.damagedFrames()).toEqual([count - 1]);
    expect(fingerprint(frames[count - 1])).toBe(fingerprint(frames[count - 2]));
  });

  it('refuses a clip whose size changes in its middle', async () => {
    const parts = ['160x96', '128x96'].map((size, second) =>
      ffmpeg([
        ...['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=25:d=1`, '-c:v', 'mpeg2video'],
        ...['-output_ts_offset', String(second), '-f', 'mpegts', 'pipe:1'],
      ]),
    );
    writeFileSync(at('both.ts'), Buffer.concat(parts));
    await expect(whole('both.ts')).rejects.toMatchObject({ code: 'size-changes', exitCode: 2 });
  });
});
