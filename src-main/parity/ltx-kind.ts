import { join } from 'node:path';
import { ltxVace } from '../../src-shared/core/families/index.ts';
import {
  buildLtxDit,
  buildLtxVaeDecoder,
  buildLtxVaeEncoder,
  ltxRopeTables,
  modelWidth,
  parseLtxConfig,
  parseLtxVaeConfig,
} from '../../src-shared/core/graph/index.ts';
import { floatsOf, floatTensor } from '../engine/network/tensors.ts';
import type { TensorStore } from '../models/index.ts';
import type { Comparisons } from './comparison.ts';
import { openCase, type GoldenFolder } from './golden-folder.ts';
import type { GoldenKind, ParityContext } from './golden-kind.ts';

/** Golden intermediate → tap of the graph. */
const taps: Readonly<Record<string, string>> = {
  timestep_mod_6dim: 'timestepProj',
  embedded_timestep: 'temb',
  block0_modulated_input: 'block0ModulatedInput',
  block0_out: 'block0Output',
  block1_out: 'block1Output',
};

/** The stored tables repeat each angle for both elements of a pair. */
const everySecond = (values: Float32Array): Float32Array => values.filter((_, i) => i % 2 === 0);

/**
 * float32 knows the highest angles, of 15,708, to within 1e-3, and a unit in the last place of a frequency is as much again.
 */
const ropeTolerance = 2e-3;

async function compareTransformer(
  folder: GoldenFolder,
  store: TensorStore,
  context: ParityContext,
  results: Comparisons,
): Promise<void> {
  const { precision, tolerances } = context;
  const build = (json: unknown, path: string, wanted: readonly string[]) => ({
    ...buildLtxDit(parseLtxConfig(json, path), { precision, taps: wanted }),
    name: 'transformer-taps',
  });
  const part = await context.importPart(
    ltxVace,
    'transformer',
    join(folder.path, 'transformer'),
    (json, path) => [build(json, path, [...Object.values(taps), 'textEmbedded'])],
  );
  const config = parseLtxConfig(part.config, part.configPath);
  const width = modelWidth(config);
  const [frames, rows, cols] = await store.int32('grid_fhw');
  const [frameScale, rowScale, columnScale] = await store.float32('rope_interpolation_scale');
  const tables = ltxRopeTables({ frames, rows, cols }, width, [frameScale, rowScale, columnScale]);
  const cos = everySecond(await store.float32('rope_cos'));
  const sin = everySecond(await store.float32('rope_sin'));
  results.check('rope_cos', tables.cos, cos, ropeTolerance);
  results.check('rope_sin', tables.sin, sin, ropeTolerance);

  const type = precision === 'fp16' ? 'float16' : 'float32';
  const n = frames * rows * cols;
  const textTokens = store.shape('encoder_hidden_states')[1];
  const mask = await store.float32('encoder_attention_mask');
  // Padding is zeros here, not a mask.
  const text = (await store.float32('encoder_hidden_states')).map(
    (value, i) => value * mask[Math.floor(i / config.textDim)],
  );
  const session = await part.open('transformer-taps');
  try {
    const outputs = await session.run({
      tokens: floatTensor(await store.float32('hidden_states'), [1, n, config.inChannels], type),
      // The stored ones: what is behind them is compared more closely than they are.
      ropeCos: floatTensor(cos, [n, width / 2], 'float32'),
      ropeSin: floatTensor(sin, [n, width / 2], 'float32'),
      timestep: floatTensor(await store.float32('timestep'), [1], 'float32'),
      text: floatTensor(text, [1, textTokens, config.textDim], type),
    });
    // No sinusoid is stored that could be fed: what is behind it carries its rounding (`Tolerances.sinusoid`).
    results.check(
      'output',
      floatsOf(outputs['velocity']),
      await store.float32('output'),
      tolerances.firstVelocity,
    );
    for (const [name, tap] of Object.entries(taps)) {
      results.check(name, floatsOf(outputs[tap]), await store.float32(name), tolerances.firstVelocity);
    }
    const isText = (_: number, i: number): boolean => mask[Math.floor(i / width)] === 1;
    results.check(
      'text_embedded',
      floatsOf(outputs['textEmbedded']).filter(isText),
      (await store.float32('text_embedded')).filter(isText),
      tolerances.dit,
    );
  } finally {
    await session.release();
  }
}

async function compareVae(
  folder: GoldenFolder,
  store: TensorStore,
  context: ParityContext,
  results: Comparisons,
): Promise<void> {
  const { precision, tolerances } = context;
  const part = await context.importPart(ltxVace, 'vae', join(folder.path, 'vae'), (json, path) => {
    const config = parseLtxVaeConfig(json, path);
    return [
      { ...buildLtxVaeEncoder(config, { precision, raw: true }), name: 'vae-encoder-raw' },
      { ...buildLtxVaeDecoder(config, { precision, raw: true }), name: 'vae-decoder-raw' },
    ];
  });
  const [frames, height, width] = store.shape('vae_video_u8_THWC');
  const bytes = await store.uint8('vae_video_u8_THWC');
  const pixels = frames * height * width;
  const video = Float32Array.from({ length: bytes.length }, (_, i) => {
    const channel = Math.floor(i / pixels);
    return (bytes[3 * (i % pixels) + channel] / 255) * 2 - 1;
  });
  const z = await store.float32('vae_z');
  const zTensor = floatTensor(z, store.shape('vae_z'), 'float32');
  const encoder = await part.open('vae-encoder-raw');
  const decoder = await part.open('vae-decoder-raw');
  try {
    const encoded = await encoder.run({
      video: floatTensor(video, [1, 3, frames, height, width], 'float32'),
    });
    const { vaeEncode, vaeDecode } = tolerances;
    results.check('vae_enc_mean', floatsOf(encoded['mean']), await store.float32('vae_enc_mean'), vaeEncode);
    const logvar = floatsOf(encoded['logvar']);
    // One for all channels; the reference repeats it.
    const stored = await store.float32('vae_enc_logvar');
    const repeated = Float32Array.from(stored, (_, i) => logvar[i % logvar.length]);
    results.check('vae_enc_logvar', repeated, stored, vaeEncode);
    const decoded = await decoder.run({ z: zTensor });
    results.check('vae_dec', floatsOf(decoded['video']), await store.float32('vae_dec'), vaeDecode);
  } finally {
    await encoder.release();
    await decoder.release();
  }
}

/** LTX-Video: a forward pass of its transformer, without VACE's blocks, and both coders of its VAE. */
export const ltxKind: GoldenKind = {
  matches: ({ classes }) => classes.get('transformer') === 'LTXVideoTransformer3DModel',
  async run(folder, context, results) {
    const store = await openCase(folder);
    try {
      await compareTransformer(folder, store, context, results);
      await compareVae(folder, store, context, results);
    } finally {
      await store.close();
    }
  },
};
