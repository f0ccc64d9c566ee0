import { join } from 'node:path';
import { wanVace } from '../../src-shared/core/families/index.ts';
import { patchify, tokenCount, unpatchify } from '../../src-shared/core/control/index.ts';
import {
  buildWanVaceDit,
  parseWanVaceConfig,
  ropeTables,
  type FloatType,
  type RopeTables,
  type WanVaceConfig,
} from '../../src-shared/core/graph/index.ts';
import type { Session, TensorMap } from '../engine/network/session.ts';
import { floatsOf, floatTensor } from '../engine/network/tensors.ts';
import type { TensorStore } from '../models/index.ts';
import type { Comparisons } from './comparison.ts';
import { openCase, type GoldenFolder } from './golden-folder.ts';
import type { GoldenKind, ParityContext } from './golden-kind.ts';
import { batchShape, perElement, type BatchShape } from './volumes.ts';

/** [B, n, heads·d] to [B, heads, n, d], the reference's layout of queries, keys and values. */
function splitHeads(data: Float32Array, batch: number, heads: number, headDim: number): Float32Array {
  const n = data.length / (batch * heads * headDim);
  const result = new Float32Array(data.length);
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      for (let i = 0; i < n; i++) {
        const from = ((b * n + i) * heads + h) * headDim;
        result.set(data.subarray(from, from + headDim), ((b * heads + h) * n + i) * headDim);
      }
    }
  }
  return result;
}

/** The graph's tap for a golden intermediate; undefined for tensors that are none. */
function tapFor(name: string): { tap: string; perHead?: boolean } | undefined {
  const simple: Readonly<Record<string, string>> = {
    temb: 'temb',
    timestep_proj: 'timestepProj',
    text_embedded: 'textEmbedded',
    patch_tokens: 'patchTokens',
    vace_patch_tokens: 'controlTokens',
    final_modulated: 'finalModulated',
  };
  if (Object.hasOwn(simple, name)) return { tap: simple[name] };
  const vace = /^vace(\d+)_(hint|state)$/.exec(name);
  if (vace !== null) return { tap: `vace${vace[1]}${vace[2] === 'hint' ? 'Hint' : 'State'}` };
  const suffixes: Readonly<Record<string, string>> = {
    modulated_input: 'ModulatedInput',
    out_before_hint: 'BeforeHint',
    out_after_hint: 'Output',
    attn1_q: 'Query',
    attn1_k: 'Key',
    attn1_v: 'Value',
    attn1_pre_out: 'AttentionHeads',
    attn1_out: 'SelfAttention',
    attn2_out: 'CrossAttention',
    ffn_out: 'FeedForward',
  };
  const block = /^block(\d+)_(.+)$/.exec(name);
  if (block === null || !Object.hasOwn(suffixes, block[2])) return undefined;
  return { tap: `block${block[1]}${suffixes[block[2]]}`, perHead: /_[qkv]$/.test(name) };
}

/** What every call of one golden folder shares. */
export interface DitInputs {
  readonly shape: BatchShape;
  readonly rope: RopeTables;
  readonly fixed: TensorMap;
}

export async function readInputs(
  store: TensorStore,
  config: WanVaceConfig,
  type: FloatType,
): Promise<DitInputs> {
  const shape = batchShape(store.shape('hidden_states'));
  const controlShape = batchShape(store.shape('control_hidden_states'));
  const { batch } = shape;
  const n = tokenCount(shape);
  const rope = ropeTables(shape.frames, shape.height / 2, shape.width / 2, config.headDim);
  const tokens = await perElement(await store.float32('hidden_states'), batch, (x) => patchify(x, shape));
  const control = await perElement(await store.float32('control_hidden_states'), batch, (x) =>
    patchify(x, controlShape),
  );
  const text = await store.float32('encoder_hidden_states');
  const fixed = {
    tokens: floatTensor(tokens, [batch, n, tokens.length / batch / n], type),
    control: floatTensor(control, [batch, n, control.length / batch / n], type),
    ropeCos: floatTensor(rope.cos, [n, rope.columns], 'float32'),
    ropeSin: floatTensor(rope.sin, [n, rope.columns], 'float32'),
    text: floatTensor(text, store.shape('encoder_hidden_states'), type),
  };
  return { shape, rope, fixed };
}

/** Timestep [B] and scales [V] of an output: `output_scale_X` runs with `scale_X`, `output_timestep_X` with that. */
async function settingsOf(store: TensorStore, output: string, blocks: number): Promise<[number[], number[]]> {
  const ones = new Array<number>(blocks).fill(1);
  const variant = output.slice('output_'.length);
  if (variant.startsWith('timestep_')) return [[...(await store.int32(variant))], ones];
  const timestep = [...(await store.int32('timestep'))];
  if (store.has(variant)) return [timestep, [...(await store.float32(variant))]];
  if (variant === 'scale_zero') return [timestep, ones.map(() => 0)];
  throw new Error(`no tensor ${variant} says how ${output} was made`);
}

