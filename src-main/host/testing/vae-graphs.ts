import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildWanVaeDecoder,
  buildWanVaeEncoder,
  layoutParameters,
  type GraphParameter,
  type Precision,
  type WanVaeConfig,
} from '../../../src-shared/core/graph/index.ts';
import type { VaeGraph } from '../../engine/network/model-folder.ts';
import { checkWeights } from '../../models/check-weights.ts';
import { RandomElements, spreadFor } from '../../models/random-weights.ts';
import { openWeights } from '../../models/safetensors.ts';
import { writeShards } from '../../models/safetensors-writer.ts';
import { writeWeightFile } from '../../models/weight-writer.ts';

/** The graphs of a VAE in a temporary folder. */
export interface VaeGraphFiles {
  readonly paths: Readonly<Record<VaeGraph, string>>;
  /** Tensors in the weights that no graph reads. */
  readonly unused: readonly string[];
  remove(): Promise<void>;
}

export interface VaeGraphRequest {
  readonly precision: Precision;
  /** Folder of the safetensors; absent: random weights. */
  readonly weightsFolder?: string;
  /** Taps in the full-length graphs. */
  readonly taps?: boolean;
}

/** Builds and writes the graphs of a VAE and their shared weights. */
export async function writeVaeGraphs(
  config: WanVaeConfig,
  { precision, weightsFolder, taps = false }: VaeGraphRequest,
): Promise<VaeGraphFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'hetcut-vae-'));
  const forms = (['full', 'first', 'next'] as const).map((form) => ({
    precision,
    form,
    taps: taps && form === 'full',
  }));
  const graphs = [
    ...forms.map((form) => buildWanVaeEncoder(config, form)),
    ...forms.map((form) => buildWanVaeDecoder(config, form)),
    ...(['fine', 'coarse'] as const).flatMap((part) => [
      buildWanVaeEncoder(config, { precision, form: 'full', part }),
      buildWanVaeDecoder(config, { precision, form: 'full', part }),
    ]),
  ];
  const layout = layoutParameters(graphs, 'vae.weights');
  if (weightsFolder === undefined) await writeRandomWeights(folder, layout.parameters);
  const store = await openWeights(weightsFolder ?? folder);
  const { lookup, unused } = checkWeights(layout.parameters, store, {});
  await writeWeightFile(join(folder, 'vae.weights'), layout, store, lookup);
  await store.close();
  const path = (name: string): string => join(folder, `${name}.onnx`);
  for (const graph of graphs) await writeFile(path(graph.name), graph.encode(layout.placements));
  return {
    paths: {
      encoder: path('vae-encoder'),
      encoderFirst: path('vae-encoder-first'),
      encoderNext: path('vae-encoder-next'),
      decoder: path('vae-decoder'),
      decoderFirst: path('vae-decoder-first'),
      decoderNext: path('vae-decoder-next'),
      encoderFine: path('vae-encoder-fine'),
      encoderCoarse: path('vae-encoder-coarse'),
      decoderCoarse: path('vae-decoder-coarse'),
      decoderFine: path('vae-decoder-fine'),
    },
    unused,
    remove: () => rm(folder, { recursive: true }),
  };
}

async function writeRandomWeights(folder: string, parameters: readonly GraphParameter[]): Promise<void> {
  const tensors = parameters.map(({ source: name, sourceShape: shape }) => {
    const count = shape.reduce((product, size) => product * size, 1);
    return {
      name,
      type: 'F32' as const,
      shape,
      byteLength: 4 * count,
      chunks: () => [new RandomElements(1, name, spreadFor(name, shape), 'F32').next(count)],
    };
  });
  await writeShards(folder, tensors, { stem: 'model', maximumBytes: 1e9 });
}
