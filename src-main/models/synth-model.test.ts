import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importModel } from './import-model.ts';
import { openModelFolder } from './model-store.ts';
import { openWeights } from './safetensors.ts';
import { writeShards, type TensorToWrite } from './safetensors-writer.ts';
import { synthConfigs } from './synth-configs.ts';
import { synthModel, type SynthRequest } from './synth-model.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hetcut-synth-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const request = (overrides: Partial<SynthRequest> = {}): SynthRequest => ({
  sizes: synthConfigs['wan-vace'],
  text: 'small',
  outDir: join(folder, 'out'),
  type: 'BF16',
  seed: 1,
  ...overrides,
});

describe('synthModel', () => {
  it('writes a model that the importer takes whole', async () => {
    const { path, bytes, parameters } = await synthModel(request());
    expect(parameters).toBe(bytes / 2);
    const home = join(folder, 'home');
    const { manifest, warnings } = await importModel({ sourceDir: path, id: 's', precision: 'fp16', home });
    expect(warnings).toEqual([expect.stringContaining('no tokenizer')]);
    expect(manifest.parts.length).toBe(3);
    const model = await openModelFolder(home, 's');
    expect(model.transformer.spec).toMatchObject({ blocks: 6, width: 64, textDim: 64 });
    expect(model.textEncoder?.graph).toMatch(/text-encoder\.onnx$/);
    expect((await readdir(folder)).sort()).toEqual(['home', 'out']);
  });

  it('leaves the text encoder out on request', async () => {
    const { path } = await synthModel(request({ text: 'none' }));
    expect(await readdir(path)).not.toContain('text_encoder');
    const home = join(folder, 'home');
    const { warnings } = await importModel({ sourceDir: path, id: 's', precision: 'fp32', home });
    expect(warnings).toEqual([]);
    expect((await openModelFolder(home, 's')).textEncoder).toBeUndefined();
  });

  it('has the sizes of the released models by name', () => {
    expect(synthConfigs['wan2.1-vace-1.3b'].vaceLayers).toEqual(Array.from({ length: 15 }, (_, i) => 2 * i));
    expect(synthConfigs['wan2.1-vace-14b'].vaceLayers).toEqual([0, 5, 10, 15, 20, 25, 30, 35]);
  });

  it('overwrites nothing, and leaves nothing when it is cancelled', async () => {
    await mkdir(join(folder, 'full'));
    await writeFile(join(folder, 'full', 'mine.txt'), 'x');
    await expect(synthModel(request({ outDir: join(folder, 'full') }))).rejects.toMatchObject({
      exitCode: 2,
    });
    await writeFile(join(folder, 'file'), 'x');
    await expect(synthModel(request({ outDir: join(folder, 'file') }))).rejects.toMatchObject({
      exitCode: 2,
    });
    await expect(synthModel(request(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      exitCode: 130,
    });
    expect((await readdir(folder)).sort()).toEqual(['file', 'full']);
  });

  it('names an unwritable place', async () => {
    await writeFile(join(folder, 'file'), 'x');
    const failure = synthModel(request({ outDir: join(folder, 'file', 'below') }));
    await expect(failure).rejects.toMatchObject({ name: 'HetcutError' });
  });
});

describe('writeShards', () => {
  const tensor = (name: string, values: number[]): TensorToWrite => ({
    name,
    type: 'F32',
    shape: [values.length],
    byteLength: 4 * values.length,
    chunks: () => [new Uint8Array(Float32Array.from(values).buffer)],
  });

  it('splits at the size given and writes an index that the reader follows', async () => {
    const tensors = [tensor('a', [1, 2]), tensor('b', [3]), tensor('c', [4, 5, 6, 7])];
    await writeShards(folder, tensors, { stem: 'model', maximumBytes: 12 });
    expect((await readdir(folder)).sort()).toEqual([
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
      'model.safetensors.index.json',
    ]);
    const index = JSON.parse(await readFile(join(folder, 'model.safetensors.index.json'), 'utf8')) as object;
    expect(index).toMatchObject({ metadata: { total_size: 28 } });
    const store = await openWeights(folder);
    expect([...(await store.float32('a'))]).toEqual([1, 2]);
    expect([...(await store.float32('b'))]).toEqual([3]);
    expect([...(await store.float32('c'))]).toEqual([4, 5, 6, 7]);
    // Data begins at a multiple of 8, as the format's own library writes it.
    expect(store.get('a').offset % 8).toBe(0);
    await store.close();
  });
});
