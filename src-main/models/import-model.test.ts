import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wanVace } from '../../src-shared/core/families/index.ts';
import { buildWanVaceDit, layoutParameters, parseWanVaceConfig } from '../../src-shared/core/graph/index.ts';
import { importModel, type ImportCallbacks, type ImportRequest, type ImportResult } from './import-model.ts';
import { openModelFolder } from './model-store.ts';
import { openWeights } from './safetensors.ts';
import { editJson, editTensors, openScratch, type Scratch } from './testing/source-copy.ts';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await openScratch();
});
afterEach(() => scratch.remove());

function runImport(
  overrides: Partial<ImportRequest> = {},
  callbacks: ImportCallbacks = {},
): Promise<ImportResult> {
  const { source: sourceDir, home } = scratch;
  return importModel({ sourceDir, home, id: 'toy', precision: 'fp32', ...overrides }, callbacks);
}

/** Everything under `models`, hidden folders too; nothing where the home was not made. */
async function modelEntries(): Promise<string[]> {
  return readdir(join(scratch.home, 'models')).catch(() => []);
}

const inSource = (...names: string[]): string => join(scratch.source, ...names);
const textWeights = (): string => inSource('text_encoder', 'model.safetensors');
const firstNorm = 'encoder.block.0.layer.0.layer_norm.weight';
const lastNorm = 'encoder.final_layer_norm.weight';

