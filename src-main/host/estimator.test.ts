import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EditRequest } from '../engine/edit-job.ts';
import { presetMethod } from '../../src-shared/core/presets/index.ts';
import { createMedia } from '../media/index.ts';
import { createEstimator, type Estimator } from './estimator.ts';

const assets = resolve(import.meta.dirname, '../../assets/demo');

let home: string;
let scans: string[];
let estimator: Estimator;
let shapes: unknown[];
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-estimator-'));
  const text = await readFile(join(assets, 'bunny-mask.json'), 'utf8');
  ({ shapes } = JSON.parse(text) as { shapes: unknown[] });
  const media = await createMedia();
  const counting = {
    ...media,
    openMask: (...input: Parameters<typeof media.openMask>) => {
      scans.push(input[0]);
      return media.openMask(...input);
    },
  };
  const signal = new AbortController().signal;
  estimator = createEstimator(home, counting, {
    signal,
    onProgress: () => undefined,
    onNote: () => undefined,
  });
});
afterAll(async () => {
  await estimator.close();
  await rm(home, { recursive: true, force: true });
});
beforeEach(() => {
  scans = [];
});

async function maskFile(name: string, startFrame: number): Promise<string> {
  const path = join(home, name);
  const [shape] = shapes as object[];
  const size = { width: 640, height: 360, frames: 50 };
  const document = { format: 'hetcut-mask', version: 1, ...size, shapes: [{ ...shape, startFrame }] };
  await writeFile(path, JSON.stringify(document));
  return path;
}

// No network: the machine need not be measured for it.
const request = (maskPath: string, changes: Partial<EditRequest> = {}): EditRequest => ({
  kind: 'remove',
  clipPath: join(assets, 'bunny.mp4'),
  maskPath,
  modelId: 'starter',
  prompt: '',
  negativePrompt: '',
  preset: 'fast',
  method: presetMethod('fast'),
  seed: 0,
  plate: { kind: 'only' },
  fill: 'auto',
  encode: { quality: 'lossless' },
  ...changes,
});

describe('the estimator', () => {
  it('reads a mask once, whatever else is changed, and again when its file is', async () => {
    const path = await maskFile('a.json', 0);
    const together = await Promise.all([
      estimator.estimate(request(path)),
      estimator.estimate(request(path, { steps: 3 })),
    ]);
    expect(together[0]).toEqual(together[1]);
    const quality = { preset: 'quality', method: presetMethod('quality'), seed: 7 } as const;
    expect(await estimator.estimate(request(path, quality))).toEqual(together[0]);
    expect(scans).toEqual([path]);

    await maskFile('a.json', 25);
    await utimes(path, new Date(0), new Date(0));
    const shorter = await estimator.estimate(request(path));
    expect(scans).toEqual([path, path]);
    expect(shorter.stages.plate).toBeLessThan(together[0].stages.plate);
  });

  it('reads the newest mask at once; what was given up can be asked for again', async () => {
    const [first, second] = [await maskFile('first.json', 0), await maskFile('second.json', 10)];
    const givenUp = estimator.estimate(request(first)).catch((error: unknown) => error);
    // Until the first is being read.
    while (scans.length === 0) await new Promise((resume) => setImmediate(resume));
    const newest = await estimator.estimate(request(second));
    expect(await givenUp).toMatchObject({ code: 'superseded' });
    expect(scans).toEqual([first, second]);
    const again = await estimator.estimate(request(first));
    expect(again.stages.plate).toBeGreaterThan(newest.stages.plate);
    expect(scans).toEqual([first, second, first]);
    // Both are kept now.
    expect(await estimator.estimate(request(second))).toEqual(newest);
    expect(scans).toHaveLength(3);
  });

  it('fails as a job would, and keeps no failure', async () => {
    const path = join(home, 'later.json');
    await expect(estimator.estimate(request(path))).rejects.toMatchObject({ code: 'file-not-found' });
    await expect(
      estimator.estimate(request(await maskFile('m.json', 0), { modelId: 'none' })),
    ).rejects.toMatchObject({ code: 'model-unknown' });
    await maskFile('later.json', 0);
    expect((await estimator.estimate(request(path))).windows).toBe(0);
  });

  it('says which tokens a frame is generated with, of what an estimate has read', async () => {
    const path = await maskFile('tokens.json', 10);
    const network = {
      plate: { kind: 'off' },
      preset: 'quality',
      method: presetMethod('quality', { options: { margin: 2, marginTime: 1 } }),
    } as const;
    const range = { startFrame: 5, endFrame: 45 };
    const job = request(path, { ...network, range });
    const found = await estimator.partition(job, 12);
    if (found === null) throw new Error('frame 12 is generated');
    expect(scans).toEqual([path]);
    const { rows, columns, kinds, startFrame, endFrame } = found.tokens;
    expect(kinds).toHaveLength(rows * columns);
    expect(kinds).toContain('generative');
    // So small a crop has no token further off than the margin reaches.
    expect(kinds).toContain('margin');
    // Windows begin with the hole, at frame 10: latent frames are 10, 11 … 14.
    expect([startFrame, endFrame]).toEqual([11, 15]);
    expect(found.counts.generative).toBeGreaterThan(kinds.filter((kind) => kind === 'generative').length);
    // Nothing is generated before the hole, outside the range, and without the network.
    expect(await estimator.partition(job, 9)).toBeNull();
    expect(await estimator.partition(job, 45)).toBeNull();
    expect(await estimator.partition(job, 2)).toBeNull();
    expect(await estimator.partition(request(path, { range }), 12)).toBeNull();
    expect(scans).toEqual([path]);
  });
});
