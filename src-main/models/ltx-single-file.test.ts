import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { importModel } from './import-model.ts';
import { openWeights } from './safetensors.ts';
import { synthConfigs } from './synth-configs.ts';
import { synthModel } from './synth-model.ts';
import { encodeSafetensors, type TensorBytes } from './testing/safetensors-bytes.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hetcut-ltx-file-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Lightricks' names by those of diffusers, longest first: the table of the conversion script of LTX-Video, written down apart. */
const vaeNames = [
  ['decoder.up_blocks.3.conv_in', 'decoder.up_blocks.7'],
  ['decoder.up_blocks.3.upsamplers.0', 'decoder.up_blocks.8'],
  ['decoder.up_blocks.3', 'decoder.up_blocks.9'],
  ['decoder.up_blocks.2.upsamplers.0', 'decoder.up_blocks.5'],
  ['decoder.up_blocks.2.conv_in', 'decoder.up_blocks.4'],
  ['decoder.up_blocks.2', 'decoder.up_blocks.6'],
  ['decoder.up_blocks.1.upsamplers.0', 'decoder.up_blocks.2'],
  ['decoder.up_blocks.1', 'decoder.up_blocks.3'],
  ['decoder.up_blocks.0', 'decoder.up_blocks.1'],
  ['decoder.mid_block', 'decoder.up_blocks.0'],
  ['encoder.down_blocks.3', 'encoder.down_blocks.8'],
  ['encoder.down_blocks.2.downsamplers.0', 'encoder.down_blocks.7'],
  ['encoder.down_blocks.2', 'encoder.down_blocks.6'],
  ['encoder.down_blocks.1.downsamplers.0', 'encoder.down_blocks.4'],
  ['encoder.down_blocks.1.conv_out', 'encoder.down_blocks.5'],
  ['encoder.down_blocks.1', 'encoder.down_blocks.3'],
  ['encoder.down_blocks.0.conv_out', 'encoder.down_blocks.2'],
  ['encoder.down_blocks.0.downsamplers.0', 'encoder.down_blocks.1'],
  ['encoder.mid_block', 'encoder.down_blocks.9'],
  ['latents_mean', 'per_channel_statistics.mean-of-means'],
  ['latents_std', 'per_channel_statistics.std-of-means'],
] as const;

function vaeName(name: string): string {
  const [from, to] = vaeNames.find(([start]) => name.startsWith(start)) ?? ['', ''];
  return `vae.${to}${name.slice(from.length)}`
    .replace('conv_shortcut.conv', 'conv_shortcut')
    .replace('resnets', 'res_blocks')
    .replace('norm3', 'norm3.norm');
}

const transformerName = (name: string): string =>
  `model.diffusion_model.${name
    .replace('time_embed', 'adaln_single')
    .replace('proj_in', 'patchify_proj')
    .replace('norm_q', 'q_norm')
    .replace('norm_k', 'k_norm')}`;

it('of LTX-Video-VACE holds transformer and VAE under Lightricks’ names: the same bytes as the folder', async () => {
  const source = join(folder, 'source');
  const request = { text: 'none', outDir: source, type: 'F32', seed: 5 } as const;
  await synthModel({ sizes: synthConfigs['ltx-vace'], ...request });
  const tensors: Record<string, TensorBytes> = {};
  for (const [part, rename] of [
    ['transformer', transformerName],
    ['vae', vaeName],
  ] as const) {
    const store = await openWeights(join(source, part));
    for (const tensor of store.tensors.values()) {
      const { type, shape, name } = tensor;
      tensors[rename(name)] = { type, shape, bytes: await store.readBytes(tensor) };
    }
    await store.close();
  }
  const file = join(folder, 'ltx-vace.safetensors');
  await writeFile(file, encodeSafetensors(tensors));

  const home = join(folder, 'home');
  const common = { precision: 'fp32', home } as const;
  const whole = await importModel({ sourceDir: source, id: 'folder', ...common });
  const files = { transformer: file, vae: file };
  const single = await importModel({ sourceDir: file, files, id: 'file', ...common });
  expect(single.manifest.family).toBe('ltx-vace');
  const sums = ({ manifest }: typeof whole) =>
    manifest.parts.map(({ name, sha256 }) => [name, sha256]).filter(([name]) => name !== 'settings');
  expect(sums(single)).toEqual(sums(whole));

  delete tensors['model.diffusion_model.patchify_context_proj.weight'];
  await writeFile(file, encodeSafetensors(tensors));
  await expect(
    importModel({ sourceDir: file, files, id: 'plain', ...common }),
  ).rejects.toMatchObject({ code: 'single-file-unknown', message: expect.stringContaining('LTX-Video') as string });
});
