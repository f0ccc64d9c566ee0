import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClipInfo, EncodeSettings, FrameSink, Media, VideoFrame } from '../../engine/frames.ts';
import { writeClip } from '../../engine/export/write-clip.ts';
import { rangeOfFrames } from '../../engine/scan/clip-range.ts';
import { findBinaries, type Binary } from '../binaries.ts';
import { createMedia } from '../index.ts';
import { BitReader, BitWriter, withPrevention, withoutPrevention } from './bits.ts';
import {
  collect,
  ffmpeg,
  ffprobe,
  fingerprint,
  makeCodedClip,
  readCode,
  soundFingerprint,
  spoilPictures,
  temporaryFolder,
  toolchains,
} from '../testing/clips.ts';
import { setDisplayMatrix } from '../testing/mp4.ts';

const folder = temporaryFolder(afterAll);
const at = (name: string): string => join(folder, name);
const usual: EncodeSettings = { quality: 'visually-lossless', format: 'h264' };
const hevc: EncodeSettings = { quality: 'visually-lossless', format: 'hevc' };
const gop = 8;
/** A group begins with every eighth frame. */
const groups = ['-g', String(gop), '-keyint_min', String(gop), '-sc_threshold', '0'];
const x264 = ['-c:v', 'libx264', '-preset', 'fast', ...groups];
const x265 = ['-c:v', 'libx265', '-preset', 'fast', '-tag:v', 'hvc1'];
const x265Groups = `keyint=${gop}:min-keyint=${gop}:scenecut=0:log-level=error`;
const count = 40;
const sine = ['-f', 'lavfi', '-i', 'sine=r=44100:d=1.6'];

/** Where groups begin and frames are changed. */
const changes: readonly (readonly [place: string, frames: readonly number[]])[] = [
  ['the first group', [3]],
  ['a group in the middle', [18, 19]],
  ['the last group', [39]],
  ['the first and the last group', [0, 38]],
  ['two groups beside each other', [15, 16]],
];

beforeAll(() => {
  makeCodedClip(at('plain.mp4'), count, [...x264, '-bf', '0']);
  makeCodedClip(at('b-frames.mp4'), count, [...x264, '-bf', '3']);
  ffmpeg([
    '-i',
    at('b-frames.mp4'),
    ...sine,
    '-c:v',
    'copy',
    '-c:a',
    'aac',
    '-timecode',
    '10:00:00:00',
    at('sound.mov'),
  ]);
  const select = ['-filter:v', "select='not(eq(mod(n,7),3))*not(between(n,20,31))'", '-vsync', 'vfr'];
  makeCodedClip(at('vfr.mp4'), 60, [...select, ...x264]);
  makeCodedClip(at('open.mp4'), count, [...x264, '-x264-params', 'open-gop=1:bframes=3']);
  makeCodedClip(at('refresh.mp4'), count, [...x264, '-x264-params', 'intra-refresh=1:bframes=0']);
  makeCodedClip(at('interlaced.mp4'), count, [...x264, '-flags', '+ilme+ildct', '-x264-params', 'tff=1']);
  makeCodedClip(at('one.mp4'), count, ['-c:v', 'libx264', '-g', '250']);
  makeCodedClip(at('baseline.mp4'), count, [...x264, '-profile:v', 'baseline']);
  makeCodedClip(at('intra.mp4'), count, ['-c:v', 'libx264', '-g', '1']);
  makeCodedClip(at('colour.mp4'), count, [
    ...[...x264, '-bf', '2', '-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'],
    ...['-color_range', 'tv', '-aspect', '16:9'],
  ]);
  for (const [name, matrix] of [
    ['turned.mp4', [0, 1, -1, 0]],
    ['mirrored.mp4', [0, 1, 1, 0]],
  ] as const) {
    copyFileSync(at('b-frames.mp4'), at(name));
    setDisplayMatrix(at(name), matrix);
  }
  makeCodedClip(at('deep.mp4'), count, [...x264, '-pix_fmt', 'yuv422p10le']);
  // Parameters in front of each key picture: of one stream, and of two.
  const raw = (name: string, ...more: string[]): string =>
    makeCodedClip(at(name), 16, [...x264, '-bf', '0', ...more, '-f', 'h264']);
  const [one, other] = [raw('one.264'), raw('other.264', '-x264-params', 'ref=1:cabac=0')].map((path) =>
    readFileSync(path),
  );
  const inMp4 = (name: string, stream: Buffer): unknown =>
    ffmpeg(['-framerate', '25', '-f', 'h264', '-i', 'pipe:0', '-c', 'copy', at(name)], stream);
  inMp4('repeated.mp4', Buffer.concat([one, one]));
  inMp4('mixed.mp4', Buffer.concat([one, other]));
  inMp4('bare.mp4', withoutVui(readFileSync(raw('main.264', '-profile:v', 'main'))));
  ffmpeg(['-ss', '0.5', '-i', at('sound.mov'), '-c', 'copy', '-map', '0:v', '-map', '0:a', at('cut.mov')]);
  ffmpeg(['-i', at('plain.mp4'), '-c', 'copy', '-movflags', 'frag_keyframe+empty_moov', at('pieces.mp4')]);
  ffmpeg(['-i', at('plain.mp4'), '-c', 'copy', at('plain.mkv')]);
  makeCodedClip(at('hevc.mp4'), count, [...x265, '-x265-params', `${x265Groups}:open-gop=0`]);
  makeCodedClip(at('hevc-plain.mp4'), count, [...x265, '-x265-params', `${x265Groups}:open-gop=0:bframes=0`]);
  makeCodedClip(at('hevc-open.mp4'), count, [...x265, '-x265-params', `${x265Groups}:open-gop=1:bframes=3`]);
});