describe('importModel', () => {
  it('refuses a model of two experts, of which it would run one', async () => {
    const index = inSource('model_index.json');
    for (const changes of [
      { transformer_2: ['diffusers', 'WanVACETransformer3DModel'] },
      { transformer_2: [null, null], boundary_ratio: 0.875 },
    ]) {
      await editJson(index, changes);
      await expect(runImport()).rejects.toMatchObject({
        code: 'two-experts',
        message: expect.stringMatching(/"(?:transformer_2|boundary_ratio)".*two transformers/) as string,
      });
    }
    expect(await modelEntries()).toEqual([]);
    await editJson(index, { transformer_2: [null, null], boundary_ratio: null });
    await mkdir(inSource('transformer_2'));
    await writeFile(inSource('transformer_2', 'config.json'), '{}');
    await expect(runImport()).rejects.toMatchObject({ code: 'two-experts' });
    await rm(inSource('transformer_2'), { recursive: true });
    await runImport();
    expect(await modelEntries()).toEqual(['toy']);
  });

  it('writes graphs, weights and a manifest that describes them', async () => {
    const { path, manifest, warnings } = await runImport();
    expect(warnings).toEqual([expect.stringContaining('no tokenizer')]);
    expect(await modelEntries()).toEqual(['toy']);
    expect(manifest.parts.map((part) => part.name)).toEqual(['transformer', 'vae', 'text-encoder']);
    expect(JSON.parse(await readFile(join(path, 'hetcut-model.json'), 'utf8'))).toEqual(manifest);
    const files = manifest.parts.flatMap((part) => part.files);
    expect((await readdir(path)).sort()).toEqual(
      [...files.map((file) => file.name), 'hetcut-model.json'].sort(),
    );
    for (const file of files) {
      const bytes = await readFile(join(path, file.name));
      expect(bytes.length).toBe(file.bytes);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256);
    }
  });

  it('writes six graphs of the transformer on one file of its weights', async () => {
    const { manifest } = await runImport();
    const files = manifest.parts[0].files;
    expect(files.map((file) => file.name)).toEqual([
      'transformer.onnx',
      'transformer-selection.onnx',
      'transformer-cached.onnx',
      'transformer-cached-int8.onnx',
      'transformer-broadcast.onnx',
      'transformer-drift.onnx',
      'transformer.weights',
    ]);
    // No variant reads a weight that the plain graph does not: the file is as long as for that one alone.
    const config: unknown = JSON.parse(await readFile(inSource('transformer', 'config.json'), 'utf8'));
    const graph = buildWanVaceDit(parseWanVaceConfig(config, 'config.json'), { precision: 'fp32' });
    expect(files[6].bytes).toBe(layoutParameters([graph], 'transformer.weights').fileBytes);
  });

  it('stores the weights where the graph looks for them', async () => {
    const { path } = await runImport();
    const config: unknown = JSON.parse(await readFile(inSource('transformer', 'config.json'), 'utf8'));
    const graph = buildWanVaceDit(parseWanVaceConfig(config, 'config.json'), { precision: 'fp32' });
    const layout = layoutParameters([graph], 'transformer.weights');
    const bytes = await readFile(join(path, 'transformer.weights'));
    const store = await openWeights(inSource('transformer'));
    for (const name of ['proj_out.weight', 'blocks.2.norm2.bias']) {
      const parameter = layout.parameters.find((candidate) => candidate.source === name)!;
      const place = layout.placements.get(parameter.name)!;
      const stored = new Float32Array(
        new Uint8Array(bytes.subarray(place.offset, place.offset + place.length)).buffer,
      );
      const source = await store.float32(name);
      const [rows, columns] = parameter.transform === 'transpose' ? store.shape(name) : [source.length, 1];
      expect(stored).toEqual(source.map((_, i) => source[(i % rows) * columns + Math.floor(i / rows)]));
    }
    await store.close();
  });

  it('imports in fp16 into fewer bytes', async () => {
    const full = await runImport();
    const half = await runImport({ id: 'half', precision: 'fp16' });
    const bytesOf = ({ manifest }: ImportResult): number =>
      manifest.parts[0].files.find((file) => file.name.endsWith('.weights'))!.bytes;
    expect(bytesOf(half)).toBeLessThan(0.8 * bytesOf(full));
    expect((await openModelFolder(scratch.home, 'half')).type).toBe('float16');
  });

  it('reports progress up to the end', async () => {
    const steps: number[] = [];
    let last = NaN;
    await runImport({}, { onProgress: (event) => (steps.push(event.step), (last = event.steps)) });
    expect(steps.length).toBeGreaterThan(3);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(last).toBeGreaterThan(0);
  });

  it('takes the settings of hetcut.json and the usual ones of Wan without it', async () => {
    await runImport();
    expect((await openModelFolder(scratch.home, 'toy')).settings).toEqual({
      calibration: {},
      description: '',
      fill: 'grey',
      guidanceScale: 5,
      negativePrompt: wanVace.defaults.negativePrompt,
      removalPrompt: wanVace.defaults.removalPrompt,
      recommendedSteps: 50,
      strength: 1,
      workingPixels: 399360,
      maxWindowFrames: 81,
      overlapFrames: 5,
      textTokens: 512,
      followsPrompt: false,
      stands: false,
    });
    await writeFile(inSource('hetcut.json'), '{"fill": "push-pull", "maxWindowFrames": 17, "flowShift": 4}');
    await runImport({ replace: true });
    const { settings } = await openModelFolder(scratch.home, 'toy');
    expect(settings).toMatchObject({ fill: 'push-pull', maxWindowFrames: 17, flowShift: 4, strength: 1 });
  });

  it('imports text encoder and VAE in precisions of their own', async () => {
    const bytesOf = async (more: Parameters<typeof runImport>[0]): Promise<Record<string, number>> => {
      const { manifest } = await runImport({ ...more, replace: true });
      return Object.fromEntries(
        manifest.parts.flatMap(({ name, files }) =>
          files.filter((file) => file.name.endsWith('.weights')).map(({ bytes }) => [name, bytes]),
        ),
      );
    };
    const fp32 = await bytesOf({ precision: 'fp32' });
    const fp16 = await bytesOf({ precision: 'fp16' });
    const mixed = await bytesOf({ precision: 'fp16', vaePrecision: 'fp32', textPrecision: 'fp32' });
    expect(mixed).toEqual({ ...fp32, transformer: fp16['transformer'] });
    expect(fp16['vae']).toBeLessThan(fp32['vae']);
    expect((await openModelFolder(scratch.home, 'toy')).textPrecision).toBe('fp32');
    await expect(runImport({ id: 'words', replace: true })).rejects.toMatchObject({ code: 'model-id-taken' });
    await runImport({ precision: 'fp16', replace: true });
    expect((await openModelFolder(scratch.home, 'toy')).textPrecision).toBe('int8');
  });

  it('copies the tokenizer', async () => {
    await editJson(inSource('model_index.json'), { tokenizer: ['transformers', 'T5TokenizerFast'] });
    await mkdir(inSource('tokenizer'));
    await writeFile(inSource('tokenizer', 'tokenizer.json'), '{"model": {}}');
    const { warnings } = await runImport();
    expect(warnings).toEqual([]);
    const model = await openModelFolder(scratch.home, 'toy');
    expect(model.settings.followsPrompt).toBe(true);
    expect(await readFile(model.tokenizer!, 'utf8')).toBe('{"model": {}}');
  });

  it('mentions tensors that nothing uses', async () => {
    await editTensors(textWeights(), (tensors) => {
      tensors['stray.weight'] = tensors[lastNorm];
    });
    const { warnings } = await runImport();
    expect(warnings[0]).toMatch(/text_encoder.*tensors that nothing uses \(1\): stray\.weight\./);
  });
});

