import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wanVace } from '../../src-shared/core/families/index.ts';
import { float8e4m3ToFloat32Array } from '../../src-shared/core/half/index.ts';
import { addProduct } from './add-product.ts';
import { importModel, type ImportRequest } from './import-model.ts';
import { openModelFolder } from './model-store.ts';
import { openSafetensors } from './safetensors.ts';
import { openSingleFile } from './single-file.ts';
import { encodeSafetensors, type TensorBytes } from './testing/safetensors-bytes.ts';

const golden = fileURLToPath(new URL('../../e2e/fixtures/golden/J_single_files', import.meta.url));

let folder: string;
let home: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hetcut-files-'));
  home = join(folder, 'home');
});
afterEach(() => rm(folder, { recursive: true }));

const bf16 = join(golden, 'diffusion_models', 'wan_vace_bf16.safetensors');
const vae = join(golden, 'vae', 'wan_vae.safetensors');
const textEncoder = join(golden, 'text_encoders', 'umt5_bf16.safetensors');
const lora = (name: string): string => join(golden, 'loras', `${name}.safetensors`);

function importFiles(transformer: string, more: Partial<ImportRequest> = {}) {
  const files = { transformer, vae };
  return importModel({ sourceDir: transformer, files, id: 'mine', precision: 'fp32', home, ...more });
}

async function tensorsOf(path: string): Promise<Record<string, TensorBytes>> {
  const store = await openSafetensors(path);
  const tensors: Record<string, TensorBytes> = {};
  for (const tensor of store.tensors.values()) {
    tensors[tensor.name] = { type: tensor.type, shape: tensor.shape, bytes: await store.readBytes(tensor) };
  }
  await store.close();
  return tensors;
}

/** A copy of a file with its tensors changed. */
async function changed(
  path: string,
  change: (tensors: Record<string, TensorBytes>) => void,
): Promise<string> {
  const tensors = await tensorsOf(path);
  change(tensors);
  const copy = join(folder, 'changed.safetensors');
  await writeFile(copy, encodeSafetensors(tensors));
  return copy;
}

const modelEntries = (): Promise<string[]> => readdir(join(home, 'models')).catch(() => []);

async function expectRefused(work: Promise<unknown>, code: string, message: RegExp): Promise<void> {
  await expect(work).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  expect(await modelEntries()).toEqual([]);
}

