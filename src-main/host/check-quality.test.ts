import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { psnrOf, maskedSquaredError } from '../../src-shared/core/metrics/index.ts';
import { presetMethod } from '../../src-shared/core/presets/index.ts';
import type { CheckJob } from '../engine/check-job.ts';
import type { EditJob } from '../engine/edit-job.ts';
import type { ClipInfo } from '../engine/frames.ts';
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
      ...job({ outputPath: join(home, 'check.pictures'), steps: 4, method: presetMethod('fast') }),
      ...changes,
    },
  });
  const wholeClip = { startFrame: 0, endFrame: 50 };

  it('compares a method that reuses steps with the run that does not', async () => {
    const { range, frame, steps, fullSteps, calls, maskPsnr, marginPsnr, width, height, ...rest } =
      await checkQuality(check({ range: wholeClip }), home, hooks);
    expect({ range, frame, steps, fullSteps }).toEqual({
      range: { startFrame: 12, endFrame: 29 },
      frame: 20,
      steps: 4,
      fullSteps: 4,
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

  it('takes the full run to be all steps of the model, where the preset leaves some out', async () => {
    const { steps: _, ...fast } = check({}).edit;
    const result = await checkQuality({ ...check({}), edit: { ...fast, preset: 'fast' } }, home, hooks);
    // Four steps are recommended, of which "fast" takes 40 %.
    expect(result).toMatchObject({ steps: 2, fullSteps: 4 });
    expect(result.maskPsnr).toBeGreaterThan(15);
    expect(result.maskPsnr).toBeLessThan(90);
  }, 240_000);

  it('says why there is nothing to compare', async () => {
    const refused = async (changes: Partial<EditJob>): Promise<unknown> =>
      checkQuality(check(changes), home, hooks).catch((error: { code?: string }) => error.code);
    expect(await refused({ method: { name: 'full', options: {} } })).toBe('check-full');
    expect(await refused({ plate: { kind: 'only' } })).toBe('check-no-network');
    const maskPath = join(home, 'late.json');
    const text = JSON.parse(await readFile(demo('bunny-mask.json'), 'utf8')) as { shapes: object[] };
    const shapes = text.shapes.map((shape) => ({ ...shape, startFrame: 40, endFrame: 50 }));
    await writeFile(maskPath, JSON.stringify({ ...text, shapes }));
    expect(await refused({ maskPath, range: wholeClip })).toBe('check-empty');
  }, 240_000);
});

describe('rangeAround', () => {
  const clip = { ptsSec: new Float64Array(50) } as ClipInfo;
  it.each([
    [20, undefined, [12, 29]],
    [0, undefined, [0, 17]],
    [49, undefined, [33, 50]],
    [20, { startFrame: 18, endFrame: 40 }, [18, 35]],
    [5, { startFrame: 18, endFrame: 40 }, [18, 35]],
    [45, { startFrame: 18, endFrame: 23 }, [18, 23]],
  ] as const)('around %d within %o', (frame, within, [startFrame, endFrame]) => {
    expect(rangeAround(clip, within, frame, 17)).toEqual({ startFrame, endFrame });
  });
});
