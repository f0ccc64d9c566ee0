import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { starterId } from '../../src-shared/project/index.ts';
import { importModel } from './import-model.ts';
import { listModels, openModelFolder, removeModel, verifyModel } from './model-store.ts';
import { ensureBundled } from './bundled.ts';
import { editJson, openScratch, type Scratch } from './testing/source-copy.ts';

let scratch: Scratch;
let model: string;
beforeEach(async () => {
  scratch = await openScratch();
  const { source: sourceDir, home } = scratch;
  model = (await importModel({ sourceDir, id: 'toy', precision: 'fp32', home })).path;
});
afterEach(() => scratch.remove());

describe('openModelFolder', () => {
  it('returns paths that exist and the sizes of the configuration', async () => {
    const folder = await openModelFolder(scratch.home, 'toy');
    const { graphs } = folder.vae;
    for (const path of [
      ...Object.values<string>({ ...folder.transformer.graphs }),
      folder.textEncoder!.graph,
      ...Object.values<string>({ ...graphs }),
    ]) {
      expect((await stat(path)).size).toBeGreaterThan(0);
    }
    expect(folder.family.name).toBe('wan-vace');
    expect(folder.transformer.spec).toMatchObject({ blocks: 5, width: 48, textDim: 32 });
    expect(folder.vae.spec).toMatchObject({ latentChannels: 16, spatialFactor: 8, temporalFactor: 4 });
    expect(folder.scheduler.className).toBe('UniPCMultistepScheduler');
    expect(folder.tokenizer).toBeUndefined();
  });

  it('has a fingerprint that follows the weights and the settings', async () => {
    const first = await openModelFolder(scratch.home, 'toy');
    await importModel({ sourceDir: scratch.source, id: 'same', precision: 'fp32', home: scratch.home });
    expect((await openModelFolder(scratch.home, 'same')).fingerprint).toBe(first.fingerprint);
    await writeFile(join(scratch.source, 'hetcut.json'), '{"strength": 0.5}');
    await importModel({ sourceDir: scratch.source, id: 'other', precision: 'fp32', home: scratch.home });
    expect((await openModelFolder(scratch.home, 'other')).fingerprint).not.toBe(first.fingerprint);
  });

  it('names a file that is empty or gone', async () => {
    await truncate(join(model, 'vae.weights'), 0);
    await expect(openModelFolder(scratch.home, 'toy')).rejects.toThrow(
      /toy.vae\.weights: it has 0 bytes, not \d+/,
    );
    await rm(join(model, 'vae.weights'));
    await expect(openModelFolder(scratch.home, 'toy')).rejects.toThrow(
      /toy.vae\.weights: the file is missing/,
    );
  });

  it('lists what there is where the id is unknown', async () => {
    await expect(openModelFolder(scratch.home, 'tot')).rejects.toMatchObject({
      code: 'model-unknown',
      exitCode: 2,
      hint: expect.stringContaining('toy') as string,
    });
  });

  it('asks for a new import after a change of the format', async () => {
    for (const format of [1, 99]) {
      await editJson(join(model, 'hetcut-model.json'), { format });
      await expect(openModelFolder(scratch.home, 'toy')).rejects.toMatchObject({
        code: 'model-outdated',
        message: expect.stringContaining(`format ${format}, this one reads 3`) as string,
      });
    }
  });

  it('names a manifest that is damaged', async () => {
    await editJson(join(model, 'hetcut-model.json'), { parts: 'none' });
    await expect(openModelFolder(scratch.home, 'toy')).rejects.toThrow(/hetcut-model\.json: parts: /);
    await writeFile(join(model, 'hetcut-model.json'), '');
    await expect(openModelFolder(scratch.home, 'toy')).rejects.toThrow(/hetcut-model\.json: cannot be read/);
  });
});

describe('listModels', () => {
  it('lists every model with its size, damaged ones with the reason', async () => {
    await mkdir(join(scratch.home, 'models', 'broken'));
    await mkdir(join(scratch.home, 'models', '.importing-x-1'));
    const [broken, toy, ...others] = await listModels(scratch.home);
    expect(others).toEqual([]);
    expect(broken.problem).toMatch(/broken.hetcut-model\.json/);
    expect(toy).toMatchObject({ id: 'toy', path: model });
    expect(toy.bytes).toBe(toy.manifest!.parts.reduce((sum, part) => sum + part.bytes, 0));
  });

  it('is empty before the first import', async () => {
    expect(await listModels(join(scratch.folder, 'nowhere'))).toEqual([]);
  });
});

