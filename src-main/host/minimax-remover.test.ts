import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resolveMethod } from '../../src-shared/core/caches/index.ts';
import { importModel, openModelFolder } from '../models/index.ts';
import { runJob } from './run-job.ts';
import { demoJob, quietHooks } from './testing/demo-job.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-remover-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const request = {
  sourceDir: 'e2e/fixtures/golden/I_minimax_remover',
  id: 'remover',
  precision: 'fp32',
  replace: true,
} as const;

it('is not imported before its licence is accepted', async () => {
  await expect(importModel({ ...request, home })).rejects.toMatchObject({
    code: 'licence-not-accepted',
    exitCode: 2,
    message: expect.stringContaining('no commercial use') as string,
    hint: expect.stringContaining('--accept-licence') as string,
  });
  expect(await readdir(home)).toEqual([]);
});

it('generates what it removes, without a prompt, and leaves what is outside the mask alone', async () => {
  await importModel({ ...request, home, acceptLicence: true });
  const model = await openModelFolder(home, 'remover');
  expect(model).toMatchObject({
    family: { name: 'minimax-remover' },
    settings: { followsPrompt: false, guidanceScale: 1, recommendedSteps: 12 },
  });
  expect(model.textEncoder).toBeUndefined();
  const job = demoJob(join(home, 'out.mp4'), {
    modelId: 'remover',
    workingSize: 64,
  });
  const result = await runJob(job, home, quietHooks);
  expect(result).toMatchObject({ fill: 'network', windows: 1, calls: { full: 2, partial: 0, reuse: 0 } });
  expect(result.quality).toMatchObject({ outsideMaxDiff: 0, outputOutsideMaxDiff: 0 });
});

it('takes partial steps: it has the graph that chooses their tokens', async () => {
  const job = demoJob(join(home, 'partial.mp4'), {
    modelId: 'remover',
    steps: 10,
    workingSize: 128,
    method: resolveMethod({
      name: 'hetcache',
      options: { schedule: 'drift', delta: 0.01, rho: 100, partial: 'drop', keep: 0.5, partialAbove: 0 },
    }),
  });
  const result = await runJob(job, home, quietHooks);
  expect(result.calls.partial).toBeGreaterThan(0);
});
