import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { unpatchify } from '../../src-shared/core/control/index.ts';
import { wanVace } from '../../src-shared/core/families/index.ts';
import { parseWanVaceConfig } from '../../src-shared/core/graph/index.ts';
import { floatsOf, floatTensor } from '../engine/network/tensors.ts';
import { readFilePart, type LoraRequest, type TensorStore } from '../models/index.ts';
import type { Comparisons } from './comparison.ts';
import { openCase, type GoldenFolder } from './golden-folder.ts';
import type { GoldenKind, ParityContext } from './golden-kind.ts';
import { perElement } from './volumes.ts';
import { readInputs, runDit } from './wan-vace-dit-kind.ts';

const layouts = wanVace.singleFiles;

/** One network from a file, with LoRAs, and the tensor that it must give. */
interface DitRow {
  readonly file: string;
  readonly output: string;
  readonly loras: readonly LoraRequest[];
}

const safetensorsIn = async (...folder: string[]): Promise<string[]> =>
  (await readdir(join(...folder))).filter((name) => name.endsWith('.safetensors')).sort();

/** Every file of the network with what it must give, and every LoRA merged into the first that is not in fp8. */
async function ditRows({ path, tensors }: GoldenFolder): Promise<DitRow[]> {
  const files = await safetensorsIn(path, 'diffusion_models');
  const isFp8 = (file: string): boolean => file.includes('fp8');
  const [plain] = files.filter((file) => !isFp8(file));
  const loras = [...tensors].sort().flatMap((output): DitRow[] => {
    const [, name, strength = '1'] = /^output_lora_(.+?)(?:_strength_([\d.]+))?$/.exec(output) ?? [];
    if (name === undefined) return [];
    const lora = { path: join(path, 'loras', `${name}.safetensors`), strength: Number(strength) };
    return [{ file: plain, output, loras: [lora] }];
  });
  return [
    ...files.map((file) => ({ file, output: isFp8(file) ? 'output_fp8_scaled' : 'output', loras: [] })),
    ...loras,
  ];
}

/** The README names this share of the largest value, for an import in float32. */
const ditShare = 2e-5;

async function compareDit(
  { path }: GoldenFolder,
  row: DitRow,
  store: TensorStore,
  context: ParityContext,
  results: Comparisons,
): Promise<void> {
  const file = join(path, 'diffusion_models', row.file);
  const source = await readFilePart(file, layouts!.transformer);
  const part = await context.importPart(wanVace, 'transformer', source, undefined, row.loras);
  const config = parseWanVaceConfig(part.config, part.configPath);
  const session = await part.open('transformer');
  try {
    const inputs = await readInputs(store, config, context.precision === 'fp16' ? 'float16' : 'float32');
    const ones = config.vaceLayers.map(() => 1);
    const { velocity } = await runDit(session, inputs, [...(await store.int32('timestep'))], ones);
    const shape = { ...inputs.shape, channels: config.outChannels };
    const volume = await perElement(floatsOf(velocity), shape.batch, (x) => unpatchify(x, shape));
    const wanted = await store.float32(row.output);
    const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const tolerance = context.precision === 'fp32' ? ditShare * largest : context.tolerances.dit;
    results.check(`${row.output} of ${row.file}`, volume, wanted, tolerance);
  } finally {
    await session.release();
  }
}

/** [T, H, W, 3] bytes to [1, 3, T, H, W] in −1…1. */
function videoOf(bytes: Uint8Array): Float32Array {
  const pixels = bytes.length / 3;
  return Float32Array.from(
    { length: bytes.length },
    (_, i) => bytes[(i % pixels) * 3 + Math.floor(i / pixels)] / 127.5 - 1,
  );
}

async function compareVae(
  { path }: GoldenFolder,
  store: TensorStore,
  context: ParityContext,
  results: Comparisons,
): Promise<void> {
  const [file] = await safetensorsIn(path, 'vae');
  const source = await readFilePart(join(path, 'vae', file), layouts!.vae);
  const part = await context.importPart(wanVace, 'vae', source);
  const session = await part.open('vae-encoder');
  try {
    const [frames, height, width] = store.shape('vae_video_u8');
    const video = videoOf(await store.uint8('vae_video_u8'));
    const dims = [1, 3, frames, height, width];
    const { mean } = await session.run({ video: floatTensor(video, dims, 'float32') }, ['mean']);
    results.check('vae_mean', floatsOf(mean), await store.float32('vae_mean'), context.tolerances.vaeEncode);
  } finally {
    await session.release();
  }
}

async function compareText(
  { path }: GoldenFolder,
  store: TensorStore,
  context: ParityContext,
  results: Comparisons,
): Promise<void> {
  const [name] = await safetensorsIn(path, 'text_encoders');
  const file = join(path, 'text_encoders', name);
  const part = await context.importPart(
    wanVace,
    'text-encoder',
    await readFilePart(file, layouts!.textEncoder!),
  );
  const session = await part.open('text-encoder');
  try {
    const ids = BigInt64Array.from(await store.int32('text_ids'), BigInt);
    const outputs = await session.run({ inputIds: { type: 'int64', dims: [1, ids.length], data: ids } });
    const hidden = floatsOf(outputs[session.outputNames[0]]);
    results.check('text_hidden', hidden, await store.float32('text_hidden'), context.tolerances.text);
  } finally {
    await session.release();
  }
}

/** Single files in the layout of ComfyUI and Wan, and LoRAs of three kinds merged into them. */
export const singleFilesKind: GoldenKind = {
  matches: ({ tensors }) => tensors.has('output_lora_peft') && tensors.has('vae_mean'),
  async run(folder, context, results) {
    const store = await openCase(folder);
    try {
      for (const row of await ditRows(folder)) await compareDit(folder, row, store, context, results);
      await compareVae(folder, store, context, results);
      await compareText(folder, store, context, results);
    } finally {
      await store.close();
    }
  },
};
