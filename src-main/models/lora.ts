import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { SingleFileLayout } from '../../src-shared/core/families/index.ts';
import type { GraphParameter } from '../../src-shared/core/graph/index.ts';
import { addProduct } from './add-product.ts';
import { openSafetensors, type TensorStore } from './safetensors.ts';

/** A LoRA file and how strongly it counts; 1: as it was trained. */
export interface LoraRequest {
  readonly path: string;
  readonly strength: number;
}

/** LoRAs, open and known to fit the model. */
export interface LoraSet {
  /** What they change of a tensor, by its usual name; values row by row, as float32. */
  changeOf(source: string): ((values: Float32Array) => Promise<void>) | undefined;
  /** What is odd but no error. */
  readonly warnings: readonly string[];
  close(): Promise<void>;
}

/** One change of one tensor. */
type Change = (values: Float32Array) => Promise<void>;

const prefixes = [
  'model.diffusion_model.',
  'diffusion_model.',
  'transformer.',
  'lora_unet_',
  'lora_transformer_',
];
const keyPattern =
  /^(.+)\.(?:(lora_A|lora_down|lora_B|lora_up)(?:\.default)?\.weight|(alpha|diff|diff_b|lora_down|lora_up))$/;
/** Of other kinds than the product of two matrices. */
const otherKinds = /\.(?:hada_w|lokr_w|dora_scale|oft_|glora|a1\.weight|b1\.weight)/;

interface Module {
  /** Names in the file. */
  down?: string;
  up?: string;
  alpha?: string;
  diff?: string;
  diffBias?: string;
}

function withoutPrefix(key: string): string {
  const prefix = prefixes.find((one) => key.startsWith(one));
  return prefix === undefined ? key : key.slice(prefix.length);
}

/** Keys by module. @returns also those that are nothing that can be merged */
function readModules(store: TensorStore): { modules: Map<string, Module>; others: string[] } {
  const modules = new Map<string, Module>();
  const others: string[] = [];
  for (const key of store.tensors.keys()) {
    if (otherKinds.test(key)) {
      throw new HetcutError(
        'lora-kind',
        `${store.location}: ${key}: LoHa, LoKr, DoRA and the like are not merged.`,
        {
          hint: 'Use a plain LoRA (lora_A and lora_B, or lora_down and lora_up).',
        },
      );
    }
    const [, name, matrix, plain] = keyPattern.exec(withoutPrefix(key)) ?? [];
    if (name === undefined) {
      others.push(key);
      continue;
    }
    const module = modules.get(name) ?? {};
    modules.set(name, module);
    const kind = matrix ?? plain;
    if (kind === 'lora_A' || kind === 'lora_down') module.down = key;
    else if (kind === 'lora_B' || kind === 'lora_up') module.up = key;
    else if (kind === 'alpha') module.alpha = key;
    else if (kind === 'diff') module.diff = key;
    else module.diffBias = key;
  }
  return { modules, others };
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

function wrongShape(store: TensorStore, keys: readonly string[], parameter: GraphParameter): HetcutError {
  const found = keys.map((key) => `${key} [${store.shape(key).join(', ')}]`).join(' and ');
  return new HetcutError(
    'lora-other-model',
    `${store.location}: ${found} do not fit ${parameter.source} [${parameter.sourceShape.join(', ')}].`,
    { hint: 'The LoRA was made for a model of another size: use one for this model.' },
  );
}

/** One file's changes, by the usual names of tensors. */
async function readChanges(
  store: TensorStore,
  strength: number,
  layout: SingleFileLayout,
  parameters: ReadonlyMap<string, GraphParameter>,
): Promise<{ changes: Map<string, Change[]>; unmatched: string[] }> {
  const { modules, others } = readModules(store);
  const unmatched = [...others];
  const changes = new Map<string, Change[]>();
  const add = (parameter: GraphParameter, change: Change): void => {
    changes.set(parameter.source, [...(changes.get(parameter.source) ?? []), change]);
  };
  const addDifference = (key: string, parameter: GraphParameter): void => {
    if (sizeOf(store.shape(key)) !== sizeOf(parameter.sourceShape)) throw wrongShape(store, [key], parameter);
    add(parameter, async (values) => {
      const difference = await store.float32(key);
      for (let i = 0; i < values.length; i++) values[i] += strength * difference[i];
    });
  };
  for (const [name, { down, up, alpha, diff, diffBias }] of modules) {
    const usual = layout.usualName(layout.dottedName?.(name) ?? name);
    const weight = parameters.get(`${usual}.weight`) ?? parameters.get(usual);
    const bias = parameters.get(`${usual}.bias`);
    const keys = [down, up, alpha, diff].filter((key) => key !== undefined);
    if (weight === undefined) unmatched.push(...keys);
    else {
      if (diff !== undefined) addDifference(diff, weight);
      if (down !== undefined && up !== undefined) {
        const rank = store.shape(down)[0] ?? 0;
        const [rows] = weight.sourceShape;
        const fits =
          store.shape(up)[0] === rows &&
          sizeOf(store.shape(up)) === rows * rank &&
          sizeOf(store.shape(down)) * rows === sizeOf(weight.sourceShape) * rank;
        if (rank === 0 || !fits) throw wrongShape(store, [down, up], weight);
        const scale = alpha === undefined ? 1 : (await store.float32(alpha))[0] / rank;
        const factor = strength * scale;
        add(weight, async (values) => {
          addProduct(values, await store.float32(up), await store.float32(down), { rank, factor });
        });
      } else if (down !== undefined || up !== undefined) unmatched.push(...keys);
    }
    if (diffBias === undefined) continue;
    if (bias === undefined) unmatched.push(diffBias);
    else addDifference(diffBias, bias);
  }
  return { changes, unmatched };
}

function named(keys: readonly string[]): string {
  return `${keys.slice(0, 3).join(', ')}${keys.length > 3 ? ', …' : ''}`;
}

/**
 * Opens LoRAs and finds for each of their keys the tensor that it changes: names of diffusers, of Wan and ComfyUI, and of
 * kohya (dots as underscores); products of two matrices, scaled by alpha / rank where there is an alpha, and whole
 * differences of weights (`diff`) and biases (`diff_b`). They are added in their order, in float32.
 * Throws HetcutError: those of safetensors files, `lora-other-model`, `lora-kind`.
 */
export async function openLoras(
  requests: readonly LoraRequest[],
  layout: SingleFileLayout,
  parameters: readonly GraphParameter[],
): Promise<LoraSet> {
  const known = new Map(parameters.map((parameter) => [parameter.source, parameter]));
  const stores: TensorStore[] = [];
  const all = new Map<string, Change[]>();
  const warnings: string[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(stores.map((store) => store.close()));
  };
  try {
    for (const { path, strength } of requests) {
      const store = await openSafetensors(path);
      stores.push(store);
      const { changes, unmatched } = await readChanges(store, strength, layout, known);
      if (changes.size === 0) {
        throw new HetcutError(
          'lora-other-model',
          `${path}: nothing in it belongs to this model: ${named([...store.tensors.keys()])}.`,
          { hint: 'Use a LoRA that was made for Wan 2.1, of the size of this model.' },
        );
      }
      if (unmatched.length > 0) {
        warnings.push(
          `${path}: keys that change nothing in this model (${unmatched.length}): ${named(unmatched)}.`,
        );
      }
      for (const [source, some] of changes) all.set(source, [...(all.get(source) ?? []), ...some]);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    warnings,
    close,
    changeOf(source) {
      const some = all.get(source);
      if (some === undefined) return undefined;
      return async (values) => {
        for (const change of some) await change(values);
      };
    },
  };
}
