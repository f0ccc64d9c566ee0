import { cp, mkdir, mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  answer,
  type ComfyListing,
  type EventName,
  type ModelRow,
  type Reply,
} from '../../src-shared/ipc/index.ts';
import { newEdit } from '../../src-shared/project/index.ts';
import { listModels } from '../models/index.ts';
import { openScratch, type Scratch } from '../models/testing/source-copy.ts';
import { idleHost } from '../host/testing/idle-host.ts';
import { useTsx } from '../host/testing/use-tsx.ts';
import type { Backend } from './backend.ts';
import { createBackend } from './create-backend.ts';

const clip = new URL('../../assets/demo/bunny.mp4', import.meta.url).pathname;

useTsx();

let scratch: Scratch;
let place: string;
let backend: Backend;
/** Ends the job that runs. */
let finish: () => void = () => undefined;
const events: { readonly name: EventName; readonly value: unknown }[] = [];

const call = (name: string, input: unknown): Promise<Reply<unknown>> => answer(backend.handlers, name, input);
const rows = async (): Promise<readonly ModelRow[]> => (await backend.handlers['app.info']({})).models;
const problemOf = async (id: string): Promise<string | undefined> =>
  (await rows()).find((row) => row.id === id)?.problem;
const progressOf = (modelId: string): number[] =>
  events
    .map(({ name, value }) => ({ name, ...(value as { modelId: string; share: number }) }))
    .filter((event) => event.name === 'models.progress' && event.modelId === modelId)
    .map(({ share }) => share);

function askFor(modelId: string): Record<string, unknown> {
  const { mask, settings } = newEdit('e', 'E');
  const box = {
    kind: 'box',
    effect: 'remove',
    keyframes: [{ frame: 0, from: [10, 10], to: [60, 60] }],
  };
  return { clipPath: clip, mask: { ...mask, shapes: [box] }, settings: { ...settings, modelId } };
}
const addJob = (modelId: string): Promise<Reply<unknown>> =>
  call('jobs.add', { projectId: 'p', clipId: 'c', editId: 'e', name: 'The job', ...askFor(modelId) });

beforeAll(async () => {
  scratch = await openScratch();
  place = await mkdtemp(join(tmpdir(), 'hetcut-model-pages-'));
  backend = await createBackend({
    home: scratch.home,
    emit: (name, value) => void events.push({ name, value }),
    startHost: idleHost((_job, end) => (finish = end)),
  });
  backend.allowPath(scratch.source);
  backend.allowPath(place);
  backend.allowPath(clip);
});
afterAll(async () => {
  await backend.close();
  await scratch.remove();
  await rm(place, { recursive: true, force: true });
});

describe('a models folder of ComfyUI', () => {
  it('lists what can be used, and imports what is chosen of it and nothing from elsewhere', async () => {
    const golden = new URL('../../e2e/fixtures/golden/J_single_files', import.meta.url).pathname;
    const root = join(place, 'comfy');
    const [network, vae, lora] = [
      join(root, 'diffusion_models', 'wan_vace_bf16.safetensors'),
      join(root, 'vae', 'wan_vae.safetensors'),
      join(root, 'loras', 'peft.safetensors'),
    ];
    await cp(golden, root, { recursive: true });
    expect(await call('models.inspect', { path: root })).toMatchObject({ ok: false, code: 'path-refused' });
    backend.allowPath(root);
    const listed = (await call('models.inspect', { path: root })) as { value: ComfyListing };
    expect(listed.value.transformers).toContain(network);
    expect(listed.value).toMatchObject({ vaes: [vae], textEncoders: [expect.stringContaining('umt5')] });
    expect(listed.value.loras).toContain(lora);
    expect(await call('models.inspect', { path: scratch.source })).toEqual({ ok: true, value: null });
    const input = { path: root, modelId: 'comfy', files: { transformer: network, vae } };
    const elsewhere = {
      ...input,
      files: { transformer: network, vae: join(golden, 'vae/wan_vae.safetensors') },
    };
    expect(await call('models.import', elsewhere)).toMatchObject({ ok: false, code: 'path-refused' });
    const few = { steps: 6, guidanceScale: 1, textPrecision: 'int4' };
    const loras = [
      { path: lora, strength: 0.5 },
      { path: lora, strength: -0.25 },
    ];
    const imported = await call('models.import', { ...input, ...few, loras });
    expect(imported).toMatchObject({ ok: true, value: { id: 'comfy', readsPrompts: false } });
    const { manifest } = (await listModels(scratch.home)).find(({ id }) => id === 'comfy')!;
    expect(manifest?.source.loras).toEqual([`${lora}:0.5`, `${lora}:-0.25`]);
    expect(manifest?.settings).toMatchObject({ recommendedSteps: 6, guidanceScale: 1 });
    await call('models.remove', { modelId: 'comfy' });
  });
});

