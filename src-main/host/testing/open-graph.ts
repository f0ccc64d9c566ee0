import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layoutParameters, type ModelGraph } from '../../../src-shared/core/graph/index.ts';
import { checkWeights } from '../../models/check-weights.ts';
import { openWeights } from '../../models/safetensors.ts';
import { writeWeightFile } from '../../models/weight-writer.ts';
import { createOrt, type OrtSession } from '../../ort/index.ts';

/** A graph on the CPU provider with the weights of a model part, in a temporary folder. */
export interface OpenGraph {
  readonly session: OrtSession;
  /** Tensors of the part that the graph does not read. */
  readonly unused: readonly string[];
  close(): Promise<void>;
}

/**
 * Writes `graph` and its weights file from the safetensors in `weightsFolder`, and opens it.
 * `aliases`: other names of tensors, as `checkWeights` takes them.
 */
export async function openGraph(
  graph: ModelGraph,
  weightsFolder: string,
  aliases: Readonly<Record<string, readonly string[]>> = {},
): Promise<OpenGraph> {
  const folder = await mkdtemp(join(tmpdir(), 'hetcut-graph-'));
  const store = await openWeights(weightsFolder);
  const { lookup, unused } = checkWeights(graph.parameters, store, aliases);
  const layout = layoutParameters([graph], 'part.weights');
  await writeWeightFile(join(folder, 'part.weights'), layout, store, lookup);
  await store.close();
  await writeFile(join(folder, 'graph.onnx'), graph.encode(layout.placements));
  const session = await createOrt().open(join(folder, 'graph.onnx'), { providers: ['cpu'], threads: 1 });
  return {
    session,
    unused,
    async close() {
      await session.release();
      await rm(folder, { recursive: true });
    },
  };
}
