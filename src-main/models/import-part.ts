import { join } from 'node:path';
import { layoutParameters, type ParameterLayout } from '../../src-shared/core/graph/index.ts';
import { checkWeights, type WeightCheck } from './check-weights.ts';
import { partSha256, type ManifestPart } from './manifest.ts';
import { graphFileName, weightFileName, type PartPlan } from './part-plan.ts';
import type { LoraSet } from './lora.ts';
import { openWeights, type TensorStore } from './safetensors.ts';
import { openSingleFile } from './single-file.ts';
import { writeHashed, writeWeightFile, type WriteOptions } from './weight-writer.ts';

/** A part whose weights are open and known to fit its graphs; nothing is written yet. */
export interface PreparedPart {
  readonly plan: PartPlan;
  readonly layout: ParameterLayout;
  readonly check: WeightCheck;
  readonly store: TensorStore;
  /** LoRAs that are merged into its weights. */
  readonly loras?: LoraSet;
}

/** Opens a part's weights and checks them against its graphs. Throws HetcutError; then nothing stays open. */
export async function preparePart(
  plan: PartPlan,
  openLoras?: (layout: ParameterLayout) => Promise<LoraSet>,
): Promise<PreparedPart> {
  const layout = layoutParameters(plan.graphs, weightFileName(plan.name));
  const { file, folder } = plan.source;
  const store = await (file === undefined ? openWeights(folder) : openSingleFile(file));
  try {
    const check = checkWeights(layout.parameters, store, plan.aliases);
    const loras = await openLoras?.(layout);
    return { plan, layout, store, check, ...(loras === undefined ? {} : { loras }) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Writes a part's graphs and weights into `folder`. */
export async function writePart(
  { plan, layout, check, store, loras }: PreparedPart,
  folder: string,
  options: WriteOptions = {},
): Promise<ManifestPart> {
  const start = performance.now();
  const files: ManifestPart['files'] = [];
  const weights = weightFileName(plan.name);
  for (const graph of plan.graphs) {
    const name = graphFileName(graph.name);
    files.push({ name, ...(await writeHashed(join(folder, name), graph.encode(layout.placements))) });
  }
  const path = join(folder, weights);
  const adjust = loras === undefined ? {} : { adjust: (source: string) => loras.changeOf(source) };
  const written = await writeWeightFile(path, layout, store, check.lookup, { ...options, ...adjust });
  files.push({ name: weights, ...written });
  return describePart(plan.name, files, start);
}

/** A manifest entry for files that have been written since `startMs` (performance.now). */
export function describePart(name: string, files: ManifestPart['files'], startMs: number): ManifestPart {
  return {
    name,
    files,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    seconds: (performance.now() - startMs) / 1000,
    sha256: partSha256(files),
  };
}
