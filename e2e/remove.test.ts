import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EditResult } from '../src-main/engine/edit-job.ts';
import { createMedia, findBinaries } from '../src-main/media/index.ts';
import { demo, hetcut, startHetcut } from './hetcut.ts';

let home: string;
/** The part of the clip where people stand: small enough to be generated several times over. */
let small: string;
let out: string;
let ffmpegPath: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-home-'));
  small = await mkdtemp(join(tmpdir(), 'hetcut-small-'));
  ffmpegPath = (await findBinaries(process.env)).ffmpeg.path;
  const part = ['-vf', 'crop=192:160:150:60', '-c:v', 'ffv1'];
  for (const [from, to] of [
    ['campus.mp4', 'clip.mkv'],
    ['campus-mask.mkv', 'mask.mkv'],
  ] as const) {
    execFileSync(ffmpegPath, ['-v', 'error', '-i', demo(from), ...part, join(small, to)]);
  }
});
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'hetcut-out-'));
  return () => rm(out, { recursive: true, force: true });
});
afterAll(async () => {
  for (const folder of [home, small]) await rm(folder, { recursive: true, force: true });
});

const campus = (...more: string[]): string[] => [
  'remove',
  demo('campus.mp4'),
  '--mask',
  demo('campus-mask.mkv'),
  '--truth',
  demo('campus-plate.png'),
  '--steps',
  '2',
  '--json',
  ...more,
];

const smallCampus = (...more: string[]): string[] => [
  'remove',
  join(small, 'clip.mkv'),
  '--mask',
  join(small, 'mask.mkv'),
  '--plate',
  'off',
  '--steps',
  '2',
  '--json',
  ...more,
];

async function removed(args: string[]): Promise<EditResult> {
  const run = await hetcut(args, home);
  expect(run.stderr).not.toMatch(/defect/);
  expect({ code: run.code, out: run.code === 0 ? '' : run.stdout }).toEqual({ code: 0, out: '' });
  return run.json() as unknown as EditResult;
}

/** MD5 of the packets of the first audio track, undecoded. */
const audioHash = (path: string): string =>
  execFileSync(ffmpegPath, ['-v', 'error', '-i', path, '-map', '0:a:0', '-c', 'copy', '-f', 'md5', '-'], {
    encoding: 'utf8',
  });

/** All decoded pictures of a file, as one hash per frame. */
const frameHashes = (path: string): string =>
  execFileSync(ffmpegPath, ['-v', 'error', '-i', path, '-map', '0:v:0', '-f', 'framemd5', '-'], {
    encoding: 'utf8',
  });

