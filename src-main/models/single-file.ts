import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { SingleFileLayout, TensorShapes } from '../../src-shared/core/families/index.ts';
import { openTensors, type StoredTensor, type TensorStore } from './safetensors.ts';

/** A part of a model in one file, and how it is laid out. */
export interface SingleFile {
  readonly path: string;
  readonly layout: SingleFileLayout;
}

/** What ComfyUI and others put before every name. */
const prefixes = ['model.diffusion_model.', 'diffusion_model.'];

/** Of fp8 files: a mark, and scales of activations, which are not used here; and a tokenizer in the weights. */
const besides = /^(?:scaled_fp8|spiece_model|.+\.(?:scale_input|input_scale|comfy_quant))$/;
const scaleName = /^(.+)\.(?:scale_weight|weight_scale)$/;

function withoutPrefix(name: string): string {
  const prefix = prefixes.find((one) => name.startsWith(one));
  return prefix === undefined ? name : name.slice(prefix.length);
}

/** Shapes by name, as layouts ask for them. */
export function shapesOf(store: TensorStore): TensorShapes {
  return new Map([...store.tensors].map(([name, { shape }]) => [withoutPrefix(name), shape]));
}

/** The scale of each fp8 module. Throws `fp8-scales` where one is not a single number. */
async function readScales(store: TensorStore): Promise<Map<string, number>> {
  const scales = new Map<string, number>();
  for (const [name, { shape }] of store.tensors) {
    const module = scaleName.exec(name)?.[1];
    if (module === undefined) continue;
    if (shape.reduce((product, size) => product * size, 1) !== 1) {
      throw new HetcutError(
        'fp8-scales',
        `${store.location}: ${name} has the shape [${shape.join(', ')}]: scales by row or block are not read.`,
        { hint: 'Get the file in bf16 or fp16, or in fp8 with one scale for each weight.' },
      );
    }
    scales.set(module, (await store.float32(name))[0]);
  }
  return scales;
}

function missingScale(store: TensorStore, { name }: StoredTensor): HetcutError {
  return new HetcutError(
    'fp8-scales',
    `${store.location}: ${name} is stored in fp8 without a scale, though others of the file have one.`,
    { hint: 'The file is incomplete: get it again, or in bf16 or fp16.' },
  );
}

/**
 * Opens a single file under the names that the graphs know. fp8 numbers get their scale; where a file has no scales at
 * all, they are what they say (a plain cast). Throws HetcutError: those of safetensors files, `fp8-scales`.
 */
export async function openSingleFile({ path, layout }: SingleFile): Promise<TensorStore> {
  const store = await openTensors(path);
  try {
    const scales = await readScales(store);
    const isScaled = scales.size > 0 || [...store.tensors.keys()].some((name) => name.endsWith('scaled_fp8'));
    return store.mapped((tensor) => {
      const bare = withoutPrefix(tensor.name);
      if (besides.test(bare) || scaleName.test(bare)) return undefined;
      const name = layout.usualName(bare);
      if (tensor.type !== 'F8_E4M3') return { name };
      const scale = scales.get(tensor.name.replace(/\.weight$/, ''));
      if (scale === undefined && isScaled) throw missingScale(store, tensor);
      return scale === undefined ? { name } : { name, scale };
    });
  } catch (error) {
    await store.close();
    throw error;
  }
}