/** A stream of x264's main profile, without B pictures, as cameras write it: its parameters say nothing but what they must. */
function withoutVui(stream: Buffer): Buffer {
  const starts: number[] = [];
  for (let at = stream.indexOf('000001', 0, 'hex'); at >= 0; at = stream.indexOf('000001', at + 3, 'hex'))
    starts.push(at + 3);
  const units = starts.map((start, i) => {
    const unit = stream.subarray(start, i + 1 < starts.length ? starts[i + 1] - 3 : stream.length);
    if ((unit[0] & 31) !== 7) return unit;
    const bare = withoutPrevention(unit.subarray(1));
    const bits = new BitReader(bare);
    bits.skip(24);
    const codes = [bits.ue(), bits.ue(), bits.ue()];
    expect(codes[2]).toBe(2);
    bits.ue();
    bits.skip(1);
    bits.ue();
    bits.ue();
    bits.skip(3);
    const out = new BitWriter();
    out.copy(new BitReader(bare), bits.position);
    out.u(1, 2);
    return Buffer.concat([unit.subarray(0, 1), withPrevention(out.bytes())]);
  });
  return Buffer.concat(units.flatMap((unit) => [Buffer.from([0, 0, 0, 1]), unit]));
}

const partials = (): string[] => readdirSync(folder).filter((name) => name.includes('.partial'));