describe('the text embedding', () => {
  const rename = (keep: boolean): Promise<void> =>
    editTensors(textWeights(), (tensors) => {
      tensors['encoder.embed_tokens.weight'] = tensors['shared.weight'];
      if (!keep) delete tensors['shared.weight'];
    });

  it.each([false, true])('may be stored under its other name, or under both (%s)', async (keep) => {
    const part = ({ manifest }: ImportResult): unknown => manifest.parts[2].sha256;
    const usual = await runImport();
    await rename(keep);
    const renamed = await runImport({ id: 'renamed' });
    expect(part(renamed)).toBe(part(usual));
    expect(renamed.warnings).toEqual(usual.warnings);
  });
});

describe('a wrong source', () => {
  const cases: [string, () => Promise<unknown>, RegExp][] = [
    [
      'a folder that is not there',
      () => rm(scratch.source, { recursive: true }),
      /model_index\.json: cannot be read/,
    ],
    [
      'an index that is not JSON',
      () => writeFile(inSource('model_index.json'), '{'),
      /model_index\.json: not JSON/,
    ],
    [
      'an index without a transformer',
      () => editJson(inSource('model_index.json'), { transformer: undefined }),
      /model_index\.json: "transformer"/,
    ],
    [
      'an unknown pipeline class',
      () => editJson(inSource('model_index.json'), { _class_name: 'FluxPipeline' }),
      /"_class_name": "FluxPipeline" is not supported/,
    ],
    [
      'a config of an unknown class',
      () => editJson(inSource('transformer', 'config.json'), { _class_name: 'FluxTransformer2DModel' }),
      /transformer.config\.json.*FluxTransformer2DModel/,
    ],
    [
      'an unknown scheduler',
      () => editJson(inSource('scheduler', 'scheduler_config.json'), { _class_name: 'DDIMScheduler' }),
      /scheduler_config\.json.*DDIMScheduler/,
    ],
    ['a 0-byte model file', () => truncate(textWeights(), 0), /text_encoder.model\.safetensors: 0 bytes/],
    [
      'a truncated safetensors file',
      async () => truncate(textWeights(), (await stat(textWeights())).size - 100),
      /text_encoder.model\.safetensors: the data of tensor .* but the file has/,
    ],
    [
      'a missing shard',
      () => rm(inSource('transformer', 'diffusion_pytorch_model-00002-of-00003.safetensors')),
      /diffusion_pytorch_model-00002-of-00003\.safetensors: cannot be opened/,
    ],
    [
      'a missing tensor',
      () => editTensors(textWeights(), (tensors) => void delete tensors[lastNorm]),
      /text_encoder.*: tensor encoder\.final_layer_norm\.weight is missing\./,
    ],
    [
      'several missing tensors',
      () =>
        editTensors(textWeights(), (tensors) => {
          delete tensors[firstNorm];
          delete tensors[lastNorm];
        }),
      /is missing \(and 1 more\)/,
    ],
    [
      'a tensor of the wrong shape',
      () =>
        editTensors(textWeights(), (tensors) => {
          tensors[lastNorm] = { ...tensors[lastNorm], shape: [4, 8] };
        }),
      /model\.safetensors: tensor encoder\.final_layer_norm\.weight has the shape \[4, 8\], not \[32\]/,
    ],
    [
      'integers for weights',
      () =>
        editTensors(textWeights(), (tensors) => {
          tensors[lastNorm] = { ...tensors[lastNorm], type: 'I32' };
        }),
      /tensor encoder\.final_layer_norm\.weight holds I32 numbers/,
    ],
    [
      'a misspelt setting',
      () => writeFile(inSource('hetcut.json'), '{"stepps": 3}'),
      /hetcut\.json: .*stepps/,
    ],
    [
      'an impossible setting',
      () => writeFile(inSource('hetcut.json'), '{"maxWindowFrames": 16}'),
      /hetcut\.json: "maxWindowFrames": must be 1 \+ 4k/,
    ],
    [
      'prompts without a tokenizer',
      () => writeFile(inSource('hetcut.json'), '{"followsPrompt": true}'),
      /"followsPrompt" is true, but the model has no tokenizer/,
    ],
    [
      'a tokenizer that is not there',
      () => editJson(inSource('model_index.json'), { tokenizer: ['transformers', 'T5Tokenizer'] }),
      /tokenizer\.json: cannot be read/,
    ],
  ];
  it.each(cases)('%s is named, and nothing is left', async (_what, spoil, message) => {
    await spoil();
    const failure = runImport();
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toMatchObject({ name: 'HetcutError' });
    expect(await modelEntries()).toEqual([]);
  });
});

