import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Media } from '../engine/frames.ts';
import { findBinaries } from './binaries.ts';
import { createMedia } from './index.ts';
import { ffmpeg, ffprobe, makeCodedClip, temporaryFolder, toolchains } from './testing/clips.ts';

const folder = temporaryFolder(afterAll);
const at = (name: string): string => join(folder, name);
const x264 = ['-c:v', 'libx264'];

/** A clip of a moving test picture. */
function picture(name: string, size: string, args: readonly string[], seconds = '0.4'): string {
  ffmpeg(['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=25`, ...args, '-t', seconds, at(name)]);
  return at(name);
}

describe.each(toolchains)('probe with $name', ({ env }) => {
  let media: Media;
  beforeAll(async () => {
    media = await createMedia(env);
  });

  it('describes a plain clip', async () => {
    const sound = ['-f', 'lavfi', '-i', 'sine=r=48000:d=0.4', '-c:a', 'aac', '-ac', '2'];
    const path = picture('plain.mp4', '320x240', [...sound, '-vf', 'setsar=16/15', ...x264, '-bf', '2']);
    const info = await media.probe(path);
    expect(info).toMatchObject({
      path,
      codec: 'h264',
      width: 320,
      height: 240,
      rotation: 0,
      sampleAspectRatio: '16:15',
      pixelFormat: { name: 'yuv420p', bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 },
      timeBase: { num: 1, den: 12800 },
      startSec: 0,
      frameRate: '25/1',
      variableFrameRate: false,
      audio: [{ index: 1, codec: 'aac', channels: 2, sampleRate: 48000, startSec: 0 }],
      warnings: [],
    });
    expect(info.container).toContain('mp4');
    expect([...info.ptsSec]).toEqual(Array.from({ length: 10 }, (_, frame) => (frame * 512) / 12800));
    expect(info.durationSec).toBeCloseTo(0.4, 9);
  });

  it('lists the same times as decoding does', async () => {
    for (const [name, args] of [
      [
        'times.mp4',
        ['-bf', '3', '-g', '12', '-vf', "select='mod(n,5)'", '-vsync', 'vfr', '-output_ts_offset', '3'],
      ],
      ['times.mkv', ['-bf', '3', '-vf', 'fps=30000/1001']],
      ['times.ts', ['-bf', '3', '-g', '12']],
    ] as const) {
      const info = await media.probe(picture(name, '64x48', [...x264, ...args], '2'));
      const decoded = ffprobe(
        at(name),
        '-select_streams',
        'v',
        '-show_entries',
        'frame=best_effort_timestamp',
      );
      const ticks = decoded.match(/^\d+/gm)?.map(Number) ?? [];
      expect(ticks.length).toBeGreaterThan(35);
      const sec = ticks.map((tick) => (tick * info.timeBase.num) / info.timeBase.den);
      expect([...info.ptsSec]).toEqual(sec);
    }
  });

  it('tells variable from constant rates, also where times are rounded to milliseconds', async () => {
    const ntsc = await media.probe(picture('ntsc.mkv', '64x48', [...x264, '-vf', 'fps=30000/1001'], '3'));
    expect([ntsc.variableFrameRate, ntsc.frameRate]).toEqual([false, '30000/1001']);
    const select = ['-vf', "select='mod(n,3)'", '-vsync', 'vfr'];
    const variable = await media.probe(picture('vfr.mkv', '64x48', [...x264, ...select], '3'));
    expect(variable.variableFrameRate).toBe(true);
    const [num, den] = variable.frameRate.split('/').map(Number);
    expect(num / den).toBeCloseTo(
      (variable.ptsSec.length - 1) / (variable.ptsSec.at(-1)! - variable.ptsSec[0]),
      0,
    );
  });

  it.each([
    [
      '-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv',
      '720x480',
      'bt709',
      'limited',
      false,
    ],
    [
      '-colorspace smpte170m -color_primaries smpte170m -color_trc bt709 -color_range tv',
      '1280x720',
      'bt601',
      'limited',
      false,
    ],
    ['-colorspace bt470bg -color_range pc', '320x240', 'bt601', 'full', false],
    [
      '-colorspace bt2020nc -color_primaries bt2020 -color_trc smpte2084 -color_range tv',
      '64x48',
      'bt2020',
      'limited',
      false,
    ],
    ['', '720x576', 'bt601', 'limited', true],
    ['', '1280x720', 'bt709', 'limited', true],
    ['', '704x584', 'bt709', 'limited', true],
  ] as const)('reads the colour of "%s" at %s as %s %s', async (tags, size, matrix, range, assumed) => {
    const args = [...x264, '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', ...tags.split(' ').filter(Boolean)];
    const info = await media.probe(picture('colour.mp4', size, args, '0.08'));
    expect(info.colour).toMatchObject({ matrix, range, assumed });
    const stated = Object.fromEntries(
      [...tags.matchAll(/-color_?(\w+) (\S+)/g)].map(([, key, value]) => [key, value]),
    );
    expect(info.colour.tags).toMatchObject({
      ...(stated['space'] ? { space: stated['space'] } : {}),
      ...(stated['primaries'] ? { primaries: stated['primaries'] } : {}),
      ...(stated['trc'] ? { transfer: stated['trc'] } : {}),
      ...(stated['range'] ? { range: stated['range'] } : {}),
    });
    expect(info.colour.tags.space).toBe(stated['space']);
    expect(info.warnings).toEqual(tags.includes('smpte2084') ? [expect.stringMatching(/^HDR \(PQ\)/)] : []);
  });

  it.each([
    ['yuvj420p', 'yuv420p', 'full', []],
    ['yuv422p10le', 'yuv422p10le', 'limited', []],
    ['yuv444p', 'yuv444p', 'limited', []],
    ['yuv411p', 'yuv444p', 'limited', [/yuv411p is converted to yuv444p/]],
    ['yuva420p', 'yuv420p', 'limited', [/transparency/]],
    ['yuv420p12le', 'yuv420p10le', 'limited', [/12-bit samples are reduced to 10 bits/, /converted/]],
    ['bgr0', 'yuv444p', 'limited', [/RGB pictures are converted to yuv444p, BT\.601/]],
    ['gbrp10le', 'yuv444p10le', 'limited', [/RGB/]],
    ['gray', 'yuv420p', 'full', []],
    ['gray10le', 'yuv420p10le', 'full', []],
  ] as const)('takes %s for %s, %s range', async (source, decoded, range, warnings) => {
    const codec = source === 'yuvj420p' ? 'mjpeg' : 'ffv1';
    const info = await media.probe(picture(`${source}.mkv`, '64x48', ['-c:v', codec, '-pix_fmt', source]));
    expect(info.pixelFormat.name).toBe(decoded);
    expect(info.sourcePixelFormat).toBe(source);
    expect(info.colour.range).toBe(range);
    expect(info.warnings).toEqual(warnings.map((warning) => expect.stringMatching(warning) as string));
  });

  it('warns of interlace, and of tracks that are not exported', async () => {
    const interlaced = picture('interlaced.mp4', '64x48', [
      ...x264,
      '-flags',
      '+ildct+ilme',
      '-vf',
      'setfield=tff',
    ]);
    expect((await media.probe(interlaced)).warnings).toEqual([expect.stringMatching(/interlaced/)]);
    writeFileSync(at('words.srt'), '1\n00:00:00,000 --> 00:00:00,200\nHello\n');
    const inputs = ['-i', at('interlaced.mp4'), '-i', at('words.srt'), '-i', at('gray.mkv')];
    ffmpeg([...inputs, '-map', '2:v', '-map', '0:v', '-map', '1', '-c:v', 'copy', at('tracks.mkv')]);
    const info = await media.probe(at('tracks.mkv'));
    expect(info.codec).toBe('ffv1');
    expect(info.warnings).toEqual([
      'The clip has 2 video tracks; track 0 is edited.',
      'Subtitle tracks are not exported.',
    ]);
  });

  it('takes the picture track, not the cover', async () => {
    ffmpeg(['-f', 'lavfi', '-i', 'color=s=32x32', '-frames:v', '1', at('cover.png')]);
    const inputs = ['-i', at('cover.png'), '-i', picture('film.mp4', '64x48', x264)];
    ffmpeg([
      ...inputs,
      '-map',
      '0',
      '-map',
      '1',
      '-c',
      'copy',
      '-disposition:v:0',
      'attached_pic',
      at('covered.mp4'),
    ]);
    expect(await media.probe(at('covered.mp4'))).toMatchObject({ width: 64, height: 48, warnings: [] });
  });

  it('refuses what is no clip, and says why', async () => {
    mkdirSync(at('folder'), { recursive: true });
    writeFileSync(at('empty.mp4'), '');
    writeFileSync(at('text.mp4'), 'this is a shopping list, not a video\n'.repeat(100));
    writeFileSync(at('text.txt'), 'eggs, milk\n'.repeat(1000));
    ffmpeg(['-f', 'lavfi', '-i', 'sine=d=0.2', '-c:a', 'aac', at('sound.m4a')]);
    const whole = readFileSync(makeCodedClip(at('whole.mp4'), 20, x264));
    writeFileSync(at('no-index.mp4'), whole.subarray(0, Math.floor(whole.length / 2)));
    const wiped = Buffer.from(whole);
    const data = wiped.indexOf('mdat', 0, 'latin1') + 4;
    wiped.fill(0, data, data + wiped.readUInt32BE(data - 8) - 8);
    writeFileSync(at('wiped.mp4'), wiped);
    ffmpeg(['-i', at('whole.mp4'), '-c', 'copy', '-f', 'h264', at('bare.h264')]);
    for (const [name, code, says] of [
      ['nowhere.mp4', 'file-not-found', /no clip at .*nowhere\.mp4/],
      ['folder', 'not-a-file', /is a folder/],
      ['empty.mp4', 'file-empty', /0 bytes/],
      ['text.mp4', 'not-a-video', /text\.mp4 is not a video/],
      ['text.txt', 'not-a-video', /text\.txt is not a video/],
      ['sound.m4a', 'no-video', /only audio/],
      ['no-index.mp4', 'not-a-video', /moov atom not found/],
      ['wiped.mp4', 'no-decodable-frame', /No picture of .*wiped\.mp4/],
      ['bare.h264', 'no-frames', /time stamp/],
    ] as const) {
      await expect(media.probe(at(name)), name).rejects.toMatchObject({
        code,
        exitCode: 2,
        message: expect.stringMatching(says) as string,
        hint: expect.stringMatching(/\w{3}.*\.$|clip\.mp4$/) as string,
      });
    }
  });

  it('asks once of a file that has not changed, whatever its name, and again of one that has', async () => {
    const { ffprobe: real } = await findBinaries(env);
    const runs = at('runs.txt');
    writeFileSync(at('counting.sh'), `#!/bin/bash\necho run >> '${runs}'\nexec '${real.path}' "$@"\n`);
    chmodSync(at('counting.sh'), 0o755);
    const counted = await createMedia({ ...env, FFPROBE_PATH: at('counting.sh') });
    const starts = (): number => readFileSync(runs, 'utf8').split('\n').length;
    const info = await counted.probe(makeCodedClip(at('before.mp4'), 10, x264));
    const before = starts();
    renameSync(at('before.mp4'), at('after.mp4'));
    expect(await counted.probe(at('after.mp4'))).toEqual({ ...info, path: at('after.mp4') });
    expect(starts()).toBe(before);
    makeCodedClip(at('after.mp4'), 12, x264);
    expect((await counted.probe(at('after.mp4'))).ptsSec).toHaveLength(12);
    expect(starts()).toBeGreaterThan(before);
  });

  it('can be cancelled', async () => {
    const abort = new AbortController();
    abort.abort();
    await expect(media.probe(at('film.mp4'), abort.signal)).rejects.toMatchObject({ code: 'cancelled' });
  });
});