describe('single files', () => {
  it('are imported as a model, sizes from their shapes', async () => {
    const files = { transformer: bf16, vae, textEncoder };
    const { manifest, warnings } = await importFiles(bf16, { files });
    expect(manifest.configs.transformer).toMatchObject({
      num_layers: 4,
      num_attention_heads: 1,
      ffn_dim: 160,
      freq_dim: 64,
      text_dim: 64,
      vace_layers: [0, 2],
    });
    expect(manifest.configs.textEncoder).toMatchObject({ num_heads: 1, d_ff: 96 });
    expect(warnings).toEqual([expect.stringContaining('no tokenizer')]);
    const model = await openModelFolder(home, 'mine');
    expect(model.settings.followsPrompt).toBe(false);
    expect(model.scheduler).toBeDefined();
  });

  it('may have ComfyUI’s prefix before every name', async () => {
    const prefixed = await changed(bf16, (tensors) => {
      for (const [name, tensor] of Object.entries(tensors)) {
        delete tensors[name];
        tensors[`model.diffusion_model.${name}`] = tensor;
      }
    });
    const one = await importFiles(bf16, { id: 'one' });
    const two = await importFiles(prefixed, { id: 'two' });
    expect(two.manifest.parts[0].sha256).toBe(one.manifest.parts[0].sha256);
    expect(two.warnings.join()).not.toMatch(/nothing uses/);
  });

  it('are found in a models folder of ComfyUI', async () => {
    const comfy = join(folder, 'ComfyUI', 'models');
    for (const name of ['diffusion_models', 'vae', 'text_encoders', 'loras'])
      await mkdir(join(comfy, name), { recursive: true });
    await cp(bf16, join(comfy, 'diffusion_models', 'wan2.1_vace.safetensors'));
    await cp(vae, join(comfy, 'vae', 'wan_2.1_vae.safetensors'));
    await cp(lora('peft'), join(comfy, 'diffusion_models', 'not-a-network.safetensors'));
    await writeFile(join(comfy, 'vae', 'damaged.safetensors'), 'x');
    const { manifest } = await importModel({
      sourceDir: join(folder, 'ComfyUI'),
      id: 'comfy',
      precision: 'fp16',
      home,
    });
    expect(manifest.parts.map(({ name }) => name)).toEqual(['transformer', 'vae']);
    await cp(bf16, join(comfy, 'diffusion_models', 'second.safetensors'));
    await expect(importModel({ sourceDir: comfy, id: 'two', precision: 'fp16', home })).rejects.toMatchObject(
      {
        code: 'models-ambiguous',
        message: expect.stringMatching(/second\.safetensors, wan2\.1_vace\.safetensors/) as string,
        exitCode: 2,
      },
    );
    await rm(join(comfy, 'diffusion_models'), { recursive: true });
    await mkdir(join(comfy, 'diffusion_models'));
    await expect(
      importModel({ sourceDir: comfy, id: 'none', precision: 'fp16', home }),
    ).rejects.toMatchObject({ code: 'models-absent' });
  });

  it('of Wan’s own text encoder are those of transformers', () => {
    const usual = (name: string): string | undefined => wanVace.singleFiles?.textEncoder?.usualName(name);
    expect(
      [
        'token_embedding.weight',
        'norm.weight',
        'blocks.3.attn.q.weight',
        'blocks.3.pos_embedding.embedding.weight',
        'blocks.3.ffn.gate.0.weight',
        'blocks.3.ffn.fc2.weight',
        'blocks.3.norm2.weight',
      ].map(usual),
    ).toEqual([
      'shared.weight',
      'encoder.final_layer_norm.weight',
      'encoder.block.3.layer.0.SelfAttention.q.weight',
      'encoder.block.3.layer.0.SelfAttention.relative_attention_bias.weight',
      'encoder.block.3.layer.1.DenseReluDense.wi_0.weight',
      'encoder.block.3.layer.1.DenseReluDense.wo.weight',
      'encoder.block.3.layer.1.layer_norm.weight',
    ]);
  });

  it('are refused where they are cut short, renamed or of another model, with what they seem to be', async () => {
    const cut = join(folder, 'cut.safetensors');
    await cp(bf16, cut);
    await truncate(cut, 2_000_000);
    await expectRefused(importFiles(cut), 'weights-damaged', /the file has 2000000 bytes/);
    for (const [start, what] of [
      ['PK\x03\x04 and so on', /PyTorch checkpoint/],
      ['<!doctype html><title>Sign in', /a web page/],
      ['version https://git-lfs.github.com/spec/v1', /pointer of Git LFS/],
    ] as const) {
      await writeFile(cut, start, 'latin1');
      await expectRefused(importFiles(cut), 'weights-format', what);
    }
    await expectRefused(
      importFiles(vae),
      'single-file-unknown',
      /not a Wan-VACE transformer or an LTX-Video-VACE transformer: it seems to be a Wan 2\.1 VAE/,
    );
    await expectRefused(importFiles(lora('kohya')), 'single-file-unknown', /a LoRA: give it with --lora/);
    const plain = await changed(bf16, (tensors) => {
      for (const name of Object.keys(tensors)) if (name.startsWith('vace_')) delete tensors[name];
    });
    await expectRefused(importFiles(plain), 'single-file-unknown', /without VACE/);
    const alien = await changed(bf16, (tensors) => {
      for (const name of Object.keys(tensors)) delete tensors[name];
      tensors['double_blocks.0.img_attn.qkv.weight'] = { type: 'F32', shape: [1], bytes: new Uint8Array(4) };
    });
    await expectRefused(importFiles(alien), 'single-file-unknown', /FLUX or HunyuanVideo/);
    const incomplete = await changed(bf16, (tensors) => {
      delete tensors['blocks.2.ffn.2.weight'];
    });
    await expectRefused(importFiles(incomplete), 'tensor-missing', /blocks\.2\.ffn\.net\.2\.weight/);
    const files = { transformer: bf16, vae: textEncoder };
    await expectRefused(
      importFiles(bf16, { files }),
      'single-file-unknown',
      /not a Wan 2\.1 VAE: it seems to be a UMT5/,
    );
  });

  it('of Wan 2.2’s large VAE are refused by their channels', async () => {
    const big = await changed(vae, (tensors) => {
      tensors['conv2.weight'] = { type: 'F32', shape: [48, 48, 1, 1, 1], bytes: new Uint8Array(4 * 48 * 48) };
    });
    const files = { transformer: bf16, vae: big };
    await expectRefused(
      importFiles(bf16, { files }),
      'single-file-sizes',
      /48 latent channels, that of Wan 2\.2/,
    );
  });
});

