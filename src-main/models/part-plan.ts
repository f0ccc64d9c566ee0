import { HetcutError } from '../../src-shared/core/errors/index.ts';
import {
  buildUmt5Encoder,
  buildWanVaceBroadcast,
  buildWanVaceDit,
  buildWanVaceDrift,
  buildWanVaceSelection,
  buildWanVaeDecoder,
  buildWanVaeEncoder,
  parseUmt5Config,
  parseWanVaceConfig,
  parseWanVaeConfig,
  umt5Aliases,
  type ModelGraph,
  type Precision,
} from '../../src-shared/core/graph/index.ts';
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

/** File of a part's weights in the model folder. */
export function weightFileName(part: PartName): string {
  return `${part}.weights`;
}

/** File of a graph in the model folder. */
export function graphFileName(graphName: string): string {
  return `${graphName}.onnx`;
}

/** The graphs of a part, from its configuration. Throws HetcutError naming the file and field. */
export const partBuilders: Readonly<
  Record<PartName, (source: SourcePart, precision: Precision) => readonly ModelGraph[]>
> = {
  transformer: ({ config, configPath }, precision) => {
    const dit = parseWanVaceConfig(config, configPath);
    // The first graph reads every weight, the others the same ones or fewer: it sets the order in the file.
    return [buildWanVaceDit, buildWanVaceSelection, buildWanVaceBroadcast, buildWanVaceDrift].map((build) =>
      build(dit, { precision }),
    );
  },
  vae: ({ config, configPath }, precision) => {
    const vae = parseWanVaeConfig(config, configPath);
    return [buildWanVaeEncoder, buildWanVaeDecoder].flatMap((build) =>
      (['full', 'first', 'next'] as const).map((form) => build(vae, { precision, form })),
    );
  },
  'text-encoder': ({ config, configPath }, precision) => [
    buildUmt5Encoder(parseUmt5Config(config, configPath), { precision }),
  ],
};

const partAliases: Readonly<Record<PartName, TensorAliases>> = {
  transformer: {},
  vae: {},
  'text-encoder': umt5Aliases,
};

export function planPart(name: PartName, source: SourcePart, precision: Precision): PartPlan {
  return { name, source, graphs: partBuilders[name](source, precision), aliases: partAliases[name] };
}

type Family = (source: SourceFolder, precision: Precision) => PartPlan[];

/** Model families by `_class_name` of model_index.json: a new one is one row. */
const families: Readonly<Record<string, Family>> = {
  WanVACEPipeline: (source, precision) => [
    planPart('transformer', source.transformer, precision),
    planPart('vae', source.vae, precision),
    ...(source.textEncoder === undefined ? [] : [planPart('text-encoder', source.textEncoder, precision)]),
  ],
};

/** The parts that an import writes. Throws HetcutError for a class that HetCut does not know. */
export function planParts(source: SourceFolder, precision: Precision): PartPlan[] {
  if (!Object.hasOwn(families, source.pipelineClass)) {
    throw new HetcutError(
      'pipeline-unknown',
      `${source.path}: model_index.json: "_class_name": "${source.pipelineClass}" is not supported.`,
      { hint: `Supported: ${Object.keys(families).join(', ')}.` },
    );
  }
  return families[source.pipelineClass](source, precision);
}
