import { chmodSync, linkSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type {
  ClipInfo,
  EncodeSettings,
  FrameSink,
  FrameSource,
  Media,
  VideoFrame,
} from '../engine/frames.ts';
import { framesPerSecond, timecodeAfter } from '../../src-shared/project/index.ts';
import { rangeOfFrames } from '../engine/scan/clip-range.ts';
import { findBinaries } from './binaries.ts';
import { createMedia } from './index.ts';
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
import { setDisplayMatrix } from './testing/mp4.ts';

const folder = temporaryFolder(afterAll);
const at = (name: string): string => join(folder, name);
const lossless: EncodeSettings = { quality: 'lossless' };
const usual: EncodeSettings = { quality: 'visually-lossless' };
const x264 = ['-c:v', 'libx264', '-bf', '3', '-g', '20'];
const sine = ['-f', 'lavfi', '-i', 'sine=r=44100:d=3'];

/** A clip that was opened, with all of its frames. */
interface ReadClip {
  readonly source: FrameSource;
  readonly frames: readonly VideoFrame[];
}

/** Clips for all tests. */
const madeOnce = ['silent.mp4', 'sound.mp4', 'vfr.mp4'];

const partials = (): string[] => readdirSync(folder).filter((name) => name.includes('.partial'));

beforeAll(() => {
  makeCodedClip(at('silent.mp4'), 40, x264);
  ffmpeg(['-i', at('silent.mp4'), ...sine, '-c:v', 'copy', '-c:a', 'aac', at('sound.mp4')]);
  const select = ['-filter:v', "select='not(eq(mod(n,7),3))*not(between(n,20,31))'", '-vsync', 'vfr'];
  makeCodedClip(at('vfr.mp4'), 60, [...select, ...x264]);
});

describe.each(toolchains)('export with $name', ({ env, id }) => {
  let media: Media;
  beforeAll(async () => {
    media = await createMedia(env);
  });
  beforeEach(() => () => expect(partials()).toEqual([]));

  async function read(name: string): Promise<ReadClip> {
    const source = await media.openClip(at(name));
    return { source, frames: await collect(source) };
  }
  const alreadyRead = new Map<string, Promise<ReadClip>>();
  /** As `read`, once for all tests: of a clip that none of them writes again. */
  function readOnce(name: string): Promise<ReadClip> {
    const clip = alreadyRead.get(name) ?? read(name);
    alreadyRead.set(name, clip);
    return clip;
  }

  /** Writes `frames`, numbered from 0, as the clip `info` to `target`. */
  async function write(
    target: string,
    info: ClipInfo,
    frames: readonly VideoFrame[],
    settings: EncodeSettings,
  ): Promise<FrameSink> {
    const sink = await media.openSink(at(target), info, settings);
    for (const [index, { planes }] of frames.entries()) await sink.write({ index, planes });
    await sink.close();
    return sink;
  }

  async function roundTrip(
    name: string,
    target: string,
    settings = lossless,
  ): Promise<{
    source: FrameSource;
    result: FrameSource;
    before: readonly VideoFrame[];
    after: readonly VideoFrame[];
  }> {
    const { source, frames } = await (madeOnce.includes(name) ? readOnce(name) : read(name));
    await write(target, source.info, frames, settings);
    const { source: result, frames: after } = await read(target);
    return { source, result, before: frames, after };
  }

  const tickSec = ({ timeBase }: ClipInfo): number => timeBase.num / timeBase.den;

  function expectSameTimes(result: ClipInfo, source: ClipInfo): void {
    expect(result.ptsSec.length).toBe(source.ptsSec.length);
    source.ptsSec.forEach((sec, index) => {
      expect(Math.abs(result.ptsSec[index] - sec)).toBeLessThan(tickSec(source) / 2);
    });
  }

  it.each([
    ['sound.mp4', 'sound-out.mp4'],
    ['sound.mp4', 'sound-out.mov'],
    ['vfr.mp4', 'vfr-out.mp4'],
    ['silent.mp4', 'silent-out.m4v'],
  ])('copies %s to %s without loss of a bit or a tick', async (name, target) => {
    const { source, result, before, after } = await roundTrip(name, target);
    expect(after.map(fingerprint)).toEqual(before.map(fingerprint));
    expectSameTimes(result.info, source.info);
    expect(result.info.durationSec).toBeCloseTo(source.info.durationSec, 3);
    expect(result.info.audio.map((track) => track.codec)).toEqual(
      source.info.audio.map((track) => track.codec),
    );
    expect(result.info.frameRate).toBe(source.info.frameRate);
    expect(result.damagedFrames()).toEqual([]);
    if (source.info.audio.length > 0) expect(soundFingerprint(at(target))).toBe(soundFingerprint(at(name)));
  });

  it('writes FFV1 to a lossless MKV, its times to the millisecond', async () => {
    const { source, result, before, after } = await roundTrip('sound.mp4', 'ffv1.mkv');
    expect(result.info.codec).toBe('ffv1');
    expect(after.map(fingerprint)).toEqual(before.map(fingerprint));
    // The delay of AAC has no place before 0 in Matroska: sound and picture move together.
    const moved = result.info.ptsSec[0] - source.info.ptsSec[0];
    expect(moved).toBeCloseTo(1024 / 44100, 2.9);
    expect(result.info.audio[0].startSec).toBeCloseTo(moved - 1024 / 44100, 2.9);
    source.info.ptsSec.forEach((sec, index) => {
      expect(Math.abs(result.info.ptsSec[index] - moved - sec)).toBeLessThan(0.00051);
    });
    expect(soundFingerprint(at('ffv1.mkv'))).toBe(soundFingerprint(at('sound.mp4')));
  });

  it('shows the last picture as long as the source does', async () => {
    const { before, after, source, result } = await roundTrip('vfr.mp4', 'vfr-last.mp4', usual);
    expect(after.map(readCode)).toEqual(before.map(readCode));
    expect(result.info.durationSec).toBeCloseTo(source.info.durationSec, 4);
    // Players go by the edit list.
    const shown = ffmpeg([
      '-i',
      at('vfr-last.mp4'),
      '-f',
      'framecrc',
      '-vsync',
      'passthrough',
      '-',
    ]).toString();
    expect(shown.match(/^0,/gm)).toHaveLength(before.length);
  });

  it('is visually lossless in the usual quality: above 45 dB', async () => {
    const { before, after } = await roundTrip('silent.mp4', 'usual.mp4', usual);
    let squares = 0;
    let samples = 0;
    before.forEach(({ planes: [luma] }, index) => {
      for (let i = 0; i < luma.length; i++) squares += (luma[i] - after[index].planes[0][i]) ** 2;
      samples += luma.length;
    });
    expect(10 * Math.log10((255 ** 2 * samples) / squares)).toBeGreaterThan(45);
  });

  it.each([
    ['yuv420p', 'mp4'],
    ['yuv422p', 'mp4'],
    ['yuv444p', 'mp4'],
    ['yuv420p10le', 'mp4'],
    ['yuv422p10le', 'mp4'],
    ['yuv444p10le', 'mp4'],
    ['yuv420p10le', 'mkv'],
    ['yuvj420p', 'mp4'],
  ])('keeps %s in a lossless %s', async (format, extension) => {
    const pattern = ['-f', 'lavfi', '-i', 'testsrc2=s=64x48:r=25:d=0.4'];
    const codec = format === 'yuvj420p' ? ['-c:v', 'mjpeg', '-q:v', '3'] : ['-c:v', 'ffv1'];
    ffmpeg([...pattern, ...codec, '-pix_fmt', format, at(`${format}.mkv`)]);
    const { source, result, before, after } = await roundTrip(`${format}.mkv`, `${format}-out.${extension}`);
    expect(result.info.pixelFormat).toEqual(source.info.pixelFormat);
    expect(result.info.colour.range).toBe(source.info.colour.range);
    expect(after.map(fingerprint)).toEqual(before.map(fingerprint));
  });

  it.each(['yuv420p', 'yuv420p10le', 'yuv422p'])(
    'stores odd sizes of %s as 4:4:4, chroma repeated',
    async (format) => {
      const pattern = ['-f', 'lavfi', '-i', 'testsrc=s=65x47:r=25:d=0.2'];
      ffmpeg([...pattern, '-c:v', 'ffv1', '-pix_fmt', format, at('odd.mkv')]);
      const { source, result, before, after } = await roundTrip('odd.mkv', `odd-${format}.mp4`);
      const { chromaShiftX, chromaShiftY } = source.info.pixelFormat;
      expect([result.info.width, result.info.height]).toEqual([65, 47]);
      expect(result.info.pixelFormat.name).toBe(format.replace('420', '444').replace('422', '444'));
      expect(before[0].planes[1].length).toBe(33 * (chromaShiftY === 1 ? 24 : 47));
      before.forEach(({ planes }, index) => {
        const stored = after[index].planes;
        expect(Buffer.from(stored[0].buffer).equals(Buffer.from(after[index].planes[0].buffer))).toBe(true);
        expect([...stored[0]]).toEqual([...planes[0]]);
        for (const plane of [1, 2] as const) {
          const expected = Array.from(
            { length: 65 * 47 },
            (_, i) => planes[plane][(Math.floor(i / 65) >> chromaShiftY) * 33 + ((i % 65) >> chromaShiftX)],
          );
          expect([...stored[plane]]).toEqual(expected);
        }
      });
      const sink = await media.openSink(at('warned.mp4'), source.info, lossless);
      expect(sink.warnings).toEqual([expect.stringMatching(/65×47 .*4:4:4/)]);
      await sink.abort();
    },
  );

  it('keeps colour tags and the shape of pixels, and leaves absent tags absent', async () => {
    const tags = [
      '-colorspace',
      'bt709',
      '-color_primaries',
      'bt709',
      '-color_trc',
      'bt709',
      '-color_range',
      'tv',
    ];
    makeCodedClip(at('tagged.mp4'), 5, [...x264, ...tags, '-vf', 'setsar=64/45']);
    const hdr = [
      '-colorspace',
      'bt2020nc',
      '-color_primaries',
      'bt2020',
      '-color_trc',
      'smpte2084',
      '-color_range',
      'tv',
    ];
    makeCodedClip(at('hdr.mkv'), 5, ['-c:v', 'ffv1', '-pix_fmt', 'yuv420p10le', ...hdr]);
    for (const [name, target] of [
      ['tagged.mp4', 'tagged-out.mp4'],
      ['tagged.mp4', 'tagged-out.mkv'],
      ['hdr.mkv', 'hdr-out.mp4'],
      ['silent.mp4', 'untagged.mp4'],
    ]) {
      const { source, result } = await roundTrip(name, target);
      const { chromaLocation: _source, ...before } = source.info.colour.tags;
      const { chromaLocation: _result, ...after } = result.info.colour.tags;
      expect(after).toEqual(before);
      expect(result.info.sampleAspectRatio).toBe(source.info.sampleAspectRatio);
    }
    expect((await media.probe(at('tagged-out.mp4'))).sampleAspectRatio).toBe('64:45');
    expect((await media.probe(at('untagged.mp4'))).colour.tags.space).toBeUndefined();
  });

  it('writes turned clips upright, without asking players to turn them', async () => {
    makeCodedClip(at('phone.mp4'), 6, x264);
    setDisplayMatrix(at('phone.mp4'), [0, 1, -1, 0]);
    const { result, before, after } = await roundTrip('phone.mp4', 'upright.mp4');
    expect(result.info).toMatchObject({ width: 96, height: 160, rotation: 0 });
    expect(after.map(fingerprint)).toEqual(before.map(fingerprint));
  });

  it.each([
    ['late sound', ['-i', 'silent.mp4', '-itsoffset', '0.417', '-i', 'sound.mp4']],
    ['early sound', ['-itsoffset', '0.283', '-i', 'silent.mp4', '-i', 'sound.mp4']],
    ['both late', ['-itsoffset', '0.7', '-i', 'silent.mp4', '-itsoffset', '0.7', '-i', 'sound.mp4']],
    ['edit list', ['-ss', '0.5', '-i', 'silent.mp4', '-ss', '0.5', '-i', 'sound.mp4']],
  ])('keeps the place of the sound: %s', async (name, inputs) => {
    const source = at(`${name}.mp4`);
    const paths = inputs.map((word) => (word.endsWith('.mp4') ? at(word) : word));
    ffmpeg([...paths, '-map', '0:v', '-map', '1:a', '-c', 'copy', source]);
    const { source: before, result } = await roundTrip(`${name}.mp4`, `${name}-out.mp4`);
    const offset = ({ audio, ptsSec }: ClipInfo): number => audio[0].startSec - ptsSec[0];
    expect(Math.abs(offset(result.info) - offset(before.info))).toBeLessThan(0.001);
    const [first, firstBefore] = [result.info.ptsSec[0], before.info.ptsSec[0]];
    expect(Math.abs(first - firstBefore)).toBeLessThan(0.001);
    before.info.ptsSec.forEach((sec, index) => {
      expect(Math.abs(result.info.ptsSec[index] - first - (sec - firstBefore))).toBeLessThan(
        tickSec(before.info) / 2,
      );
    });
    expect(soundFingerprint(at(`${name}-out.mp4`))).toBe(soundFingerprint(source));
    const lastPacket = (path: string): string | undefined =>
      ffprobe(path, '-select_streams', 'a', '-show_entries', 'packet=pts_time').trim().split('\n').at(-1);
    const drift = Number(lastPacket(at(`${name}-out.mp4`))) - Number(lastPacket(source));
    expect(Math.abs(drift)).toBeLessThan(0.001);
  });

  it('starts a broadcast recording at 0, its sound in place', async () => {
    ffmpeg(['-i', at('sound.mp4'), '-c', 'copy', '-output_ts_offset', '95000', at('broadcast.ts')]);
    const { source, result, before, after } = await roundTrip('broadcast.ts', 'broadcast.mp4');
    expect(source.info.startSec).toBeGreaterThan(95000);
    expect(result.info.startSec).toBeCloseTo(0, 2.9);
    expect(after.map(fingerprint)).toEqual(before.map(fingerprint));
    const offset = ({ audio, ptsSec }: ClipInfo): number => audio[0].startSec - ptsSec[0];
    expect(Math.abs(offset(result.info) - offset(source.info))).toBeLessThan(0.001);
    // On the way through MPEG-TS and back the packets only gained and lost their ADTS headers.
    expect(soundFingerprint(at('broadcast.mp4'))).toBe(soundFingerprint(at('sound.mp4')));
  });

  it('copies every track of sound, and what the container cannot hold is refused before the work', async () => {
    const tracks = ['-map', '0:v', '-map', '0:a', '-map', '0:a', '-map', '0:a'];
    const codecs = ['-c:v', 'copy', '-c:a:0', 'copy', '-c:a:1', 'pcm_s16le', '-c:a:2', 'libmp3lame'];
    ffmpeg(['-i', at('sound.mp4'), ...tracks, ...codecs, at('tracks.mov')]);
    const { source, result } = await roundTrip('tracks.mov', 'tracks-out.mov');
    expect(result.info.audio.map((track) => track.codec)).toEqual(['aac', 'pcm_s16le', 'mp3']);
    expect(soundFingerprint(at('tracks-out.mov'))).toBe(soundFingerprint(at('tracks.mov')));
    await expect(media.checkExport(at('tracks-out.mp4'), source.info, usual)).rejects.toMatchObject({
      code: 'sound-not-copyable',
      exitCode: 2,
      message: expect.stringMatching(/pcm_s16le, which MP4 cannot hold/) as string,
      hint: 'Name the output .mov or .mkv.',
    });
  });

  it('asks of players no more than the picture needs', async () => {
    await roundTrip('silent.mp4', 'level.mp4', usual);
    const [profile, level] = ffprobe(
      at('level.mp4'),
      '-select_streams',
      'v',
      '-show_entries',
      'stream=profile,level',
    )
      .trim()
      .split(',');
    expect(profile).toBe('High');
    expect(Number(level)).toBeLessThanOrEqual(20);
    const atoms = readFileSync(at('level.mp4'));
    expect(atoms.indexOf('moov')).toBeLessThan(atoms.indexOf('mdat'));
  });

  it('takes odd names for input and output alike', async () => {
    const name = `a b 'q' "d" 🎬 ö: %03d #1 [x];$(x).mp4`;
    writeFileSync(at(name), readFileSync(at('sound.mp4')));
    const { before, after } = await roundTrip(name, `out ${name}`);
    expect(after.map(fingerprint)).toEqual(before.map(fingerprint));
  });

  describe('an excerpt', () => {
    /** Frames [start, end) of a clip whose file has `count`, as an edit of a range makes them. */
    async function exportPart(name: string, target: string, start: number, end: number): Promise<FrameSink> {
      const { source, frames } = await readOnce(name);
      const { ptsSec, durationSec } = source.info;
      const from = ptsSec[start];
      const to = end === ptsSec.length ? ptsSec[0] + durationSec : ptsSec[end];
      const clip: ClipInfo = {
        ...source.info,
        ptsSec: ptsSec.slice(start, end),
        durationSec: to - from,
        excerpt: {
          ...(start === 0 ? {} : { startSec: from }),
          ...(end === ptsSec.length ? {} : { endSec: to }),
        },
      };
      return write(target, clip, frames.slice(start, end), lossless);
    }
    const soundTimes = (name: string): number[] =>
      ffprobe(at(name), '-select_streams', 'a', '-show_entries', 'packet=pts_time')
        .trim()
        .split('\n')
        .map((line) => Number(line.replace(',', '')));
    const pictures = async (name: string): Promise<string[]> =>
      (await (madeOnce.includes(name) ? readOnce(name) : read(name))).frames.map(fingerprint);

    it.each(['mp4', 'mov', 'mkv'])(
      'starts at 0, with the packets of sound that start in it: %s',
      async (kind) => {
        const sink = await exportPart('sound.mp4', `part.${kind}`, 12, 30);
        expect(await pictures(`part.${kind}`)).toEqual((await pictures('sound.mp4')).slice(12, 30));
        const { ptsSec, durationSec } = await media.probe(at(`part.${kind}`));
        ptsSec.forEach((sec, index) => expect(Math.abs(sec - index / 25)).toBeLessThan(0.001));
        expect(durationSec).toBeCloseTo(18 / 25, 2);
        const expected = soundTimes('sound.mp4')
          .filter((sec) => sec >= 12 / 25 && sec < 30 / 25)
          .map((sec) => sec - 12 / 25);
        const times = soundTimes(`part.${kind}`);
        expect(times).toHaveLength(expected.length);
        // Matroska's clock ticks in milliseconds, as do the edit lists of old versions; a packet lasts 23 of them.
        times.forEach((sec, index) => expect(Math.abs(sec - expected[index])).toBeLessThan(0.001));
        expect(sink.warnings.join()).toMatch(/Sound is copied in whole packets/);
      },
    );

    it('keeps the head of the sound where it starts with the clip, and its tail where it ends so', async () => {
      await exportPart('sound.mp4', 'head.mp4', 0, 20);
      await exportPart('sound.mp4', 'tail.mp4', 20, 40);
      const whole = soundTimes('sound.mp4');
      expect(soundTimes('head.mp4')[0]).toBe(whole[0]);
      expect(soundTimes('head.mp4')).toHaveLength(whole.filter((sec) => sec < 20 / 25).length);
      expect(soundTimes('tail.mp4')).toHaveLength(whole.filter((sec) => sec >= 20 / 25).length);
    });

    it.each([
      ['late', ['-i', 'silent.mp4', '-itsoffset', '0.417', '-i', 'sound.mp4']],
      ['hidden', ['-ss', '0.5', '-i', 'silent.mp4', '-ss', '0.5', '-i', 'sound.mp4']],
      ['early', ['-itsoffset', '0.283', '-i', 'silent.mp4', '-i', 'sound.mp4']],
    ])(
      'keeps the place of sound that starts late or early, or has an edit list: %s',
      async (name, inputs) => {
        const source = `part-${name}-${id}.mp4`;
        const paths = inputs.map((word) => (word.endsWith('.mp4') ? at(word) : word));
        ffmpeg([...paths, '-map', '0:v', '-map', '1:a', '-c', 'copy', at(source)]);
        const { ptsSec, durationSec } = (await readOnce(source)).source.info;
        const whole = soundTimes(source);
        for (const [start, end] of [
          [0, 14],
          [7, 20],
          [9, ptsSec.length],
        ]) {
          for (const kind of ['mp4', 'mov']) {
            await exportPart(source, `part-of.${kind}`, start, end);
            const part = await media.probe(at(`part-of.${kind}`));
            const to = end === ptsSec.length ? Infinity : ptsSec[end];
            const origin = start === 0 ? 0 : ptsSec[start];
            const expected = whole
              .filter((sec) => (start === 0 || sec >= origin) && sec < to)
              .map((sec) => sec - origin);
            const found = soundTimes(`part-of.${kind}`);
            expect(found).toHaveLength(expected.length);
            found.forEach((sec, index) => expect(Math.abs(sec - expected[index])).toBeLessThan(0.001));
            const endSec = end === ptsSec.length ? ptsSec[0] + durationSec : ptsSec[end];
            // An edit list that cuts a picture in half leaves it open how long the last one is: half of 40 ms.
            expect(Math.abs(part.durationSec - (endSec - ptsSec[start]))).toBeLessThan(0.021);
            expect(Math.abs(part.ptsSec[0] - (ptsSec[start] - origin))).toBeLessThan(0.001);
          }
        }
      },
    );

    it('keeps the times of a variable rate', async () => {
      const sink = await exportPart('vfr.mp4', 'vfr-part.mp4', 10, 30);
      const whole = await media.probe(at('vfr.mp4'));
      const part = await media.probe(at('vfr-part.mp4'));
      const expected = whole.ptsSec.slice(10, 30).map((sec) => sec - whole.ptsSec[10]);
      expected.forEach((sec, index) => expect(Math.abs(part.ptsSec[index] - sec)).toBeLessThan(0.001));
      expect(sink.warnings).toEqual([]);
    });

    it('has no sound where the clip’s is over', async () => {
      ffmpeg([
        '-i',
        at('silent.mp4'),
        ...sine,
        '-t',
        '1.6',
        '-c:v',
        'copy',
        '-af',
        'atrim=end=0.5',
        at('short-sound.mp4'),
      ]);
      await exportPart('short-sound.mp4', 'quiet.mp4', 25, 35);
      expect(await pictures('quiet.mp4')).toEqual((await pictures('short-sound.mp4')).slice(25, 35));
      expect((await media.probe(at('quiet.mp4'))).audio).toEqual([]);
    });
  });

  describe('timecode', () => {
    /** Its track's mark, rate and first frame; empty where there is none. */
    const written = (name: string): string => {
      const show = 'stream=codec_tag_string,avg_frame_rate:stream_tags=timecode';
      const [mark, rate, start] = ffprobe(at(name), '-select_streams', 'd', '-show_entries', show)
        .trim()
        .split(',');
      return mark === '' ? '' : [mark, framesPerSecond(rate).toFixed(3), start].join();
    };
    /** Frames [start, end) of a clip, as an export of a range writes them. */
    async function exportRange(
      name: string,
      target: string,
      startFrame: number,
      endFrame: number,
    ): Promise<ClipInfo> {
      const { source, frames } = await readOnce(name);
      const { info } = rangeOfFrames(source, { startFrame, endFrame });
      await write(target, info, frames.slice(startFrame, endFrame), usual);
      return source.info;
    }

    it.each([
      ['24000/1001', '01:00:00:00', 30, '01:00:01:06'],
      ['24', '09:59:59:20', 5, '10:00:00:01'],
      ['25', '10:00:00:00', 26, '10:00:01:01'],
      ['30000/1001', '00:00:59:20', 12, '00:01:00:02'],
      ['30000/1001', '00:00:59;20', 12, '00:01:00;04'],
      ['30', '23:59:59:00', 31, '00:00:00:01'],
      ['50', '01:00:00:00', 33, '01:00:00:33'],
      ['60000/1001', '00:08:59;50', 12, '00:09:00;06'],
      ['60000/1001', '00:08:59:50', 12, '00:09:00:02'],
      ['60', '01:00:00:00', 61, '01:00:01:01'],
    ])('of a range at %s from %s, frame %d: %s', async (rate, start, first, expected) => {
      const clip = `tc-${rate.replace('/', '-')}-${start.replace(/:/g, '').replace(';', 'd')}.mov`;
      const pattern = ['-f', 'lavfi', '-i', `testsrc=s=64x48:r=${rate}:d=2`, ...x264];
      ffmpeg([...pattern, '-timecode', start, at(clip)]);
      for (const kind of ['mov', 'mp4']) {
        const { timecode } = await exportRange(clip, `tc-out.${kind}`, first, first + 4);
        expect(timecode?.start).toBe(start);
        const perSecond = framesPerSecond(rate);
        expect(written(`tc-out.${kind}`)).toBe(`tmcd,${perSecond.toFixed(3)},${expected}`);
        const read = (await media.probe(at(`tc-out.${kind}`))).timecode;
        expect(read?.start).toBe(expected);
        expect(framesPerSecond(read?.frameRate ?? '')).toBeCloseTo(perSecond, 9);
      }
      await exportRange(clip, 'tc-out.mkv', first, first + 4);
      expect((await media.probe(at('tc-out.mkv'))).timecode?.start).toBe(expected);
      // The whole clip has it as it is.
      await exportRange(clip, 'tc-whole.mov', 0, (await readOnce(clip)).frames.length);
      expect(written('tc-whole.mov')).toContain(`,${start}`);
    });

    it('of a variable rate goes by the clock', async () => {
      const select = ['-filter:v', "select='not(eq(mod(n,7),3))*not(between(n,20,31))'", '-vsync', 'vfr'];
      makeCodedClip(at('tc-vfr.mov'), 60, [...select, ...x264, '-timecode', '01:00:00:00']);
      const info = await media.probe(at('tc-vfr.mov'));
      expect(info.variableFrameRate).toBe(true);
      const after = Math.round(
        (info.ptsSec[10] - info.ptsSec[0]) * framesPerSecond(info.timecode?.frameRate ?? ''),
      );
      expect(after).not.toBe(10);
      await exportRange('tc-vfr.mov', 'tc-vfr-out.mov', 10, 30);
      const { timecode } = await media.probe(at('tc-vfr-out.mov'));
      expect(timecode?.start).toBe(timecodeAfter('01:00:00:00', after, info.timecode?.frameRate ?? ''));
    });

    it('of the tag of a whole file moves with the range too, and none stays none', async () => {
      ffmpeg(['-i', at('silent.mp4'), '-c', 'copy', '-metadata', 'TIMECODE=02:00:00:00', at('tagged.mkv')]);
      await exportRange('tagged.mkv', 'tagged.mov', 10, 20);
      expect(written('tagged.mov')).toBe('tmcd,25.000,02:00:00:10');
      await exportRange('silent.mp4', 'untold.mov', 10, 20);
      expect(written('untold.mov')).toBe('');
    });
  });

  describe('fails cleanly', () => {
    let clip: ClipInfo;
    let frames: VideoFrame[];
    beforeAll(async () => {
      const source = await media.openClip(at('sound.mp4'));
      clip = source.info;
      frames = await collect(source);
    });

    it.each([
      ['missing/out.mp4', 'output-folder', /the folder does not exist/],
      ['silent.mp4/out.mp4', 'output-folder', /is a file, not a folder/],
      ['out.gif', 'output-format', /of no kind/],
      ['sound.mp4', 'output-is-input', /is the clip itself/],
      ['', 'output-format', /of no kind/],
    ])('on the output "%s"', async (target, code, says) => {
      const before = readFileSync(at('sound.mp4'));
      await expect(media.openSink(at(target), clip, usual)).rejects.toMatchObject({
        code,
        exitCode: 2,
        message: expect.stringMatching(says) as string,
      });
      expect(readFileSync(at('sound.mp4')).equals(before)).toBe(true);
    });

    it('on an output that is the clip under another name', async () => {
      const linked = at(`linked-${id}.mp4`);
      linkSync(at('sound.mp4'), linked);
      await expect(media.openSink(linked, clip, usual)).rejects.toMatchObject({ code: 'output-is-input' });
    });

    it('when it is aborted, at any time', async () => {
      writeFileSync(at('older.mp4'), 'an older result');
      const sink = await media.openSink(at('older.mp4'), clip, usual);
      for (const frame of frames.slice(0, 10)) await sink.write(frame);
      expect(partials()).toHaveLength(1);
      expect(join(folder, partials()[0])).toBe(sink.partialPath);
      await sink.abort();
      await sink.abort();
      expect(partials()).toEqual([]);
      expect(readFileSync(at('older.mp4'), 'utf8')).toBe('an older result');
      await expect(sink.write(frames[10])).rejects.toThrow(/aborted/);
    });

    it('when the signal aborts', async () => {
      const abort = new AbortController();
      const sink = await media.openSink(at('signalled.mp4'), clip, usual, abort.signal);
      await sink.write(frames[0]);
      abort.abort();
      await expect(sink.write(frames[1])).rejects.toMatchObject({ code: 'cancelled' });
      await sink.abort();
      expect(readdirSync(folder)).not.toContain('signalled.mp4');
    });

    it('when the disk is full, keeping an older result', async () => {
      // A limit on the size of files does to the encoder what a full disk does, and needs none.
      const binaries = await findBinaries(env);
      const wrapper = (name: string, onLimit: string): string => {
        writeFileSync(
          at(name),
          `#!/bin/bash\n${onLimit}\nulimit -f 8\nexec '${binaries.ffmpeg.path}' "$@"\n`,
        );
        chmodSync(at(name), 0o755);
        return at(name);
      };
      const told = wrapper('told.sh', "trap '' XFSZ");
      const killed = wrapper('killed.sh', ':');
      for (const path of [told, killed]) {
        const limited = await createMedia({ ...env, FFMPEG_PATH: path });
        writeFileSync(at('older.mp4'), 'an older result');
        const export_ = async (): Promise<void> => {
          const sink = await limited.openSink(at('older.mp4'), clip, lossless);
          for (const frame of frames) await sink.write(frame);
          await sink.close();
        };
        await expect(export_()).rejects.toMatchObject({ code: 'disk-full', exitCode: 1 });
        expect(readFileSync(at('older.mp4'), 'utf8')).toBe('an older result');
        expect(partials()).toEqual([]);
      }
    });

    it('when the encoder dies', async () => {
      const { ffmpeg: real } = await findBinaries(env);
      const script = `#!/bin/bash\ncase "$*" in *libx264*) exit 3;; esac\nexec '${real.path}' "$@"\n`;
      writeFileSync(at('dying.sh'), script);
      chmodSync(at('dying.sh'), 0o755);
      const dying = await createMedia({ ...env, FFMPEG_PATH: at('dying.sh') });
      const sink = await dying.openSink(at('never.mp4'), clip, usual);
      const writeAll = async (): Promise<void> => {
        for (const frame of frames) await sink.write(frame);
        await sink.close();
      };
      await expect(writeAll()).rejects.toMatchObject({ code: 'ffmpeg-failed', exitCode: 1 });
      expect(readdirSync(folder)).not.toContain('never.mp4');
    });

    it('and removes what killed runs left, but not what others are writing', async () => {
      writeFileSync(at('.out.mp4.partial-99999999-1.mp4'), 'left by a killed run');
      writeFileSync(at(`.out.mp4.partial-${process.ppid}-1.mp4`), 'another run’s');
      const sink = await media.openSink(at('out.mp4'), clip, usual);
      await sink.abort();
      expect(partials()).toEqual([`.out.mp4.partial-${process.ppid}-1.mp4`]);
      writeFileSync(at(`.out.mp4.partial-99999999-1.mp4`), '');
      const { rmSync } = await import('node:fs');
      for (const name of partials()) rmSync(at(name));
    });

    it('on frames out of order', async () => {
      const sink = await media.openSink(at('order.mp4'), clip, usual);
      await sink.write(frames[3]);
      await expect(sink.write(frames[3])).rejects.toThrow(/frame 3 after frame 3/);
      await sink.abort();
    });
  });
});
