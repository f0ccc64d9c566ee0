import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { psnrOf, maskedSquaredError } from '../../src-shared/core/metrics/index.ts';
import { presetMethod } from '../../src-shared/core/presets/index.ts';
import type { CheckJob } from '../engine/check-job.ts';
import type { EditJob } from '../engine/edit-job.ts';
import { ffmpeg } from '../media/testing/clips.ts';
import { checkQuality, rangeAround } from './check-quality.ts';
import { demo, demoJob, quietHooks } from './testing/demo-job.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-host-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const hooks = quietHooks;
const job = (changes: Partial<EditJob> = {}): EditJob => demoJob(join(home, 'out.mp4'), changes);

describe('checkQuality', () => {
  const check = (changes: Partial<EditJob>, frame = 20): CheckJob => ({
    kind: 'check',
    frame,
    edit: {
      ...job({
        outputPath: join(home, 'check.pictures'),
        steps: 4,
        method: presetMethod('fast', { options: { delta: 0.4 } }),
      }),
      ...changes,
    },
  });
  const wholeClip = { startFrame: 0, endFrame: 50 };

  it('compares a method that reuses steps with the same run that does not', async () => {
    const { range, frame, steps, calls, maskPsnr, marginPsnr, width, height, ...rest } = await checkQuality(
      check({ range: wholeClip }),
      home,
      hooks,
    );
    expect({ range, frame, steps }).toEqual({
      range: { startFrame: 12, endFrame: 29 },
      frame: 20,
      steps: 4,
    });
    expect(calls.full + calls.partial + calls.reuse).toBe(4);
    expect(calls.reuse).toBeGreaterThan(0);
    expect(maskPsnr).toBeGreaterThan(20);
    expect(maskPsnr).toBeLessThan(90);
    expect(marginPsnr).toBeGreaterThan(20);
    expect(rest.seconds).toBeGreaterThan(0);
    expect(rest.fullSeconds).toBeGreaterThan(0);
    const pictures = await readFile(rest.picturesPath);
    const size = 3 * width * height;
    expect(pictures).toHaveLength(2 * size);
    expect(pictures.subarray(0, size).equals(pictures.subarray(size))).toBe(false);
    // One frame's whole picture is about as near as all frames' holes are.
    const everywhere = new Uint8Array(width * height).fill(1);
    const psnr = psnrOf(maskedSquaredError(pictures.subarray(0, size), pictures.subarray(size), everywhere));
    expect(psnr).toBeGreaterThan((maskPsnr as number) - 6);
    expect(await readdir(join(home, 'work')).catch(() => [])).toEqual([]);
  }, 240_000);

  it('finds nothing where nothing is reused', async () => {
    const none = presetMethod('fast', { options: { delta: 0 } });
    const result = await checkQuality(check({ method: none, steps: 2 }), home, hooks);
    expect(result).toMatchObject({ maskPsnr: null, marginPsnr: null, range: job().range });
    expect(result.calls).toEqual({ full: 2, partial: 0, reuse: 0 });
    const pictures = await readFile(result.picturesPath);
    const half = pictures.length / 2;
    expect(pictures.subarray(0, half).equals(pictures.subarray(half))).toBe(true);
  }, 240_000);

  it('compares the same steps, also where the preset leaves some of the model’s out', async () => {
    const { steps: _, ...fast } = check({ method: presetMethod('fast', { options: { delta: 0 } }) }).edit;
    const result = await checkQuality({ ...check({}), edit: { ...fast, preset: 'fast' } }, home, hooks);
    // Four steps are recommended, of which "fast" takes 40 %: four would not give the picture of two.
    expect(result).toMatchObject({ steps: 2, maskPsnr: null, marginPsnr: null });
  }, 240_000);

  it('shows both runs the reference picture of the job', async () => {
    const referencePath = join(home, 'reference.png');
    ffmpeg(['-f', 'lavfi', '-i', 'color=red:s=64x64', '-frames:v', '1', referencePath]);
    const pictures = async (changes: Partial<EditJob>): Promise<Buffer> => {
      const { picturesPath } = await checkQuality(check({ steps: 2, ...changes }), home, hooks);
      return readFile(picturesPath);
    };
    const [without, withIt] = [await pictures({}), await pictures({ referencePath })];
    const half = without.length / 2;
    for (const part of [[0, half] as const, [half, without.length] as const])
      expect(withIt.subarray(...part).equals(without.subarray(...part))).toBe(false);
  }, 240_000);

  it('leaves to both runs what the job’s plate leaves, of frames that are outside too', async () => {
    const size = { width: 224, height: 112 };
    const clipPath = join(home, 'still.mp4');
    const background = ['-f', 'lavfi', '-i', `mandelbrot=s=${size.width}x${size.height}`, '-frames:v', '1'];
    ffmpeg([...background, join(home, 'still.png')]);
    const looped = ['-loop', '1', '-framerate', '25', '-i', join(home, 'still.png'), '-frames:v', '40'];
    ffmpeg([...looped, '-c:v', 'libx264', '-qp', '0', '-pix_fmt', 'yuv420p', clipPath]);
    const box = (x: number, frames: object): object => {
      const keyframes = [{ frame: 0, from: [x, 48], to: [x + 24, 72] }];
      return { kind: 'box', keyframes, ...frames };
    };
    // Before and after, all of it is seen; the frames that are checked all hide it.
    const passing = box(180, { startFrame: 10, endFrame: 30 });
    const always = box(20, {});
    const maskOf = async (name: string, shapes: object[]): Promise<string> => {
      const path = join(home, name);
      await writeFile(
        path,
        JSON.stringify({ format: 'hetcut-mask', version: 1, ...size, frames: 40, shapes }),
      );
      return path;
    };
    const both = await maskOf('both.json', [always, passing]);
    const asked = { clipPath, range: { startFrame: 0, endFrame: 40 }, steps: 2, fill: 'network' } as const;
    const run = (maskPath: string, plate: EditJob['plate']) =>
      checkQuality(check({ ...asked, maskPath, plate }), home, hooks);
    const all = await run(both, { kind: 'off' });
    const left = await run(both, { kind: 'auto' });
    expect(all.width).toBeGreaterThan(180);
    expect(left.width).toBeLessThan(120);
    expect(left.range).toEqual({ startFrame: 12, endFrame: 29 });
    const alone = await maskOf('passing.json', [passing]);
    await expect(run(alone, { kind: 'auto' })).rejects.toMatchObject({
      code: 'check-nothing-generated',
      exitCode: 2,
    });
    expect(await readdir(join(home, 'work')).catch(() => [])).toEqual([]);
  }, 240_000);

  it('says why there is nothing to compare', async () => {
    const refused = async (changes: Partial<EditJob>): Promise<unknown> =>
      checkQuality(check(changes), home, hooks).catch((error: { code?: string }) => error.code);
    expect(await refused({ method: { name: 'full', options: {} } })).toBe('check-full');
    expect(await refused({ plate: { kind: 'only' } })).toBe('check-no-network');
    expect(await refused({ fill: 'smooth' })).toBe('check-no-network');
    const maskPath = join(home, 'late.json');
    const text = JSON.parse(await readFile(demo('bunny-mask.json'), 'utf8')) as { shapes: object[] };
    const shapes = text.shapes.map((shape) => ({ ...shape, startFrame: 40, endFrame: 50 }));
    await writeFile(maskPath, JSON.stringify({ ...text, shapes }));
    expect(await refused({ maskPath, range: wholeClip })).toBe('check-empty');
  }, 240_000);
});

describe('rangeAround', () => {
  const whole = { startFrame: 0, endFrame: 50 };
  it.each([
    [20, whole, [12, 29]],
    [0, whole, [0, 17]],
    [49, whole, [33, 50]],
    [20, { startFrame: 18, endFrame: 40 }, [18, 35]],
    [5, { startFrame: 18, endFrame: 40 }, [18, 35]],
    [45, { startFrame: 18, endFrame: 23 }, [18, 23]],
  ] as const)('around %d within %o', (frame, within, [startFrame, endFrame]) => {
    expect(rangeAround(within, frame, 17)).toEqual({ startFrame, endFrame });
  });
});