describe('remove', () => {
  it('takes the people out with plate and network; outside the mask a lossless export is the source, exactly', async () => {
    const output = join(out, 'clean.mp4');
    const result = await removed(campus('--out', output, '--lossless', '--sheet', join(out, 'sheet.png')));
    expect(result.quality.outsideMaxDiff).toBe(0);
    expect(result.quality.outputOutsideMaxDiff).toBe(0);
    // Mean colour has 18 dB here, the background of a still camera's other frames 29.
    expect(result.quality.maskPsnr).toBeGreaterThan(22);
    expect(result.plateShare).toBeGreaterThan(0.3);
    expect(result.plateShare).toBeLessThan(1);
    expect(result.calls.full).toBe(2 * result.windows);
    expect(result.windows).toBeGreaterThan(0);

    const media = await createMedia();
    const [source, made] = [await media.probe(demo('campus.mp4')), await media.probe(output)];
    expect(made.ptsSec.length).toBe(source.ptsSec.length);
    expect([made.width, made.height, made.frameRate]).toEqual([
      source.width,
      source.height,
      source.frameRate,
    ]);
    expect((await readdir(out)).sort()).toEqual(['clean.mp4', 'sheet.png']);
    const sheet = await media.readPicture(join(out, 'sheet.png'));
    expect(sheet.width).toBeGreaterThan(3 * 200);
  });

  it('needs no network where other frames show everything', async () => {
    const result = await removed(campus('--out', join(out, 'only.mp4'), '--plate', 'only'));
    expect(result.windows).toBe(0);
    expect(result.calls).toEqual({ full: 0, partial: 0, reuse: 0 });
    // What no frame shows was smoothed over: that was shown by nothing.
    expect(result.plateShare).toBeGreaterThan(0.3);
    expect(result.plateShare).toBeLessThan(1);
    expect(result.quality.maskPsnr).toBeGreaterThan(22);
  });

  it('takes a clean plate that the editor gives', async () => {
    const plate = demo('campus-plate.png');
    const result = await removed(campus('--out', join(out, 'given.mp4'), '--plate', plate));
    expect(result.windows).toBe(0);
    expect(result.plateShare).toBe(1);
    expect(result.quality.maskPsnr).toBeGreaterThan(27);
  });

  it('generates everything with the plate off, the same for the same seed and another for another', async () => {
    const first = join(out, 'a.mkv');
    const again = join(out, 'b.mkv');
    const other = join(out, 'c.mkv');
    const network = (file: string, seed: string) =>
      removed(smallCampus('--out', file, '--lossless', '--seed', seed));
    const result = await network(first, '5');
    expect(result.plateShare).toBe(0);
    expect(result.quality.outputOutsideMaxDiff).toBe(0);
    await network(again, '5');
    await network(other, '6');
    expect(frameHashes(again)).toBe(frameHashes(first));
    expect(frameHashes(other)).not.toBe(frameHashes(first));
  });

  it('keeps the sound packet for packet', async () => {
    const output = join(out, 'bunny.mp4');
    const clip = demo('bunny.mp4');
    const result = await removed([
      'remove',
      clip,
      '--mask',
      demo('bunny-mask.json'),
      '--out',
      output,
      '--steps',
      '1',
      '--json',
    ]);
    expect(result.quality.outsideMaxDiff).toBe(0);
    expect(audioHash(output)).toBe(audioHash(clip));
    const media = await createMedia();
    const [source, made] = [await media.probe(clip), await media.probe(output)];
    expect(made.audio[0].startSec - made.ptsSec[0]).toBeCloseTo(
      source.audio[0].startSec - source.ptsSec[0],
      3,
    );
  });
});

describe('an interrupted remove', () => {
  it('ends on Ctrl-C with 130, leaves no partial file, and resumes what it had finished', async () => {
    const output = join(out, 'resumed.mkv');
    const args = smallCampus('--out', output, '--lossless', '--seed', '9');
    const run = startHetcut(args, home);
    // The second window has begun: the first is a checkpoint.
    await run.saw('"window":2');
    run.child.kill('SIGINT');
    const ended = await run.ended;
    expect(ended.code).toBe(130);
    expect(ended.json()).toMatchObject({ ok: false, code: 'cancelled' });
    expect(await readdir(out)).toEqual([]);

    const resumed = await removed(args);
    expect(resumed.resumedWindows).toBeGreaterThanOrEqual(1);
    const straight = join(out, 'straight.mkv');
    const fresh = await removed(smallCampus('--out', straight, '--lossless', '--seed', '9', '--fresh'));
    expect(fresh.resumedWindows).toBe(0);
    expect(frameHashes(output)).toBe(frameHashes(straight));
    expect(await readdir(join(home, 'work'))).toEqual([]);
  });

  it('survives the death of its inference process: says so, and goes on the next time', async () => {
    const output = join(out, 'killed.mp4');
    const args = smallCampus('--out', output, '--seed', '10');
    const run = startHetcut(args, home);
    await run.saw('"window":2');
    const host = execFileSync('pgrep', ['-P', String(run.child.pid), '-f', 'host/entry'], {
      encoding: 'utf8',
    }).trim();
    process.kill(Number(host), 'SIGKILL');
    const ended = await run.ended;
    expect(ended.code).toBe(1);
    expect(ended.json()).toMatchObject({ ok: false, code: 'host-died' });
    expect(await readdir(out)).toEqual([]);
    expect((await removed(args)).resumedWindows).toBeGreaterThanOrEqual(1);
  });
});
