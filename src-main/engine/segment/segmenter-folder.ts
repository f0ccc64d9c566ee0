import { join } from 'node:path';
import { z } from 'zod';
import { usageError } from '../../../src-shared/core/errors/index.ts';
import { readSmallFile } from '../small-file.ts';
import type { BankSizes } from '../../../src-shared/core/segment/index.ts';
import type { DescribedSession, PortShape } from '../network/session.ts';

/** The graphs of a segmenter; each is a file of that name with `.onnx`. */
export const segmenterGraphs = [
  'vision_encoder',
  'mask_decoder',
  'memory_encoder',
  'memory_attention',
  'pointer_tpos',
] as const;
export type SegmenterGraph = (typeof segmenterGraphs)[number];

export const constantsName = 'constants.json';

/** Several times what any published segmenter has: the bank of memories has all of them as a product. */
const size = (most: number) => z.int().min(1).max(most);
const threeNumbers = (number: z.ZodNumber) => z.array(number).length(3);

const constantsSchema = z.looseObject({
  model: z.string().optional(),
  image_size: size(4096),
  feat_size: size(256),
  hidden_dim: size(2048),
  mem_dim: size(512),
  num_maskmem: size(32),
  max_object_pointers: size(256),
  image_mean: threeNumbers(z.number()).default([0.485, 0.456, 0.406]),
  image_std: threeNumbers(z.number().positive()).default([0.229, 0.224, 0.225]),
  memory_temporal_positional_encoding: z.array(z.array(z.number())),
});

/** What the file `constants.json` of a segmenter says. */
export interface SegmenterConstants {
  /** Side of its pictures, in pixels. */
  readonly side: number;
  /** Side of its features, in cells. */
  readonly cells: number;
  readonly sizes: BankSizes;
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /** [frames, memory] */
  readonly temporal: Float32Array;
}

/** The constants of a segmenter's folder. Throws `segmenter-constants`, which names the field that is wrong. */
export async function readConstants(folder: string): Promise<SegmenterConstants> {
  const path = join(folder, constantsName);
  const refused = (what: string) =>
    usageError(
      'segmenter-constants',
      `${path}: ${what}.`,
      'Get the file again from where the graphs are from.',
    );
  let document: unknown;
  try {
    document = JSON.parse((await readSmallFile(path)).toString());
  } catch (error) {
    throw refused(`cannot be read (${(error as Error).message})`);
  }
  const parsed = constantsSchema.safeParse(document);
  if (!parsed.success) {
    const [{ path: field, message }] = parsed.error.issues;
    throw refused(`${field.join('.')}: ${message}`);
  }
  const found = parsed.data;
  const rows = found.memory_temporal_positional_encoding;
  if (rows.length !== found.num_maskmem || rows.some((row) => row.length !== found.mem_dim)) {
    throw refused(
      `memory_temporal_positional_encoding is not ${found.num_maskmem} rows (num_maskmem) of ${found.mem_dim} (mem_dim)`,
    );
  }
  if (found.hidden_dim % found.mem_dim !== 0)
    throw refused(`hidden_dim ${found.hidden_dim} is no multiple of mem_dim ${found.mem_dim}`);
  return {
    side: found.image_size,
    cells: found.feat_size,
    sizes: {
      tokens: found.feat_size ** 2,
      hidden: found.hidden_dim,
      memory: found.mem_dim,
      frames: found.num_maskmem,
      pointers: found.max_object_pointers,
    },
    mean: found.image_mean,
    deviation: found.image_std,
    temporal: Float32Array.from(rows.flat()),
  };
}

/** −1: any length. */
type Shape = readonly number[];

/** Inputs in their order, as the graphs declare them; outputs by name. */
interface GraphShape {
  readonly inputs: readonly Shape[];
  readonly outputs: readonly string[];
}

/** What each graph takes and gives; see docs/segmenters.md. */
export function graphShapes({
  side,
  cells,
  sizes,
}: SegmenterConstants): Readonly<Record<SegmenterGraph, GraphShape>> {
  const { tokens, hidden, memory, frames, pointers } = sizes;
  const features: Shape = [1, hidden, cells, cells];
  const bank: Shape = [frames * tokens + (pointers * hidden) / memory, 1, memory];
  return {
    vision_encoder: {
      inputs: [[1, 3, side, side]],
      outputs: ['feats0', 'feats1', 'feats2', 'feats2_no_mem', 'vision_pos_embed'],
    },
    mask_decoder: {
      inputs: [
        [1, -1, 4 * cells, 4 * cells],
        [1, -1, 2 * cells, 2 * cells],
        features,
        [1, 1, -1, 2],
        [1, 1, -1],
      ],
      outputs: ['high_res_mask', 'iou', 'object_score_logits', 'object_pointer'],
    },
    memory_encoder: {
      inputs: [features, [1, 1, side, side], [1, 1], []],
      outputs: ['memory_tokens', 'memory_pos'],
    },
    memory_attention: { inputs: [[tokens, 1, hidden], [tokens, 1, hidden], bank, bank], outputs: [] },
    pointer_tpos: { inputs: [[pointers]], outputs: [] },
  };
}

const shapeText = (shape: readonly (number | string)[]): string =>
  `[${shape.map((length) => (length === -1 ? 'any' : length)).join(', ')}]`;

function fits(found: PortShape['shape'], wanted: Shape): boolean {
  return (
    found.length === wanted.length &&
    found.every(
      (length, at) => typeof length === 'string' || length < 0 || wanted[at] === -1 || length === wanted[at],
    )
  );
}

/** Throws `segmenter-graph`, which names the graph and the input or output that does not fit. */
export function checkGraph(
  graph: SegmenterGraph,
  { inputs, outputNames }: Pick<DescribedSession, 'inputs' | 'outputNames'>,
  wanted: GraphShape,
): void {
  const refused = (what: string) =>
    usageError(
      'segmenter-graph',
      `${graph}.onnx: ${what}.`,
      'The graphs and constants.json must be of one export; docs/segmenters.md says what each takes and gives.',
    );
  if (inputs.length !== wanted.inputs.length) {
    const names = inputs.map(({ name }) => name).join(', ');
    throw refused(`it has ${inputs.length} inputs (${names}), needed are ${wanted.inputs.length}`);
  }
  for (const [at, { name, shape }] of inputs.entries()) {
    if (fits(shape, wanted.inputs[at])) continue;
    throw refused(`its input ${name} is ${shapeText(shape)}, needed is ${shapeText(wanted.inputs[at])}`);
  }
  const missing = wanted.outputs.find((name) => !outputNames.includes(name));
  if (missing !== undefined) throw refused(`it has no output ${missing} (it has ${outputNames.join(', ')})`);
}