describe('the home', () => {
  it('keeps a model of the same id unless told to replace it', async () => {
    const first = await runImport();
    await expect(runImport({ precision: 'fp16' })).rejects.toMatchObject({
      code: 'model-exists',
      exitCode: 2,
    });
    expect((await openModelFolder(scratch.home, 'toy')).precision).toBe('fp32');
    await runImport({ precision: 'fp16', replace: true });
    expect((await openModelFolder(scratch.home, 'toy')).precision).toBe('fp16');
    expect(await modelEntries()).toEqual(['toy']);
    expect(first.path).toBe(join(scratch.home, 'models', 'toy'));
  });

  it('keeps the old model where replacing it fails', async () => {
    await runImport();
    await truncate(textWeights(), 0);
    await expect(runImport({ replace: true })).rejects.toThrow('0 bytes');
    await openModelFolder(scratch.home, 'toy');
  });

  it.each(['', '.hidden', '../up', 'a/b', 'Größe', 'dot.', 'x'.repeat(65)])(
    'refuses the id "%s"',
    async (id) => {
      await expect(runImport({ id })).rejects.toMatchObject({ code: 'model-id', exitCode: 2 });
    },
  );

  it('that cannot be written is named', async () => {
    await writeFile(scratch.home, 'a file where the folder should be');
    await expect(runImport()).rejects.toMatchObject({
      code: 'home-unwritable',
      message: expect.stringContaining(scratch.home) as string,
    });
  });

  it('on a full disk is refused before anything is written', async () => {
    const failure = runImport({}, { freeBytes: async () => 1_000_000 });
    await expect(failure).rejects.toMatchObject({ code: 'disk-full' });
    expect(await modelEntries()).toEqual([]);
  });

  it('has nothing half-made after a cancelled import', async () => {
    const abort = new AbortController();
    const failure = runImport({}, { signal: abort.signal, onProgress: () => abort.abort() });
    await expect(failure).rejects.toMatchObject({ exitCode: 130 });
    expect(await modelEntries()).toEqual([]);
  });

  it('has no model after a killed import, and is tidied by the next one', async () => {
    const script = fileURLToPath(new URL('./testing/killed-import.ts', import.meta.url));
    const child = spawnSync(process.execPath, ['--import', 'tsx', script, scratch.source, scratch.home]);
    expect(child.signal).toBe('SIGKILL');
    const [left, ...others] = await modelEntries();
    expect(left).toMatch(/^\.importing-killed-\d+$/);
    expect(others).toEqual([]);
    await runImport({ id: 'killed' });
    expect(await modelEntries()).toEqual(['killed']);
  });

  it('leaves alone what an import that still runs has made', async () => {
    const foreign = `.importing-other-${process.ppid}`;
    await mkdir(join(scratch.home, 'models', foreign), { recursive: true });
    await runImport();
    expect((await modelEntries()).sort()).toEqual([foreign, 'toy']);
  });
});
