import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { GraphParameter } from '../../src-shared/core/graph/index.ts';
import type { StoredTensor, TensorStore } from './safetensors.ts';

/** Other names under which a tensor may be stored, by its usual name. */
export type TensorAliases = Readonly<Record<string, readonly string[]>>;

const floatTypes: ReadonlySet<string> = new Set(['F32', 'F16', 'BF16', 'F8_E4M3']);

export interface WeightCheck {
  readonly lookup: (parameter: GraphParameter) => StoredTensor;
  /** Tensors in the files that no graph uses. */
  readonly unused: readonly string[];
}

const wrongConfig =
  'The weights do not belong to this config.json, or a file of the model is damaged: get both again.';

/**
 * Checks that every parameter is stored with the shape that the configuration asks for, before a byte is written.
 * Throws HetcutError naming the tensor, the shapes and the file.
 */
export function checkWeights(
  parameters: readonly GraphParameter[],
  store: TensorStore,
  aliases: TensorAliases = {},
): WeightCheck {
  const found = new Map<string, StoredTensor>();
  const missing: string[] = [];
  for (const { source, sourceShape } of parameters) {
    const name = [source, ...(aliases[source] ?? [])].find((candidate) => store.has(candidate));
    if (name === undefined) {
      missing.push(source);
      continue;
    }
    const tensor = store.get(name);
    if (tensor.shape.join() !== sourceShape.join()) {
      throw new HetcutError(
        'tensor-shape',
        `${tensor.file}: tensor ${name} has the shape [${tensor.shape.join(', ')}], not [${sourceShape.join(', ')}] as the configuration asks.`,
        { hint: wrongConfig },
      );
    }
    if (!floatTypes.has(tensor.type)) {
      throw new HetcutError('tensor-type', `${tensor.file}: tensor ${name} holds ${tensor.type} numbers.`, {
        hint: 'Use weights stored as F32, F16, BF16 or F8_E4M3.',
      });
    }
    found.set(source, tensor);
  }
  if (missing.length > 0) {
    const names = [...new Set(missing)];
    const others = names.length > 1 ? ` (and ${names.length - 1} more)` : '';
    throw new HetcutError('tensor-missing', `${store.location}: tensor ${names[0]} is missing${others}.`, {
      hint: wrongConfig,
      details: { missing: names },
    });
  }
  // A tensor stored under both of its names is used under one.
  const used = new Set([...found.keys()].flatMap((source) => [source, ...(aliases[source] ?? [])]));
  return {
    lookup: (parameter) => {
      const tensor = found.get(parameter.source);
      if (tensor === undefined) throw new Error(`${parameter.source} was not checked`);
      return tensor;
    },
    unused: [...store.tensors.keys()].filter((name) => !used.has(name)),
  };
}
