import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findBinaries } from './binaries.ts';
import { createHardwareProbe, createMedia } from './index.ts';
import { collect, ffprobe, makeCodedClip, readCode, temporaryFolder, toolchains } from './testing/clips.ts';

const folder = temporaryFolder(afterAll);
const at = (name: string): string => join(folder, name);

/**
 * An ffmpeg that lists three hardware encoders: one that works (it is x264 behind the name), one that fails as on a
 * machine without the card, and one that ends well and gives nothing. It writes down how often it was started.
 */
async function fakeFfmpeg(env: NodeJS.ProcessEnv, name: string): Promise<NodeJS.ProcessEnv> {
  const { ffmpeg } = await findBinaries(env);
  const script = [
    '#!/bin/bash',
    `echo run >> '${at(`${name}.runs`)}'`,
    'case "$*" in',
    "  *-encoders*) printf ' V..... h264_nvenc\\n V..... hevc_nvenc\\n V..... h264_amf\\n'; exit 0;;",
    "  *hevc_nvenc*) echo '[hevc_nvenc @ 0x55d0] [error] No capable devices found' >&2; exit 1;;",
    '  *h264_amf*) cat > /dev/null; exit 0;;',
    'esac',
    'args=()',
    'skip=0',
    'for word in "$@"; do',
    '  if [ $skip = 1 ]; then skip=0; continue; fi',
    '  case "$word" in',
    '    -rc) skip=1;;',
    '    h264_nvenc) args+=(libx264 -preset ultrafast);;',
    '    *) args+=("$word");;',
    '  esac',
    'done',
    `exec '${ffmpeg.path}' "\${args[@]}"`,
  ];
  writeFileSync(at(name), `${script.join('\n')}\n`);
  chmodSync(at(name), 0o755);
  return { ...env, FFMPEG_PATH: at(name) };
}

describe.each(toolchains)('hardware encoders with $name', ({ name, env }) => {
  const script = `${name.includes('npm') ? 'npm' : 'system'}.sh`;

  it('are told apart by a trial: works, fails with its reason, gives nothing, is not there', async () => {
    const probe = createHardwareProbe(await fakeFfmpeg(env, script));
    const found = new Map((await probe()).map((finding) => [finding.name, finding]));
    expect(found.size).toBe(10);
    expect(found.get('h264_nvenc')).toEqual({ name: 'h264_nvenc', listed: true, usable: true });
    expect(found.get('hevc_nvenc')).toEqual({
      name: 'hevc_nvenc',
      listed: true,
      usable: false,
      reason: 'hevc_nvenc: No capable devices found',
    });
    expect(found.get('h264_amf')).toMatchObject({ usable: false, reason: 'it gave no picture' });
    expect(found.get('h264_qsv')).toMatchObject({ listed: false, usable: false });
    const runs = readFileSync(at(`${script}.runs`), 'utf8');
    await probe();
    expect(readFileSync(at(`${script}.runs`), 'utf8')).toBe(runs);
  });

  it('that are listed and have no card count as absent, with what ffmpeg says', async () => {
    for (const { usable, reason } of await createHardwareProbe(env)()) {
      // A machine with such a card may run these tests too.
      if (!usable) expect(reason).toMatch(/\w{3}/);
      else expect(reason).toBeUndefined();
    }
  });

  it('write what software would: frames, times, colours', async () => {
    const media = await createMedia(await fakeFfmpeg(env, script));
    const colours = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'];
    makeCodedClip(at('clip.mp4'), 12, ['-c:v', 'libx264', '-qp', '0', ...colours]);
    const source = await media.openClip(at('clip.mp4'));
    const path = at(`${script}.mp4`);
    const sink = await media.openSink(path, source.info, {
      format: 'h264',
      quality: 'visually-lossless',
      hardware: 'h264_nvenc',
    });
    for (const frame of await collect(source)) await sink.write(frame);
    await sink.close();
    const result = await media.openClip(path);
    expect((await collect(result)).map(readCode)).toEqual(Array.from({ length: 12 }, (_, frame) => frame));
    expect([...result.info.ptsSec]).toEqual([...source.info.ptsSec]);
    expect(ffprobe(path, '-show_entries', 'stream=codec_name,color_space').trim()).toBe('h264,bt709');
  });
});
