import type { ModelFamily, TransformerGraphs, VaeGraphs } from '../../src-shared/core/families/index.ts';
import type { ModelGraph, Precision, TextPrecision } from '../../src-shared/core/graph/index.ts';
import type { TensorAliases } from './check-weights.ts';
import type { SourceFolder, SourcePart } from './source-folder.ts';

/** One part of a model: graphs that share one file of weights, all from one folder. */
export interface PartPlan {
  readonly name: PartName;
  readonly source: SourcePart;
  readonly graphs: readonly ModelGraph[];
  readonly aliases: TensorAliases;
}

export type PartName = 'transformer' | 'vae' | 'text-encoder';

/** Names of a transformer's graphs, by what they are for. */
export const transformerGraphNames: Readonly<Record<keyof TransformerGraphs, string>> = {
  plain: 'transformer',
  selection: 'transformer-selection',
  cached: 'transformer-cached',
  cachedInt8: 'transformer-cached-int8',
  broadcast: 'transformer-broadcast',
  drift: 'transformer-drift',
  probe: 'transformer-probe',
};

/** Names of a VAE's graphs, by what they are for. */
export const vaeGraphNames: Readonly<Record<keyof VaeGraphs, string>> = {
  encoder: 'vae-encoder',
  encoderFirst: 'vae-encoder-first',
  encoderNext: 'vae-encoder-next',
  decoder: 'vae-decoder',
  decoderFirst: 'vae-decoder-first',
  decoderNext: 'vae-decoder-next',
  encoderFine: 'vae-encoder-fine',
  encoderCoarse: 'vae-encoder-coarse',
  decoderCoarse: 'vae-decoder-coarse',
  decoderFine: 'vae-decoder-fine',
};

export const textEncoderGraphName = 'text-encoder';

/** File of a part's weights in the model folder. */
export function weightFileName(part: PartName): string {
  return `${part}.weights`;
}

/** File of a graph in the model folder. */
export function graphFileName(graphName: string): string {
  return `${graphName}.onnx`;
}

/** The graphs that a family has, in its order; each has the name by which it is found again. */
function named<Role extends string>(
  graphs: Readonly<Partial<Record<Role, ModelGraph>>>,
  names: Readonly<Record<Role, string>>,
): ModelGraph[] {
  return Object.entries<ModelGraph | undefined>(graphs).flatMap(([role, graph]) => {
    if (graph === undefined) return [];
    const expected = names[role as Role];
    if (graph.name !== expected) throw new Error(`the graph ${graph.name} must be called ${expected}`);
    return [graph];
  });
}

/** The graphs of one part of a model of `family`. Throws HetcutError naming the configuration file and field. */
export function planPart(
  family: ModelFamily,
  name: PartName,
  source: SourcePart,
  precision: Precision,
  textPrecision: TextPrecision = precision,
): PartPlan {
  const { config, configPath } = source;
  const part = { name, source, aliases: {} };
  if (name === 'transformer') {
    const graphs = family.transformer(config, configPath).graphs(precision);
    return { ...part, graphs: named(graphs, transformerGraphNames) };
  }
  if (name === 'vae') {
    return { ...part, graphs: named(family.vae(config, configPath).graphs(precision), vaeGraphNames) };
  }
  if (family.textEncoder === undefined) throw new Error(`${family.name} has no text encoder`);
  const encoder = family.textEncoder(config, configPath);
  return {
    ...part,
    aliases: encoder.aliases,
    graphs: named({ graph: encoder.graph(textPrecision) }, { graph: textEncoderGraphName }),
  };
}

/**
 * The text encoder's precision where nobody asks for another. It runs on the CPU, which has no products in float16: eight
 * bits are half the size, and as exact beside the prompt's own vagueness.
 */
export function usualTextPrecision(precision: Precision): TextPrecision {
  return precision === 'fp16' ? 'int8' : 'fp32';
}

/** The parts that an import writes. */
export function planParts(
  source: SourceFolder,
  precision: Precision,
  textPrecision: TextPrecision = usualTextPrecision(precision),
  vaePrecision: Precision = precision,
): PartPlan[] {
  const { family, textEncoder } = source;
  return [
    planPart(family, 'transformer', source.transformer, precision),
    planPart(family, 'vae', source.vae, vaePrecision),
    ...(textEncoder === undefined
      ? []
      : [planPart(family, 'text-encoder', textEncoder, precision, textPrecision)]),
  ];
}
