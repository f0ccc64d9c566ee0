import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { execFileSync } from 'node:child_process';
import { findBinaries, listEncoders } from './binaries.ts';
import { createHardwareProbe, createMedia } from './index.ts';
import { pictureOptions } from './encode-options.ts';
import type { ClipInfo } from '../engine/frames.ts';
import { hardwareEncoders, videoEncoders } from './video-encoders.ts';
import { collect, ffprobe, makeCodedClip, readCode, temporaryFolder, toolchains } from './testing/clips.ts';

const folder = temporaryFolder(afterAll);
const at = (name: string): string => join(folder, name);

/**
 * An ffmpeg that lists three hardware encoders: one that works (it is x264 behind the name), one that fails as on a
 * machine without the card, and one that succeeds without writing anything. It writes down how often it was started.
 */
async function fakeFfmpeg(env: NodeJS.ProcessEnv, name: string): Promise<NodeJS.ProcessEnv> {
  const { ffmpeg } = await findBinaries(env);
  const script = [
    '#!/bin/bash',
    `echo run >> '${at(`${name}.runs`)}'`,
    'case "$*" in',
    `  *-encoders*) '${ffmpeg.path}' -version; printf ' V..... h264_nvenc\\n V..... hevc_nvenc\\n V..... h264_amf\\n'; exit 0;;`,
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

const clipOf = (bitDepth: 8 | 10): ClipInfo =>
  ({
    width: 1920,
    height: 1080,
    sampleAspectRatio: '1:1',
    pixelFormat: {
      name: bitDepth === 8 ? 'yuv420p' : 'yuv420p10le',
      bitDepth,
      chromaShiftX: 1,
      chromaShiftY: 1,
    },
    colour: { matrix: 'bt709', range: 'limited', assumed: false, tags: { space: 'bt709', range: 'tv' } },
    timeBase: { num: 1, den: 25 },
    frameRate: '25/1',
  }) as ClipInfo;
const settings = { quality: 'visually-lossless' } as const;
/** From the filters to the colour tags, which are the same for all. */
async function argumentsOf(name: (typeof hardwareEncoders)[number], bitDepth: 8 | 10): Promise<string> {
  const { ffmpeg: binary } = await findBinaries();
  const all = pictureOptions(binary, name, clipOf(bitDepth), settings);
  const filters = all[all.indexOf('-filter:v') + 1]
    .replace(/^scale=[^,]*,/, '')
    .replace(/setparams=[^,]*/, 'tags');
  const options = all.slice(all.indexOf('-c:v'), all.indexOf('-colorspace'));
  return [...(videoEncoders[name].device ?? []), `[${filters}]`, ...options].join(' ');
}

it.each([
  ['h264_nvenc', 8, '[format=nv12,tags,setsar=1/1] -c:v h264_nvenc -rc constqp -qp 14 -bf 2'],
  ['hevc_nvenc', 10, '[format=p010le,tags,setsar=1/1] -c:v hevc_nvenc -rc constqp -qp 14'],
  ['h264_videotoolbox', 8, '[format=nv12,tags,setsar=1/1] -c:v h264_videotoolbox -b:v 20736000 -allow_sw 0'],
  [
    'hevc_videotoolbox',
    8,
    '[format=nv12,tags,setsar=1/1] -c:v hevc_videotoolbox -b:v 20736000 -allow_sw 0 -profile:v main',
  ],
  [
    'hevc_videotoolbox',
    10,
    '[format=p010le,tags,setsar=1/1] -c:v hevc_videotoolbox -b:v 20736000 -allow_sw 0 -profile:v main10',
  ],
  ['h264_qsv', 8, '[format=nv12,tags,setsar=1/1] -c:v h264_qsv -global_quality 14 -preset slower'],
  ['hevc_qsv', 10, '[format=p010le,tags,setsar=1/1] -c:v hevc_qsv -global_quality 14 -preset slower'],
  [
    'h264_amf',
    8,
    '[format=nv12,tags,setsar=1/1] -c:v h264_amf -rc cqp -qp_i 14 -qp_p 14 -quality quality -qp_b 16',
  ],
  [
    'hevc_amf',
    10,
    '[format=p010le,tags,setsar=1/1] -c:v hevc_amf -rc cqp -qp_i 14 -qp_p 14 -quality quality',
  ],
  [
    'h264_vaapi',
    8,
    '-vaapi_device /dev/dri/renderD128 [format=nv12,tags,setsar=1/1,hwupload] -c:v h264_vaapi -qp 14 -bf 0',
  ],
  [
    'hevc_vaapi',
    10,
    '-vaapi_device /dev/dri/renderD128 [format=p010le,tags,setsar=1/1,hwupload] -c:v hevc_vaapi -qp 14 -bf 0',
  ],
] as const)('%s is called so for %d bits', async (name, bitDepth, expected) => {
  expect(await argumentsOf(name, bitDepth)).toBe(expected);
});

/** Options of every encoder of ffmpeg's, which `-h encoder=` leaves out. */
const general = new Set(['-c:v', '-b:v', '-bf', '-global_quality']);

describe.each(toolchains)('the help of $name', ({ env }) => {
  it('knows every option and value with which its hardware encoders are called', async () => {
    const { ffmpeg } = await findBinaries(env);
    const listed = await listEncoders(ffmpeg.path);
    const checked: string[] = [];
    for (const name of hardwareEncoders.filter((one) => listed.has(one))) {
      const help = execFileSync(ffmpeg.path, ['-hide_banner', '-h', `encoder=${name}`], { encoding: 'utf8' });
      const words = videoEncoders[name].options(clipOf(8), settings);
      for (let i = 0; i < words.length; i += 2) {
        const [option, value] = [words[i].replace(/:v$/, ''), words[i + 1]];
        if (general.has(words[i])) continue;
        const place = help.indexOf(`\n  ${option} `);
        expect(place, `${name} ${option}`).toBeGreaterThan(0);
        const end = help.indexOf('\n  -', place + 1);
        const text = help.slice(place, end < 0 ? undefined : end);
        const range = /\(from (-?\d+) to (\w+)\)/.exec(text);
        const fits = Number(value) >= Number(range?.[1]) && Number(value) <= Number(range?.[2]);
        expect(fits || new RegExp(`\\n     ${value} `).test(text), `${name} ${option} ${value}`).toBe(true);
        checked.push(name);
      }
    }
    expect(checked).toContain('h264_vaapi');
  });
});

describe.each(toolchains)('hardware encoders with $name', ({ name, env }) => {
  const script = `${name.includes('npm') ? 'npm' : 'system'}.sh`;

  it('are told apart by a trial: works, fails with its reason, writes nothing, is not there', async () => {
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