describe('fp8', () => {
  const fp8 = join(golden, 'diffusion_models', 'wan_vace_fp8_e4m3fn_scaled.safetensors');
  const layout = wanVace.singleFiles!.transformer;

  it('has the values of the format', () => {
    const bits = Uint8Array.of(0x00, 0x01, 0x07, 0x08, 0x38, 0x7e, 0xfe, 0xb8, 0x7f);
    const expected = [0, 2 ** -9, 7 * 2 ** -9, 2 ** -6, 1, 448, -448, -1, NaN];
    expect([...float8e4m3ToFloat32Array(bits, 1)]).toEqual(expected);
    expect([...float8e4m3ToFloat32Array(bits.subarray(4, 6), 0.5)]).toEqual([0.5, 224]);
  });

  it('needs a scale for each weight where one has a scale', async () => {
    const broken = await changed(fp8, (tensors) => {
      delete tensors['blocks.1.ffn.0.scale_weight'];
    });
    await expectRefused(
      importFiles(broken),
      'fp8-scales',
      /blocks\.1\.ffn\.0\.weight is stored in fp8 without a scale/,
    );
    const rows = await changed(fp8, (tensors) => {
      tensors['blocks.1.ffn.0.scale_weight'] = { type: 'F32', shape: [160, 1], bytes: new Uint8Array(640) };
    });
    await expectRefused(importFiles(rows), 'fp8-scales', /scales by row or block/);
  });

  it('is taken as it is where a file has no scales at all', async () => {
    const plain = await changed(fp8, (tensors) => {
      for (const name of Object.keys(tensors)) {
        if (name.endsWith('scale_weight') || name === 'scaled_fp8') delete tensors[name];
      }
    });
    const store = await openSingleFile({ path: plain, layout });
    const original = await openSingleFile({ path: fp8, layout });
    const name = 'blocks.0.attn1.to_q.weight';
    const [values, scaled] = [await store.float32(name), await original.float32(name)];
    const { scale = NaN } = original.get(name);
    expect(scale).not.toBe(1);
    for (let i = 0; i < 200; i++) expect(scaled[i]).toBeCloseTo(values[i] * scale, 6);
    await store.close();
    await original.close();
  });
});

