import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resolveMethod } from '../../src-shared/core/caches/index.ts';
import type { EditJob } from '../engine/edit-job.ts';
import { createMedia } from '../media/index.ts';
import { importModel, openModelFolder, synthConfigs, synthModel } from '../models/index.ts';
import { createEstimator } from './estimator.ts';
import { runJob } from './run-job.ts';
import { demo, demoJob, quietHooks } from './testing/demo-job.ts';

let folder: string;
let home: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hetcut-ltx-'));
  home = join(folder, 'home');
  const sourceDir = join(folder, 'source');
  await synthModel({
    sizes: synthConfigs['ltx-vace'],
    text: 'small',
    outDir: sourceDir,
    type: 'F32',
    seed: 3,
  });
  // Random weights have no tokenizer; this one's tokens are among the random encoder's.
  await mkdir(join(sourceDir, 'tokenizer'));
  await cp('e2e/fixtures/golden/H_tokenizer/tokenizer.json', join(sourceDir, 'tokenizer/tokenizer.json'));
  const index = join(sourceDir, 'model_index.json');
  const written = JSON.parse(await readFile(index, 'utf8')) as object;
  await writeFile(index, JSON.stringify({ ...written, tokenizer: ['transformers', 'T5Tokenizer'] }));
  await importModel({ sourceDir, id: 'ltx', precision: 'fp32', home });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const job = (changes: Partial<EditJob> = {}): EditJob =>
  demoJob(join(folder, 'out.mp4'), { modelId: 'ltx', workingSize: 128, ...changes });

it('is imported by its configuration, with its own sizes and its text encoder', async () => {
  const model = await openModelFolder(home, 'ltx');
  expect(model).toMatchObject({
    family: { name: 'ltx-vace', geometry: { spatialStride: 32, temporalStride: 8, patchEdge: 1 } },
    transformer: { spec: { tokenLength: 8, controlLength: 144, textDim: 64, hints: 2, width: 128 } },
    vae: { spec: { spatialFactor: 32, temporalFactor: 8, latentChannels: 8 } },
    settings: { maxWindowFrames: 97, guidanceScale: 3 },
  });
  expect(Object.keys(model.transformer.graphs)).toEqual(['plain', 'selection', 'drift']);
  // Shifted by the tokens of the longest window (13 · 16 · 24), down to a tenth: 1 stays, the last is 0.1.
  const { sigmas } = model.scheduler.create({ steps: 20 });
  expect([sigmas[0], sigmas[20]]).toEqual([1, 0]);
  expect(sigmas[19]).toBeCloseTo(0.1, 6);
  const mu = 0.95 + ((2.05 - 0.95) / 3072) * (4992 - 1024);
  const shifted = (sigma: number): number => Math.exp(mu) / (Math.exp(mu) + 1 / sigma - 1);
  const scale = (1 - shifted(1 / 20)) / 0.9;
  expect(sigmas[10]).toBeCloseTo(1 - (1 - shifted(1 - (10 * (1 - 1 / 20)) / 19)) / scale, 6);
});

it('is estimated and generates in windows of its own geometry, and leaves what is outside the mask alone', async () => {
  const estimator = createEstimator(home, await createMedia(), quietHooks);
  const estimate = await estimator.estimate(job());
  await estimator.close();
  const result = await runJob(job(), home, quietHooks);
  expect(result).toMatchObject({ frames: 5, windows: 1, calls: { full: 2, partial: 0, reuse: 0 } });
  expect(result.quality).toMatchObject({ outsideMaxDiff: 0, outputOutsideMaxDiff: 0 });
  // 5 frames are padded to 1 + 8: two latent frames, of cells of 32 pixels.
  const [tokens] = estimate.tokensPerWindow;
  expect(tokens % 2).toBe(0);
  expect(tokens / 2).toBeLessThanOrEqual((128 * 128) / 32 ** 2);
  expect(estimate.calls).toEqual(result.calls);
});

it('changes what a prompt and a picture are shown for, with guidance in two streams', async () => {
  const changes = {
    kind: 'edit',
    prompt: 'a red ball',
    referencePath: demo('result.jpg'),
  } as const;
  const result = await runJob(job({ ...changes, outputPath: join(folder, 'edit.mp4') }), home, quietHooks);
  expect(result).toMatchObject({ windows: 1, calls: { full: 2 } });
  expect(result.quality).toMatchObject({ outsideMaxDiff: 0 });
});

it('takes partial steps: it has the graph that chooses their tokens', async () => {
  const result = await runJob(
    job({
      outputPath: join(folder, 'partial.mp4'),
      steps: 10,
      method: resolveMethod({
        name: 'hetcache',
        options: { schedule: 'drift', delta: 0.01, rho: 100, partial: 'drop', keep: 0.5, partialAbove: 0 },
      }),
    }),
    home,
    quietHooks,
  );
  expect(result.calls.partial).toBeGreaterThan(0);
});
