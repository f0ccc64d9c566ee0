import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPreviewMedia, type PreviewMedia } from './index.ts';
import { ffmpeg, makeCodedClip, temporaryFolder, toolchains } from './testing/clips.ts';
import { addSound, level } from './testing/sound.ts';

const folder = temporaryFolder(afterAll);
const at = (name: string): string => join(folder, name);
const pcm = ['-c:a', 'pcm_s16le'];

beforeAll(() => {
  // 4 s, the first picture at 0.
  makeCodedClip(at('silent.mp4'), 100, ['-c:v', 'libx264', '-bf', '0', '-g', '50']);
});

/** Points [from, to) at `value`, the others of `length` at 0. */
const block = (length: number, from: number, to: number, value: number): number[] =>
  Array.from({ length }, (_, point) => (point >= from && point < to ? value : 0));

/** Mono samples at `sampleRate` of a sound file, as the maker's ffmpeg decodes them. */
function samplesOf(path: string): Int16Array {
  const bytes = ffmpeg(['-i', path, '-map', '0:a', '-f', 's16le', 'pipe:1']);
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

describe.each(toolchains)('peaks with $name', ({ env }) => {
  let media: PreviewMedia;
  beforeAll(async () => {
    media = await createPreviewMedia(env);
  });

  it.each([
    { name: 'together', delays: {}, from: 100 },
    { name: 'late sound', delays: { soundDelaySec: 0.7 }, from: 170 },
    { name: 'late pictures', delays: { pictureDelaySec: 0.7 }, from: 30 },
    { name: 'both late', delays: { pictureDelaySec: 1.5, soundDelaySec: 1.2 }, from: 70 },
  ])('stand where the pictures are: $name', async ({ name, delays, from }) => {
    addSound(at('silent.mp4'), at(`${name}.mkv`), [level(-0.5, 1, 1.1)], pcm, delays);
    const { min, max, pointsPerSec } = await media.peaks(at(`${name}.mkv`), 100);
    expect(pointsPerSec).toBe(100);
    expect([...min]).toEqual(block(400, from, from + 10, -63));
    // The points' edges are the level's.
    expect([...max]).toEqual(block(400, from, from + 10, -63));
  });

  it('stand where the pictures are in an MP4 with encoder delay', async () => {
    const aac = ['-c:a', 'aac', '-b:a', '192k'];
    addSound(at('silent.mp4'), at('aac.mp4'), [level(0.5, 1, 1.1)], aac, { soundDelaySec: 0.7 });
    const { max } = await media.peaks(at('aac.mp4'), 100);
    const loud = [...max.keys()].filter((point) => max[point] > 40);
    expect(loud[0]).toBeGreaterThanOrEqual(169);
    expect(loud[0]).toBeLessThanOrEqual(170);
    expect(loud.at(-1)).toBeGreaterThanOrEqual(179);
    expect(loud.at(-1)).toBeLessThanOrEqual(180);
  });

  it('keep their place behind a gap in the sound', async () => {
    // Matroska's times are rounded to the millisecond: the level's edges are not the points'.
    addSound(at('silent.mp4'), at('whole.mkv'), [level(0.5, 3.005, 3.095)], pcm);
    const gap = "aselect='not(between(t,1,2))'";
    ffmpeg(['-i', at('whole.mkv'), '-c:v', 'copy', '-filter:a', gap, ...pcm, at('gap.mkv')]);
    const { max } = await media.peaks(at('gap.mkv'), 100);
    expect([...max]).toEqual(block(400, 300, 310, 64));
  });

  it('are of the channels’ mean', async () => {
    const channels = [level(1, 1, 2), level(0.5, 1, 3)];
    addSound(at('silent.mp4'), at('stereo.mkv'), channels, [...pcm, '-ac', '2']);
    const { max } = await media.peaks(at('stereo.mkv'), 1);
    expect([...max]).toEqual([0, 95, 32, 0]);
  });

  it('are of the first track only', async () => {
    addSound(at('silent.mp4'), at('one.mkv'), [level(0.5, 1, 2)], pcm);
    addSound(at('silent.mp4'), at('two.mkv'), [level(1, 2, 3)], pcm);
    const both = ['-map', '0:v', '-map', '0:a', '-map', '1:a', '-c', 'copy'];
    ffmpeg(['-i', at('one.mkv'), '-i', at('two.mkv'), ...both, at('tracks.mkv')]);
    expect([...(await media.peaks(at('tracks.mkv'), 1)).max]).toEqual([0, 64, 0, 0]);
  });

  it.each([
    [44_100, 70.3],
    [48_000, 25],
    [8000, 8000],
  ])('are the extremes of the samples: %i Hz, %d points a second', async (sampleRate, pointsPerSec) => {
    const seed = 7;
    const noise = [`(random(${seed})*2-1)*sin(t*3)*0.9`];
    addSound(at('silent.mp4'), at('noise.mov'), noise, pcm, { sampleRate });
    const samples = samplesOf(at('noise.mov'));
    expect(samples.length).toBe(4 * sampleRate);
    const { min, max } = await media.peaks(at('noise.mov'), pointsPerSec);
    const points = Math.ceil(4 * pointsPerSec);
    const low = Array<number>(points).fill(Infinity);
    const high = Array<number>(points).fill(-Infinity);
    samples.forEach((sample, index) => {
      const point = Math.floor((index * pointsPerSec) / sampleRate);
      low[point] = Math.min(low[point], Math.round((sample * 127) / 32768));
      high[point] = Math.max(high[point], Math.round((sample * 127) / 32768));
    });
    expect(Math.max(...high)).toBeGreaterThan(100);
    expect([...min]).toEqual(low.map((value) => value + 0));
    expect([...max]).toEqual(high.map((value) => value + 0));
  });

  it('are silent where the sound ends before the pictures', async () => {
    addSound(at('silent.mp4'), at('short.mkv'), [level(0.5, 0, 9)], pcm, { durationSec: 1.5 });
    expect([...(await media.peaks(at('short.mkv'), 10)).max]).toEqual(block(40, 0, 15, 64));
  });

  it('are none without sound', async () => {
    const { min, max } = await media.peaks(at('silent.mp4'), 100);
    expect([min.length, max.length]).toEqual([0, 0]);
  });

  it('refuse a density that no track has, and end when they are cancelled', async () => {
    addSound(at('silent.mp4'), at('plain.mkv'), [level(0.5, 1, 2)], pcm);
    await expect(media.peaks(at('plain.mkv'), 0)).rejects.toThrow(RangeError);
    await expect(media.peaks(at('plain.mkv'), 48_001)).rejects.toThrow(RangeError);
    const abort = new AbortController();
    const reading = media.peaks(at('plain.mkv'), 10, abort.signal);
    abort.abort();
    await expect(reading).rejects.toMatchObject({ code: 'cancelled', exitCode: 130 });
    expect(() => execFileSync('pgrep', ['-P', String(process.pid), 'ffmpeg'])).toThrow();
  });
});
