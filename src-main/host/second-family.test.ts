import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { modelFamilies, type ModelFamily } from '../../src-shared/core/families/index.ts';
import type { EditJob } from '../engine/edit-job.ts';
import { createMedia } from '../media/index.ts';
import { importModel, listModels, openModelFolder } from '../models/index.ts';
import { planPart } from '../models/part-plan.ts';
import { RandomElements } from '../models/random-weights.ts';
import { writeShards } from '../models/safetensors-writer.ts';
import { createEstimator } from './estimator.ts';
import { runJob } from './run-job.ts';
import { boxFamily } from './testing/box-family.ts';
import { demoJob, quietHooks } from './testing/demo-job.ts';

/** The one line that a new family adds to the program, for this file alone. */
const rows = modelFamilies as ModelFamily[];

let folder: string;
let home: string;

/** One part of a published model with random weights: the tensors that its graphs read. */
async function writePart(name: 'transformer' | 'vae', config: object): Promise<void> {
  const path = join(folder, 'published', name);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'config.json'), JSON.stringify(config));
  const { graphs } = planPart(boxFamily, name, { folder: path, configPath: 'config.json', config }, 'fp32');
  const parameters = new Map(graphs.flatMap((graph) => graph.parameters.map((one) => [one.source, one])));
  const tensors = [...parameters.values()].map(({ source, sourceShape: shape }) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const elements = new RandomElements(7, source, { mean: 1, deviation: 0.1 }, 'F32');
    return {
      name: source,
      type: 'F32',
      shape,
      byteLength: 4 * count,
      chunks: () => [elements.next(count)],
    } as const;
  });
  await writeShards(path, tensors, { stem: 'diffusion_pytorch_model', maximumBytes: 1e9 });
}

beforeAll(async () => {
  rows.push(boxFamily);
  folder = await mkdtemp(join(tmpdir(), 'hetcut-family-'));
  home = join(folder, 'home');
  await writePart('transformer', { _class_name: 'BoxTransformer' });
  await writePart('vae', { _class_name: 'BoxVae' });
  // No model_index.json, no text encoder.
  await cp('e2e/fixtures/golden/E_pipeline/scheduler', join(folder, 'published', 'scheduler'), {
    recursive: true,
  });
  await importModel({ sourceDir: join(folder, 'published'), id: 'box', precision: 'fp32', home });
});
afterAll(async () => {
  rows.splice(rows.indexOf(boxFamily), 1);
  await rm(folder, { recursive: true, force: true });
});

const job = (changes: Partial<EditJob> = {}): EditJob =>
  demoJob(join(folder, 'out.mp4'), { modelId: 'box', ...changes });

it('is imported and opened by its configuration alone', async () => {
  const [{ manifest }] = await listModels(home);
  expect(manifest).toMatchObject({ family: 'box', settings: { maxWindowFrames: 7, followsPrompt: false } });
  const model = await openModelFolder(home, 'box');
  expect(Object.keys(model.transformer.graphs)).toEqual(['plain', 'drift']);
  expect(Object.keys(model.vae.graphs)).toEqual(['encoder', 'decoder']);
  expect(model.textEncoder).toBeUndefined();
});

it('is estimated and run with its own geometry, and leaves what is outside the mask alone', async () => {
  const media = await createMedia();
  const estimator = createEstimator(home, media, quietHooks);
  const estimate = await estimator.estimate(job());
  const grid = await estimator.partition(job(), 22);
  await estimator.close();
  // A window of 5 frames is 1 + 4/2 latent frames; its picture has at most 4096 pixels in cells of 16.
  const [tokens] = estimate.tokensPerWindow;
  expect(tokens % 3).toBe(0);
  expect(tokens / 3).toBe(grid!.tokens.rows * grid!.tokens.columns);
  expect(tokens / 3).toBeLessThanOrEqual(4096 / 16);
  expect(tokens / 3).toBeGreaterThan(4096 / 16 / 2);

  const notes: string[] = [];
  const previews: number[] = [];
  const result = await runJob(job(), home, {
    ...quietHooks,
    onNote: (note) => notes.push(note),
    onPreview: ({ width, height }) => previews.push(width * height),
  });
  expect(result).toMatchObject({ frames: 5, windows: 1, calls: { full: 2, partial: 0, reuse: 0 } });
  // Two calls; two videos of 5 frames encoded and one decoded, an operation for each pixel.
  expect(result.flops).toBe(2 * tokens + 3 * 5 * (tokens / 3) * 16);
  expect(previews[0]).toBe(tokens / 3);
  expect(result.quality).toMatchObject({ outsideMaxDiff: 0, outputOutsideMaxDiff: 0 });
  expect(notes).toEqual([]);
});

it('says what a cache method lacks of it, before any work', async () => {
  const method = { name: 'pab', options: {} } as const;
  await expect(runJob(job({ method }), home, quietHooks)).rejects.toMatchObject({
    code: 'graph-missing',
    message: expect.stringContaining('"broadcast"') as string,
  });
});
