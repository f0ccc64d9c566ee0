import type { GraphParameter, ModelGraph, Placement } from './model-graph.ts';
import { parameterBytes } from './onnx-encode.ts';

/** External data is mapped page by page; ONNX Runtime maps offsets that are multiples of the page size directly. */
const ALIGNMENT_BYTES = 4096;

export interface ParameterLayout {
  /** By parameter name. */
  readonly placements: ReadonlyMap<string, Placement>;
  /** In the order of the file; each name once. */
  readonly parameters: readonly GraphParameter[];
  /** Length of the data file. */
  readonly fileBytes: number;
}

/**
 * Lays the parameters of `graphs` out in one data file, in the order of their first use, at page-aligned offsets.
 * A name that several graphs share is stored once; it must then be the same weight in the same form.
 */
export function layoutParameters(graphs: readonly ModelGraph[], file: string): ParameterLayout {
  const parameters = new Map<string, GraphParameter>();
  const placements = new Map<string, Placement>();
  let end = 0;
  for (const parameter of graphs.flatMap((graph) => graph.parameters)) {
    const known = parameters.get(parameter.name);
    if (known !== undefined) {
      if (JSON.stringify(known) !== JSON.stringify(parameter)) {
        throw new Error(`weight ${parameter.name} differs between graphs that share ${file}`);
      }
      continue;
    }
    const offset = Math.ceil(end / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    const length = parameterBytes(parameter);
    parameters.set(parameter.name, parameter);
    placements.set(parameter.name, { file, offset, length });
    end = offset + length;
  }
  return { placements, parameters: [...parameters.values()], fileBytes: end };
}