describe('LoRAs', () => {
  it.each([
    [1, 1, 1],
    [2, 4, 3],
    [5, 7, 2],
    [6, 9, 4],
  ])('add the product of their matrices: %i × %i, rank %i', (rows, columns, rank) => {
    const numbers = (count: number, phase: number): Float32Array =>
      Float32Array.from({ length: count }, (_, i) => Math.sin(phase + i * i));
    const [values, up, down] = [
      numbers(rows * columns, 0),
      numbers(rows * rank, 1),
      numbers(rank * columns, 2),
    ];
    const expected = Array.from(values, (value, at) => {
      const [i, j] = [Math.floor(at / columns), at % columns];
      let sum = 0;
      for (let k = 0; k < rank; k++) sum += up[i * rank + k] * down[k * columns + j];
      return value + 0.7 * sum;
    });
    addProduct(values, up, down, { rank, factor: 0.7 });
    for (const [at, value] of expected.entries()) expect(values[at]).toBeCloseTo(value, 5);
  });

  it('are merged at import, kept in the manifest, and name what they do not change', async () => {
    const extra = await changed(lora('peft'), (tensors) => {
      tensors['transformer.blocks.0.attn1.to_banana.lora_A.weight'] = {
        type: 'F32',
        shape: [1],
        bytes: new Uint8Array(4),
      };
    });
    const loras = [
      { path: lora('kohya'), strength: 0.5 },
      { path: extra, strength: 1 },
    ];
    const plain = await importFiles(bf16, { id: 'plain' });
    const { manifest, warnings } = await importFiles(bf16, {
      loras,
      settings: { recommendedSteps: 4, guidanceScale: 1 },
    });
    expect(manifest.source.loras).toEqual([`${lora('kohya')}:0.5`, `${extra}:1`]);
    expect(manifest.settings).toMatchObject({ recommendedSteps: 4, guidanceScale: 1 });
    expect(warnings.join()).toMatch(/keys that change nothing in this model \(1\): .*to_banana/);
    const weights = (id: string) => readFile(join(home, 'models', id, 'transformer.weights'));
    expect((await weights('mine')).equals(await weights('plain'))).toBe(false);
    expect(plain.manifest.parts[1].sha256).toBe(manifest.parts[1].sha256);
  });

  it('with names of kohya’s scripts, dots as underscores, change the same', async () => {
    const underscores = await changed(lora('kohya'), (tensors) => {
      for (const [name, tensor] of Object.entries(tensors)) {
        delete tensors[name];
        const [, module = '', rest = ''] =
          /^diffusion_model\.(.+)\.(lora_\w+\.weight|alpha)$/.exec(name) ?? [];
        tensors[`lora_unet_${module.replaceAll('.', '_')}.${rest}`] = tensor;
      }
    });
    const one = await importFiles(bf16, { id: 'one', loras: [{ path: lora('kohya'), strength: 1 }] });
    const two = await importFiles(bf16, { id: 'two', loras: [{ path: underscores, strength: 1 }] });
    expect(two.warnings.join()).not.toMatch(/change nothing/);
    expect(two.manifest.parts[0].sha256).toBe(one.manifest.parts[0].sha256);
  });

  it('of another model, size or kind are refused with keys and shapes', async () => {
    const withLora = (path: string) => importFiles(bf16, { loras: [{ path, strength: 1 }] });
    const other = await changed(lora('peft'), (tensors) => {
      for (const [name, tensor] of Object.entries(tensors)) {
        delete tensors[name];
        tensors[name.replace('blocks', 'double_blocks')] = tensor;
      }
    });
    await expectRefused(
      withLora(other),
      'lora-other-model',
      /nothing in it belongs to this model: .*double_blocks/,
    );
    const wide = await changed(lora('peft'), (tensors) => {
      const name = 'transformer.blocks.0.attn1.to_q.lora_B.weight';
      tensors[name] = { type: 'F32', shape: [64, 4], bytes: new Uint8Array(64 * 4 * 4) };
    });
    await expectRefused(
      withLora(wide),
      'lora-other-model',
      /lora_B\.weight \[64, 4\] do not fit blocks\.0\.attn1\.to_q\.weight \[128, 128\]/,
    );
    const kind = await changed(lora('peft'), (tensors) => {
      tensors['transformer.blocks.0.attn1.to_q.hada_w1_a'] = {
        type: 'F32',
        shape: [1],
        bytes: new Uint8Array(4),
      };
    });
    await expectRefused(withLora(kind), 'lora-kind', /LoHa/);
    await expectRefused(withLora(bf16), 'lora-other-model', /nothing in it belongs/);
  });
});