describe.each(toolchains)('smart rendering with $name', ({ env, id }) => {
  let media: Media;
  let binary: Binary;
  beforeAll(async () => {
    media = await createMedia(env);
    binary = (await findBinaries(env)).ffmpeg;
  });
  beforeEach(() => () => expect(partials()).toEqual([]));

  /** A frame with its middle turned to grey noise: what an edit would do. */
  function edited({ index, planes: [luma, ...chroma] }: VideoFrame): VideoFrame {
    const picture = luma.slice();
    for (let i = luma.length / 3; i < luma.length / 2; i++) picture[i] ^= 0x55;
    return { index, planes: [picture, ...chroma] };
  }

  interface Exported {
    readonly sink: FrameSink;
    readonly info: ClipInfo;
    readonly given: readonly number[];
    readonly result: ClipInfo;
    readonly before: readonly VideoFrame[];
    readonly after: readonly VideoFrame[];
  }

  async function exportTo(
    name: string,
    target: string,
    changed: readonly number[],
    settings = usual,
    range?: { startFrame: number; endFrame: number },
  ): Promise<Exported> {
    const whole = await media.openClip(at(name));
    const source = range === undefined ? whole : rangeOfFrames(whole, range);
    const before = await collect(source);
    const sink = await media.openSink(at(target), source.info, settings, undefined, (frame) =>
      changed.includes(frame),
    );
    const given: number[] = [];
    for (const { startFrame, endFrame } of sink.wanted) {
      for (const frame of before.slice(startFrame, endFrame)) {
        given.push(frame.index);
        await sink.write(changed.includes(frame.index) ? edited(frame) : frame);
      }
    }
    await sink.close();
    const output = await media.openClip(at(target));
    const after = await collect(output);
    expect(output.damagedFrames()).toEqual([]);
    return { sink, info: source.info, given, result: output.info, before, after };
  }

  /** What a decoder warns of. */
  const complaints = (path: string): string =>
    spawnSync(binary.path, ['-v', 'warning', '-i', path, '-map', '0:v', '-f', 'null', '-'], {
      encoding: 'utf8',
    }).stderr;

  /** Untouched frames are the source's to the bit, the times are its own, and no decoder says a word. */
  function expectSound(target: string, { info, result, given, before, after }: Exported): void {
    expect(after).toHaveLength(before.length);
    const others = before.map(({ index }) => index).filter((index) => !given.includes(index));
    expect(others.map((index) => fingerprint(after[index]))).toEqual(
      others.map((index) => fingerprint(before[index])),
    );
    if (info.rotation === 0) expect(after.map(readCode)).toEqual(before.map(readCode));
    const tick = result.timeBase.num / result.timeBase.den;
    const shift = result.ptsSec[0] - info.ptsSec[0];
    const times = Array.from(result.ptsSec, (sec, i) => Math.abs(sec - shift - info.ptsSec[i]));
    expect(Math.max(...times)).toBeLessThan(tick);
    expect(result.durationSec).toBeCloseTo(info.durationSec, 3);
    expect(complaints(at(target))).toBe('');
  }

  describe('of B pictures with sound and timecode', () => {
    it.each(changes)('encodes nothing but %s', async (_, changed) => {
      const name = 'sound.mov';
      const target = `out-${id}-${name}`;
      const exported = await exportTo(name, target, changed);
      const touched = new Set(changed.map((frame) => Math.floor(frame / gop)));
      expect(exported.sink.copied).toEqual({ frames: count - gop * touched.size });
      expect(exported.given).toHaveLength(gop * touched.size);
      expectSound(target, exported);
      for (const frame of changed) {
        const [was, is] = [edited(exported.before[frame]), exported.after[frame]];
        const off = Array.from(was.planes[0], (value, i) => Math.abs(value - is.planes[0][i]));
        expect(off.reduce((sum, value) => sum + value, 0) / off.length).toBeLessThan(2);
      }
      expect(soundFingerprint(at(target))).toBe(soundFingerprint(at(name)));
      expect(exported.result.timecode).toEqual(exported.info.timecode);
    });
  });

  it.each([
    ['plain.mp4', usual],
    ['vfr.mp4', usual],
    ['turned.mp4', usual],
    ['mirrored.mp4', usual],
    ['bare.mp4', usual],
    ['baseline.mp4', usual],
    ['intra.mp4', usual],
    ['colour.mp4', usual],
    ['deep.mp4', usual],
    ['hevc.mp4', hevc],
    ['hevc-plain.mp4', hevc],
  ])('copies most of %s', async (name, settings) => {
    const target = `kinds-${id}-${name}`;
    const exported = await exportTo(name, target, [9, 10], settings);
    expect(exported.sink.copied?.reason).toBeUndefined();
    expect(exported.sink.copied?.frames).toBeGreaterThan(exported.before.length - 2 * gop);
    expectSound(target, exported);
    expect(exported.result.colour).toEqual(exported.info.colour);
    expect(exported.result.rotation).toBe(exported.info.rotation);
    expect(exported.result.sampleAspectRatio).toBe(exported.info.sampleAspectRatio);
  });

  it.each([
    ['open.mp4', /groups of pictures are open/, usual],
    ['refresh.mp4', /intra refresh/, usual],
    ['interlaced.mp4', /interlaced/, usual],
    ['one.mp4', /one key picture/, usual],
    ['mixed.mp4', /parameters change in the middle/, usual],
    ['cut.mov', /edit list/, usual],
    ['pieces.mp4', /fragments/, usual],
    ['plain.mkv', /no MP4 or MOV/, usual],
    ['hevc-open.mp4', /groups of pictures are open/, hevc],
  ] as const)('encodes all of %s, and says why: %s', async (name, reason, settings) => {
    const { info } = await media.openClip(at(name));
    const path = at(`refused-${id}.mp4`);
    const sink = await media.openSink(path, info, settings, undefined, (frame) => frame === 9);
    await sink.abort();
    expect(sink.copied).toEqual({ frames: 0, reason: expect.stringMatching(reason) as string });
    expect(sink.wanted).toEqual([{ startFrame: 0, endFrame: info.ptsSec.length }]);
  });

  it.each([
    ['another codec', 'hevc.mp4', usual],
    ['no loss', 'plain.mp4', { ...usual, quality: 'lossless' }],
    ['every frame encoded', 'plain.mp4', { ...usual, reencode: true }],
  ] as const)('copies nothing where %s is chosen, which needs no word', async (_, name, settings) => {
    const { info } = await media.openClip(at(name));
    const sink = await media.openSink(at(`chosen-${id}.mp4`), info, settings, undefined, () => false);
    await sink.abort();
    expect(sink.copied).toBeUndefined();
    expect(sink.wanted).toEqual([{ startFrame: 0, endFrame: info.ptsSec.length }]);
  });

  it('copies the groups that lie in a range, and encodes its ends', async () => {
    const target = `range-${id}.mov`;
    const range = { startFrame: 5, endFrame: 35 };
    const exported = await exportTo('sound.mov', target, [13], usual, range);
    // Frames 5–7, 8–23 (18 is the one that is changed), 32–34.
    expect(exported.sink.copied).toEqual({ frames: 8 + 8 });
    expectSound(target, exported);
    expect(exported.after.map(readCode)).toEqual(Array.from({ length: 30 }, (_, i) => 5 + i));
  });

  it.each([
    ['is damaged', 'plain', 28, (data: Buffer): void => void data.fill(0xaa, 8), /complains of frames .*28/],
    // Its unit becomes one of parameters: found only while it is copied.
    [
      'comes with other parameters',
      'repeated',
      4,
      (data: Buffer): void => void (data[4] = 0x68),
      /parameters change in the middle/,
    ],
  ] as const)('encodes everything where a copied picture %s, and says so', async (...spoilt) => {
    const [, from, picture, spoil, reason] = spoilt;
    const [name, target] = [`spoilt-${from}-${id}.mp4`, `spoilt-out-${from}-${id}.mp4`];
    spoilPictures(at(`${from}.mp4`), at(name), [picture], spoil);
    const source = await media.openClip(at(name));
    const written = await writeClip({
      ...{ media, path: at(target), info: source.info, settings: usual },
      frames: ({ startFrame, endFrame }) => source.frames(startFrame, endFrame),
      changed: (frame) => frame === 18,
      signal: new AbortController().signal,
    });
    const frames = source.info.ptsSec.length;
    expect(written).toMatchObject({ copied: 0, encoded: frames });
    expect(written.reason).toMatch(reason);
    expect(written.warnings.join()).toMatch(/could not be copied .* all of them were encoded anew/);
    const after = await collect(await media.openClip(at(target)));
    expect(after).toHaveLength(frames);
    expect(complaints(at(target))).toBe('');
  });

  it('encodes everything where the encoder refuses to match', async () => {
    const wrapper = at(`refusing-${id}`);
    const script = `case "$*" in *sps-id*) echo "[error] unknown option" >&2; exit 1;; esac\nexec "${binary.path}" "$@"`;
    writeFileSync(wrapper, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const refusing = await createMedia({ ...env, FFMPEG_PATH: wrapper });
    const source = await refusing.openClip(at('plain.mp4'));
    const target = at(`refusing-${id}.mp4`);
    const written = await writeClip({
      ...{ media: refusing, path: target, info: source.info, settings: usual },
      frames: ({ startFrame, endFrame }) => source.frames(startFrame, endFrame),
      changed: (frame) => frame === 18,
      signal: new AbortController().signal,
    });
    expect(written).toMatchObject({ copied: 0, encoded: count });
    expect(written.reason).toMatch(/unknown option/);
    expect((await media.probe(target)).ptsSec).toHaveLength(count);
  });

  it('leaves nothing behind where it is stopped while it is put together', async () => {
    const source = await media.openClip(at('sound.mov'));
    const stop = new AbortController();
    const target = at(`stopped-${id}.mov`);
    const sink = await media.openSink(target, source.info, usual, stop.signal, (frame) => frame === 9);
    for (const { startFrame, endFrame } of sink.wanted)
      for await (const frame of source.frames(startFrame, endFrame)) await sink.write(frame);
    expect(partials()).toHaveLength(1);
    const closed = sink.close();
    stop.abort();
    await expect(closed).rejects.toMatchObject({ code: 'cancelled' });
    await sink.abort();
    expect(existsSync(target)).toBe(false);
  });

  it('copies a stream that repeats its parameters', async () => {
    const target = `repeated-${id}.mp4`;
    const exported = await exportTo('repeated.mp4', target, [20]);
    expect(exported.sink.copied).toEqual({ frames: 24 });
    expectSound(target, exported);
  });

  it('copies everything where nothing is changed', async () => {
    const target = `whole-${id}.mkv`;
    const exported = await exportTo('b-frames.mp4', target, []);
    expect(exported.sink.copied).toEqual({ frames: count });
    expect(exported.given).toEqual([]);
    expectSound(target, exported);
    expect(ffprobe(at(target), '-show_entries', 'stream=codec_name')).toContain('h264');
  });
});