export function runDit(
  session: Session,
  { fixed, shape }: DitInputs,
  timestep: readonly number[],
  scale: readonly number[],
): Promise<TensorMap> {
  const timesteps = Float32Array.from({ length: shape.batch }, (_, b) => timestep[b % timestep.length]);
  return session.run({
    ...fixed,
    timestep: floatTensor(timesteps, [shape.batch], 'float32'),
    controlScale: floatTensor(Float32Array.from(scale), [scale.length], 'float32'),
  });
}

/** The reference stores each value twice, for both elements of its pair. */
async function compareRope(store: TensorStore, rope: RopeTables, results: Comparisons): Promise<void> {
  for (const [name, table] of [
    ['rope_cos', rope.cos],
    ['rope_sin', rope.sin],
  ] as const) {
    if (!store.has(name)) continue;
    const doubled = Float32Array.from({ length: 2 * table.length }, (_, i) => table[i >> 1]);
    // Both sides are roundings of the same float64 cosine.
    results.check(name, doubled, await store.float32(name), 1e-7);
  }
}

async function run(folder: GoldenFolder, context: ParityContext, results: Comparisons): Promise<void> {
  const { precision, tolerances } = context;
  const taps = [...folder.tensors].flatMap((name) => tapFor(name)?.tap ?? []);
  // Where the sinusoid is stored, what is behind it is computed from that.
  const sinusoidInput = folder.tensors.has('time_sinusoid');
  const part = await context.importPart(
    wanVace,
    'transformer',
    join(folder.path, 'transformer'),
    (json, path) => [
      {
        ...buildWanVaceDit(parseWanVaceConfig(json, path), { precision, taps, sinusoidInput }),
        name: 'transformer-taps',
      },
      {
        ...buildWanVaceDit(parseWanVaceConfig(json, path), { precision, taps: ['timeSinusoid'] }),
        name: 'transformer-time',
      },
    ],
  );
  const config = parseWanVaceConfig(part.config, part.configPath);
  const store = await openCase(folder);
  const session = await part.open('transformer');
  const tapped = await part.open('transformer-taps');
  const timed = await part.open('transformer-time');
  try {
    const inputs = await readInputs(store, config, precision === 'fp16' ? 'float16' : 'float32');
    await compareRope(store, inputs.rope, results);
    const { shape } = inputs;
    const outputShape = { ...shape, channels: config.outChannels };
    for (const name of [...folder.tensors].filter((tensor) => tensor.startsWith('output_')).sort()) {
      const [timestep, scale] = await settingsOf(store, name, config.vaceLayers.length);
      const { velocity } = await runDit(session, inputs, timestep, scale);
      const volume = await perElement(floatsOf(velocity), shape.batch, (x) => unpatchify(x, outputShape));
      results.check(name, volume, await store.float32(name), tolerances.dit);
    }
    const [timestep] = await settingsOf(store, 'output_scale_ones', config.vaceLayers.length);
    const ones = config.vaceLayers.map(() => 1);
    let given: TensorMap = {};
    if (sinusoidInput) {
      const stored = await store.float32('time_sinusoid');
      const { timeSinusoid } = await runDit(timed, inputs, timestep, ones);
      const computed = floatsOf(timeSinusoid);
      const rows = Float32Array.from(computed, (_, i) => stored[i % stored.length]);
      results.check('time_sinusoid', computed, rows, tolerances.sinusoid);
      given = { timeSinusoid: floatTensor(rows, [shape.batch, config.freqDim], 'float32') };
    }
    const outputs = await runDit(tapped, { ...inputs, fixed: { ...inputs.fixed, ...given } }, timestep, ones);
    for (const name of [...folder.tensors].sort()) {
      const match = tapFor(name);
      if (match === undefined) continue;
      const data = floatsOf(outputs[match.tap]);
      const actual =
        match.perHead === true ? splitHeads(data, shape.batch, config.heads, config.headDim) : data;
      results.check(name, actual, await store.float32(name), tolerances.dit);
    }
  } finally {
    await session.release();
    await tapped.release();
    await timed.release();
    await store.close();
  }
}

/** A forward pass of Wan-VACE's transformer with its intermediates. */
export const wanVaceDitKind: GoldenKind = {
  matches: ({ classes, files, tensors }) =>
    classes.get('transformer') === 'WanVACETransformer3DModel' &&
    !files.has('model_index.json') &&
    tensors.has('hidden_states'),
  run,
};
