import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPreviewMedia, type PreviewMedia } from './index.ts';
import { ffmpeg, ffprobe, makeCodedClip, temporaryFolder, toolchains } from './testing/clips.ts';
import { addSound, level } from './testing/sound.ts';

const folder = temporaryFolder(afterAll);
const at = (name: string): string => join(folder, name);
const pcm = ['-c:a', 'pcm_s16le'];
/** A tone of one second from second 1 on. */
const tone = `${level(0.5, 1, 2)}*sin(2*PI*1000*t)`;

beforeAll(() => {
  makeCodedClip(at('silent.mp4'), 100, ['-c:v', 'libx264', '-bf', '0', '-g', '50']);
});

/** The seconds between which the file is louder than a quarter of full scale. */
function loudPart(path: string): [number, number] {
  const bytes = ffmpeg(['-i', path, '-ac', '1', '-ar', '48000', '-f', 's16le', 'pipe:1']);
  const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const loud = (sample: number): boolean => Math.abs(sample) > 8192;
  return [samples.findIndex(loud) / 48_000, samples.findLastIndex(loud) / 48_000];
}

describe.each(toolchains)('sound to play with $name', ({ name: toolchain, env }) => {
  let media: PreviewMedia;
  let out: string;
  beforeAll(async () => {
    media = await createPreviewMedia(env);
    out = at(toolchain);
    mkdirSync(out);
  });

  it.each([
    { name: 'together', delays: {}, from: 1 },
    { name: 'late sound', delays: { soundDelaySec: 0.7 }, from: 1.7 },
    { name: 'late pictures', delays: { pictureDelaySec: 0.7 }, from: 0.3 },
    { name: 'short sound', delays: { durationSec: 2.5 }, from: 1 },
    { name: 'long sound', delays: { durationSec: 9 }, from: 1 },
  ])('is in step with the pictures: $name', async ({ name, delays, from }) => {
    addSound(at('silent.mp4'), at(`${name}.mkv`), [tone], pcm, delays);
    const path = join(out, `${name}.m4a`);
    expect(await media.writeAudio(at(`${name}.mkv`), path)).toBe(true);
    const [start, end] = loudPart(path);
    // A millisecond is the tone's period; the encoder's delay would be 21 ms.
    expect(Math.abs(start - from)).toBeLessThan(0.002);
    expect(Math.abs(end - from - 1)).toBeLessThan(0.002);
    expect(Math.abs(Number(ffprobe(path, '-show_entries', 'format=duration')) - 4)).toBeLessThan(0.03);
    expect(ffprobe(path, '-show_entries', 'stream=codec_name,sample_rate,channels').trim()).toBe(
      'aac,48000,2',
    );
  });

  it('takes a small part of the room of PCM, and has its index in front', async () => {
    const noise = ['(random(1)-0.5)*0.5', '(random(2)-0.5)*0.5'];
    addSound(at('silent.mp4'), at('noise.mkv'), noise, [...pcm, '-ac', '2']);
    const path = join(out, 'noise.m4a');
    await media.writeAudio(at('noise.mkv'), path);
    // 4 s at 128 kbit/s are 64,000 bytes.
    expect(statSync(path).size).toBeLessThan(80_000);
    const bytes = readFileSync(path);
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
  });

  it('is of the first track, whatever its channels', async () => {
    const six = [tone, tone, tone, '0', tone, tone];
    addSound(at('silent.mp4'), at('six.mkv'), six, [...pcm, '-ac', '6']);
    await media.writeAudio(at('six.mkv'), join(out, 'six.m4a'));
    expect(Math.abs(loudPart(join(out, 'six.m4a'))[0] - 1)).toBeLessThan(0.002);
  });

  it('is not written where there is none', async () => {
    expect(await media.writeAudio(at('silent.mp4'), join(out, 'none.m4a'))).toBe(false);
    expect(readdirSync(out)).not.toContain('none.m4a');
  });

  it('refuses the clip itself and places that cannot be written', async () => {
    addSound(at('silent.mp4'), at('plain.mkv'), [tone], pcm);
    const before = readFileSync(at('plain.mkv'));
    const refusals = [
      [at('plain.mkv'), 'output-is-input'],
      [out, 'output-is-folder'],
      [join(out, 'nowhere', 'x.m4a'), 'output-folder'],
    ];
    for (const [path, code] of refusals)
      await expect(media.writeAudio(at('plain.mkv'), path)).rejects.toMatchObject({ code, exitCode: 2 });
    expect(readFileSync(at('plain.mkv')).equals(before)).toBe(true);
  });

  it('leaves nothing behind, and the old file in place, when it is cancelled or fails', async () => {
    const place = join(out, 'cancelled');
    mkdirSync(place);
    writeFileSync(join(place, 'old.m4a'), 'old');
    // Ten minutes of pictures and sound: long enough to be caught in the act.
    const slow = ['-f', 'lavfi', '-i', 'color=s=16x16:r=1:d=600'];
    const sound = ['-f', 'lavfi', '-i', 'anoisesrc=r=48000:d=600'];
    ffmpeg([...slow, ...sound, '-c:v', 'ffv1', ...pcm, at('ten-minutes.mkv')]);
    const abort = new AbortController();
    const writing = media.writeAudio(at('ten-minutes.mkv'), join(place, 'old.m4a'), abort.signal);
    writing.catch(() => undefined);
    while (!readdirSync(place).some((name) => name.includes('.partial-')))
      await new Promise((resume) => setImmediate(resume));
    abort.abort();
    await expect(writing).rejects.toMatchObject({ code: 'cancelled', exitCode: 130 });
    expect(readdirSync(place)).toEqual(['old.m4a']);
    expect(readFileSync(join(place, 'old.m4a'), 'utf8')).toBe('old');
    await expect(
      media.writeAudio(at('ten-minutes.mkv'), join(place, 'x.m4a'), AbortSignal.abort()),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(readdirSync(place)).toEqual(['old.m4a']);
  });
});