describe('verifyModel', () => {
  it('passes what was imported', async () => {
    const { parts } = await verifyModel(scratch.home, 'toy');
    expect(parts.map((part) => part.name)).toEqual(['transformer', 'vae', 'text-encoder']);
  });

  it('names every file with a changed byte, and a missing one', async () => {
    const weights = join(model, 'transformer.weights');
    const bytes = await readFile(weights);
    bytes[bytes.length >> 1] ^= 1;
    await writeFile(weights, bytes);
    await rm(join(model, 'vae-decoder.onnx'));
    const failure = verifyModel(scratch.home, 'toy');
    await expect(failure).rejects.toMatchObject({ code: 'model-damaged', exitCode: 1 });
    await expect(failure).rejects.toThrow(
      /transformer\.weights: its bytes changed; .*vae-decoder\.onnx: missing/,
    );
  });

  it('makes a model count as damaged until it is whole again', async () => {
    const weights = join(model, 'vae.weights');
    const whole = await readFile(weights);
    await writeFile(weights, Buffer.from(whole).fill(7, 100, 200));
    const problem = async (): Promise<string | undefined> => (await listModels(scratch.home))[0].problem;
    // Of the same size: nothing is seen before it is read.
    expect(await problem()).toBeUndefined();
    await expect(verifyModel(scratch.home, 'toy')).rejects.toThrow(/vae\.weights: its bytes changed/);
    expect(await problem()).toMatch(/vae\.weights: its bytes changed/);
    const message = await problem();
    await expect(openModelFolder(scratch.home, 'toy')).rejects.toMatchObject({
      code: 'model-damaged',
      message,
    });
    await writeFile(weights, whole);
    await verifyModel(scratch.home, 'toy');
    expect(await problem()).toBeUndefined();
    await openModelFolder(scratch.home, 'toy');
  });

  it('can be cancelled', async () => {
    const failure = verifyModel(scratch.home, 'toy', { signal: AbortSignal.abort() });
    await expect(failure).rejects.toMatchObject({ exitCode: 130 });
  });
});

describe('removeModel', () => {
  it('deletes the folder and nothing else', async () => {
    await mkdir(join(scratch.home, 'models', 'other'));
    await removeModel(scratch.home, 'toy');
    expect(await readdir(join(scratch.home, 'models'))).toEqual(['other']);
    await expect(removeModel(scratch.home, 'toy')).rejects.toMatchObject({ code: 'model-unknown' });
  });
});

describe('ensureBundled', () => {
  const ensure = (): ReturnType<typeof ensureBundled> =>
    ensureBundled(scratch.home, starterId, {}, scratch.source);
  const importedAt = async (): Promise<number> =>
    (await stat(join(scratch.home, 'models', starterId, 'hetcut-model.json'))).ino;

  it('imports once', async () => {
    const first = await ensure();
    expect(first.id).toBe(starterId);
    const inode = await importedAt();
    await ensure();
    expect(await importedAt()).toBe(inode);
  });

  it('imports once for several that ask at the same time, in processes of their own', async () => {
    const script = fileURLToPath(new URL('./testing/ensure-bundled.ts', import.meta.url));
    const ask = (): Promise<number | null> =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, ['--import', 'tsx', script, scratch.home, scratch.source]);
        child.on('close', resolve);
      });
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([0, 0, 0]);
    await verifyModel(scratch.home, starterId);
    expect((await readdir(join(scratch.home, 'models'))).sort()).toEqual([starterId, 'toy']);
  });

  it('imports again what an earlier version wrote, though its hash were the same', async () => {
    const { path } = await ensure();
    await editJson(join(path, 'hetcut-model.json'), { format: 1 });
    await rm(join(path, 'transformer-drift.onnx'));
    const { transformer } = await ensure();
    expect((await stat(transformer.graphs.drift!)).size).toBeGreaterThan(0);
    await verifyModel(scratch.home, starterId);
  });

  it('imports again where the source changed or the import is damaged', async () => {
    await ensure();
    await writeFile(join(scratch.source, 'hetcut.json'), '{"recommendedSteps": 7}');
    expect((await ensure()).settings.recommendedSteps).toBe(7);
    await truncate(join(scratch.home, 'models', starterId, 'vae.weights'), 0);
    expect((await ensure()).settings.recommendedSteps).toBe(7);
    await verifyModel(scratch.home, starterId);
  });
});
