import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EditResult } from '../src-main/engine/edit-job.ts';
import type { Plane } from '../src-main/engine/frames.ts';
import { createMedia, findBinaries } from '../src-main/media/index.ts';
import { parseProjectMask, rasteriseMask } from '../src-shared/project/mask/index.ts';
import { demo, hetcut, prepareHome, startHetcut, type Ended } from './hetcut.ts';

let home: string;
/** The part of the clip where people stand: small enough to be generated several times over. */
let small: string;
let out: string;
let ffmpegPath: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-home-'));
  prepareHome(home);
  small = await mkdtemp(join(tmpdir(), 'hetcut-small-'));
  ffmpegPath = (await findBinaries(process.env)).ffmpeg.path;
  const part = ['-vf', 'crop=128:112:190:90', '-c:v', 'ffv1'];
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
    const result = await removed(
      campus(
        ...['--out', output, '--fill', 'network', '--lossless', '--sheet', join(out, 'sheet.png')],
        ...['--range', '8:21'],
      ),
    );
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
    expect(made.ptsSec.length).toBe(13);
    expect([made.width, made.height, made.frameRate]).toEqual([
      source.width,
      source.height,
      source.frameRate,
    ]);
    expect((await readdir(out)).sort()).toEqual(['clean.mp4', 'sheet.png']);
    const sheet = await media.readPicture(join(out, 'sheet.png'));
    expect(sheet.width).toBeGreaterThan(3 * 200);
  });

  it('copies groups of pictures that the mask leaves alone, unless it is told not to', async () => {
    const clip = join(out, 'grouped.mp4');
    const grouped = ['-c:v', 'libx264', '-g', '4', '-sc_threshold', '0', '-pix_fmt', 'yuv420p'];
    execFileSync(ffmpegPath, ['-v', 'error', '-i', join(small, 'clip.mkv'), ...grouped, clip]);
    const mask = join(out, 'mask.json');
    const shape = {
      kind: 'box',
      startFrame: 5,
      endFrame: 7,
      keyframes: [{ frame: 5, from: [30, 30], to: [60, 60] }],
    };
    const document = {
      format: 'hetcut-mask',
      version: 1,
      width: 128,
      height: 112,
      frames: 25,
      shapes: [shape],
    };
    await writeFile(mask, JSON.stringify(document));
    const run = (name: string, ...more: string[]) =>
      removed([
        'remove',
        clip,
        '--mask',
        mask,
        '--fill',
        'smooth',
        '--out',
        join(out, name),
        '--json',
        ...more,
      ]);
    const copied = await run('copied.mp4');
    expect(copied).toMatchObject({ frames: 25, written: { copied: 21, encoded: 4 }, warnings: [] });
    expect(copied.quality.outsideMaxDiff).toBe(0);
    expect((await readdir(out)).sort()).toEqual(['copied.mp4', 'grouped.mp4', 'mask.json']);
    const encoded = await run('encoded.mp4', '--reencode');
    expect(encoded.written).toEqual({ copied: 0, encoded: 25 });
  });

  it.each([
    ['texture from around it, if nothing else is said', [], 'exemplar'],
    ['a soft gradient, if that is asked for', ['--plate', 'only', '--fill', 'smooth'], 'smooth'],
  ] as const)('fills what no frame shows without the network: %s', async (_, flags, fill) => {
    const result = await removed(campus('--out', join(out, 'filled.mp4'), '--range', '0:11', ...flags));
    expect(result).toMatchObject({
      windows: 0,
      fill,
      calls: { full: 0, partial: 0, reuse: 0 },
      warnings: [],
    });
    expect(result.plateShare).toBeGreaterThan(0.3);
    expect(result.plateShare).toBeLessThan(1);
    expect(result.quality.maskPsnr).toBeGreaterThan(22);
  });

  it('takes a clean plate that the editor provides', async () => {
    const plate = demo('campus-plate.png');
    const result = await removed(
      campus('--out', join(out, 'given.mp4'), '--range', '0:11', '--plate', plate),
    );
    expect(result.windows).toBe(0);
    expect(result.plateShare).toBe(1);
    expect(result.quality.maskPsnr).toBeGreaterThan(27);
  });

  it('generates everything with the plate off, the same for the same seed and another for another', async () => {
    const first = join(out, 'a.mkv');
    const again = join(out, 'b.mkv');
    const other = join(out, 'c.mkv');
    const network = (file: string, seed: string) =>
      removed(smallCampus('--out', file, '--lossless', '--range', '0:9', '--seed', seed));
    // The same job twice at once: the second waits for the first, for both have one checkpoint.
    const [result] = await Promise.all([network(first, '5'), network(again, '5')]);
    expect(result.plateShare).toBe(0);
    expect(result.quality.outputOutsideMaxDiff).toBe(0);
    await network(other, '6');
    expect(frameHashes(again)).toBe(frameHashes(first));
    expect(frameHashes(other)).not.toBe(frameHashes(first));
  });

  it('fades a soft stroke into the source: outside exact, inside blended by coverage', async () => {
    const media = await createMedia();
    const source = await media.openClip(join(small, 'clip.mkv'));
    const { width, height, ptsSec } = source.info;
    const points = [
      [40, 54],
      [84, 62],
    ];
    const stroke = { kind: 'stroke', softness: 0.8, keyframes: [{ frame: 0, points, radius: 28 }] };
    const size = { width, height, frames: ptsSec.length };
    const mask = { format: 'hetcut-mask', version: 1, ...size, shapes: [stroke] };
    const coverage = rasteriseMask(parseProjectMask(mask, 'test'), 0);
    const document = join(out, 'soft.json');
    await writeFile(document, JSON.stringify(mask));
    // The same hole with a hard edge: what is generated is the same, to the bit.
    const hard = join(out, 'hard.png');
    const white = coverage.map((value) => (value === 0 ? 0 : 255));
    const raw = ['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', `${width}x${height}`, '-i', 'pipe:0'];
    execFileSync(ffmpegPath, ['-v', 'error', ...raw, hard], { input: white });
    const run = async (maskPath: string, name: string): Promise<string> => {
      const output = join(out, name);
      const args = smallCampus('--out', output, '--lossless', '--feather', '0', '--range', '0:5');
      args[args.indexOf('--mask') + 1] = maskPath;
      const { quality } = await removed(args);
      expect([quality.outsideMaxDiff, quality.outputOutsideMaxDiff]).toEqual([0, 0]);
      return output;
    };
    const [soft, full] = [await run(document, 'soft.mkv'), await run(hard, 'full.mkv')];
    const planesOf = async (path: string): Promise<readonly Plane[]> => {
      const clip = await media.openClip(path);
      for await (const { planes } of clip.frames(2, 3)) return planes;
      throw new Error(`${path} has no third frame`);
    };
    const [before, blended, filled] = await Promise.all(
      [source.info.path, soft, full].map(async (path) => (await planesOf(path))[0]),
    );
    const greys = coverage.filter((value) => value !== 0 && value !== 255).length;
    expect(greys).toBeGreaterThan(2000);
    expect(coverage.includes(255)).toBe(true);
    let changed = 0;
    blended.forEach((value, i) => {
      const share = coverage[i] / 255;
      const expected = before[i] * (1 - share) + filled[i] * share;
      if (share === 0) expect(value).toBe(before[i]);
      // A blend of both, to the rounding.
      else expect(Math.abs(value - expected)).toBeLessThanOrEqual(0.51);
      if (share > 0 && share < 1 && Math.abs(value - before[i]) > 2 && Math.abs(value - filled[i]) > 2)
        changed++;
    });
    // Between the two, not one of them.
    expect(changed).toBeGreaterThan(200);
  });

  it('keeps the sound packet for packet', async () => {
    const [clip, mask, output] = ['sound.mp4', 'box.png', 'out.mp4'].map((name) => join(out, name));
    // The packets of the bundled clip, with a picture that is small.
    const ffmpeg = (...args: string[]): unknown => execFileSync(ffmpegPath, ['-v', 'error', ...args]);
    ffmpeg('-i', demo('bunny.mp4'), '-vf', 'scale=160:90', '-c:a', 'copy', clip);
    const box = 'drawbox=x=70:y=50:w=24:h=16:color=white:t=fill,format=gray';
    ffmpeg('-f', 'lavfi', '-i', 'color=black:size=160x90', '-frames:v', '1', '-vf', box, mask);
    const result = await removed([
      ...['remove', clip, '--mask', mask, '--out', output],
      ...['--plate', 'only', '--fill', 'smooth', '--json'],
    ]);
    expect(audioHash(clip)).toBe(audioHash(demo('bunny.mp4')));
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

  /** One window of sixteen full steps. */
  const oneWindow = (...more: string[]): string[] =>
    smallCampus('--range', '0:9', '--steps', '16', '--method', 'full', '--lossless', ...more);
  /** Steps of the sampling that a run reported. */
  const sampled = (stderr: string): number[] =>
    [...stderr.matchAll(/"stage":"sample","step":(\d+)/g)].map(([, step]) => Number(step));

  /** Ctrl-C after the second step; the steps that it reported until it ended. */
  async function stoppedInWindow(args: string[], prefix?: string[]): Promise<Ended> {
    const run = startHetcut(args, home, prefix);
    await run.saw('"stage":"sample","step":2');
    run.child.kill('SIGINT');
    const ended = await run.ended;
    expect(ended.json()).toMatchObject({ ok: false, code: 'cancelled' });
    expect(ended.code).toBe(130);
    return ended;
  }

  it('continues at the step where Ctrl-C met it, and the result is that of an uninterrupted run', async () => {
    const args = (file: string): string[] => oneWindow('--seed', '11', '--out', join(out, file));
    const stopped = sampled((await stoppedInWindow(args('a.mp4'))).stderr);
    const done = Math.max(...stopped);
    expect(done).toBeLessThan(16);
    const [job] = await readdir(join(home, 'work'));
    expect(await readdir(join(home, 'work', job))).toEqual(['plate', 'plate.summary', 'window.steps']);

    const run = await hetcut(args('a.mp4'), home);
    const resumed = run.json() as unknown as EditResult;
    expect(sampled(run.stderr)).toEqual(Array.from({ length: 17 - done }, (_, i) => done + i));
    // All calls of the job, of which this run made fewer than its one window takes.
    expect(resumed).toMatchObject({ windows: 1, resumedWindows: 0, resumedSteps: done });
    expect(resumed.calls).toEqual({ full: 16, partial: 0, reuse: 0 });
    const straight = await removed(args('b.mp4'));
    expect(straight).toMatchObject({ resumedSteps: 0, calls: resumed.calls, flops: resumed.flops });
    expect((await readFile(join(out, 'a.mp4'))).equals(await readFile(join(out, 'b.mp4')))).toBe(true);
    expect(await readdir(join(home, 'work'))).toEqual([]);
  });

  it('is not stopped by a disk that is too full to keep its steps', async () => {
    const args = oneWindow('--seed', '13', '--out', join(out, 'full.mkv'));
    // No file may grow beyond 200 KiB: patches are smaller, the steps are not.
    const { stderr } = await stoppedInWindow(args, ['bash', '-c', 'ulimit -f 200; exec "$@"', 'limited']);
    expect(stderr).toContain('The steps of this window cannot be saved');
    const [job] = await readdir(join(home, 'work'));
    expect(await readdir(join(home, 'work', job))).toEqual(['plate', 'plate.summary']);
    expect(await removed(args)).toMatchObject({ resumedSteps: 0 });
  });

  it('survives the death of its inference process: says so, and continues the next time', async () => {
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