describe('the models page', () => {
  it('imports with progress, lists with its size, and says how much room there is', async () => {
    const imported = await call('models.import', {
      path: scratch.source,
      modelId: 'mine',
      precision: 'fp16',
    });
    expect(imported).toMatchObject({ ok: true, value: { id: 'mine', precision: 'fp16' } });
    const shares = progressOf('mine');
    expect(shares.length).toBeGreaterThan(0);
    expect(Math.max(...shares)).toBeGreaterThan(0);
    expect(Math.max(...shares)).toBeLessThanOrEqual(1);
    expect([...shares].sort((a, b) => a - b)).toEqual(shares);
    const row = (await rows()).find(({ id }) => id === 'mine');
    expect(row?.bytes).toBeGreaterThan(10_000);
    expect(events.at(-1)).toMatchObject({ name: 'models.changed' });
    const space = (await call('models.space', {})) as { value: { freeBytes: number; folder: string } };
    expect(space.value.folder).toBe(scratch.home);
    expect(space.value.freeBytes).toBeGreaterThan(1e6);
    expect(await call('models.verify', { modelId: 'mine' })).toEqual({ ok: true, value: { ok: true } });
  });

  it('refuses what is no model, naming what is missing, and a name that is taken', async () => {
    await writeFile(join(place, 'holiday.txt'), '');
    const wrong = await call('models.import', { path: place, modelId: 'other' });
    expect(wrong).toMatchObject({ ok: false, code: 'source-file-missing' });
    expect(wrong).toMatchObject({
      message: expect.stringContaining('model_index.json') as string,
      hint: expect.stringContaining('diffusers layout') as string,
    });
    const absent = await call('models.import', { path: join(scratch.source, 'vae'), modelId: 'other' });
    expect(absent).toMatchObject({ ok: false, code: 'path-refused' });
    const taken = await call('models.import', { path: scratch.source, modelId: 'mine' });
    expect(taken).toMatchObject({ ok: false, code: 'model-exists' });
    const name = await call('models.import', { path: scratch.source, modelId: '../mine' });
    expect(name).toMatchObject({ ok: false, code: 'model-id' });
    expect((await rows()).map(({ id }) => id)).not.toContain('other');
  });

  it('stops an import, of which nothing stays', async () => {
    const importing = call('models.import', { path: scratch.source, modelId: 'stopped' });
    const again = await call('models.import', { path: scratch.source, modelId: 'stopped' });
    expect(again).toMatchObject({ ok: false, code: 'model-busy' });
    await call('models.stop', { modelId: 'stopped' });
    expect(await importing).toMatchObject({ ok: false, code: 'cancelled' });
    expect((await rows()).map(({ id }) => id)).not.toContain('stopped');
    await expect(stat(join(scratch.home, 'models', 'stopped'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('keeps a model that a job needs', async () => {
    expect(await addJob('mine')).toMatchObject({ ok: true });
    const refused = await call('models.remove', { modelId: 'mine' });
    expect(refused).toMatchObject({ ok: false, code: 'model-in-use', message: 'The job needs mine.' });
    finish();
    await expect
      .poll(async () => (await backend.handlers['jobs.list']({})).map(({ state }) => state))
      .toEqual(['failed']);
  });
});

describe('a model that is selected and then', () => {
  const folder = (): string => join(scratch.home, 'models', 'mine');

  it('damaged is said in the list, by the estimate, by the check and before a job is queued', async () => {
    expect(await problemOf('mine')).toBeUndefined();
    await truncate(join(folder(), 'vae.weights'), 100);
    expect(await problemOf('mine')).toMatch(/vae\.weights: it has 100 bytes, not \d+ as imported/);
    for (const reply of [await addJob('mine'), await call('models.verify', { modelId: 'mine' })]) {
      expect(reply).toMatchObject({ ok: false, code: 'model-damaged' });
      expect(reply).toMatchObject({ message: expect.stringContaining('vae.weights') as string });
    }
    expect(await call('edit.estimate', askFor('mine'))).toMatchObject({ ok: false, code: 'model-damaged' });
    await writeFile(join(folder(), 'hetcut-model.json'), '{');
    expect(await problemOf('mine')).toMatch(/hetcut-model\.json/);
  });

  it('removed is said by the estimate and before a job is queued', async () => {
    expect(await call('models.remove', { modelId: 'mine' })).toMatchObject({ ok: true });
    const gone = {
      ok: false,
      code: 'model-unknown',
      message: expect.stringContaining('model mine') as string,
    };
    expect(await addJob('mine')).toMatchObject(gone);
    expect(await call('edit.estimate', askFor('mine'))).toMatchObject(gone);
    expect(await call('models.remove', { modelId: 'mine' })).toMatchObject(gone);
    expect(await backend.handlers['jobs.list']({})).toHaveLength(1);
  });

  it('replaced by a folder of something else is listed with its problem', async () => {
    await mkdir(folder(), { recursive: true });
    expect(await problemOf('mine')).toMatch(/mine/);
    expect(await call('models.remove', { modelId: 'mine' })).toMatchObject({ ok: true });
    expect((await rows()).map(({ id }) => id)).not.toContain('mine');
  });
});
