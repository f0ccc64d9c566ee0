import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GraphBuilder, type Value } from '../../../../src-shared/core/graph/index.ts';
import type { SegmenterGraph } from '../segmenter-folder.ts';

/** Sizes of the graphs: those of SAM 2.1, a sixteenth of the side, so that they open at once. */
export const synthetic = { side: 64, cells: 4, hidden: 8, memory: 4, frames: 3, pointers: 4 } as const;

const { side, cells, hidden, memory, frames, pointers } = synthetic;
const tokens = cells * cells;
const bankRows = frames * tokens + (pointers * hidden) / memory;

const pool = (g: GraphBuilder, value: Value, by: number): Value =>
  g.op('AveragePool', [value], { kernel_shape: [by, by], strides: [by, by] });
const enlarge = (g: GraphBuilder, value: Value, by: number): Value =>
  g.op('Resize', [value, null, g.floats([1, 1, by, by])], { mode: 'nearest' });
/** The first channel of a picture, so many times. */
const repeated = (g: GraphBuilder, value: Value, channels: number): Value =>
  g.op(
    'Concat',
    Array.from({ length: channels }, () => value),
    { axis: 1 },
  );

/**
 * Graphs of the published shapes that find what is red: features are the red channel; a mask is where it is above nought;
 * what is remembered of a frame is the share of the picture that its mask takes, and the object is said to be there as long
 * as what is remembered is more than nothing.
 */
const builders: Readonly<Record<SegmenterGraph, (g: GraphBuilder) => void>> = {
  vision_encoder(g) {
    const picture = g.input('pixel_values', 'float32', [1, 3, side, side]);
    const red = g.op('Slice', [picture, g.ints([0]), g.ints([1]), g.ints([1])]);
    const coarse = repeated(g, pool(g, red, side / cells), hidden);
    g.output('feats0', repeated(g, pool(g, red, side / cells / 4), 2), [1, 2, 4 * cells, 4 * cells]);
    g.output('feats1', repeated(g, pool(g, red, side / cells / 2), 2), [1, 2, 2 * cells, 2 * cells]);
    g.output('feats2', coarse, [1, hidden, cells, cells]);
    // Without a memory the object is there.
    const sure = g.op('Add', [g.op('Mul', [coarse, g.scalar(0)]), g.scalar(1)]);
    g.output('feats2_no_mem', sure, [1, hidden, cells, cells]);
    g.output('vision_pos_embed', g.op('Mul', [coarse, g.scalar(0)]), [1, hidden, cells, cells]);
  },
  mask_decoder(g) {
    const fine = g.input('feats0', 'float32', [1, 2, 4 * cells, 4 * cells]);
    const middle = g.input('feats1', 'float32', [1, 2, 2 * cells, 2 * cells]);
    const conditioned = g.input('image_embed', 'float32', [1, hidden, cells, cells]);
    const places = g.input('input_points', 'float32', [1, 1, 'points', 2]);
    const labels = g.input('input_labels', 'int32', [1, 1, 'points']);
    const red = g.op('Slice', [fine, g.ints([0]), g.ints([1]), g.ints([1])]);
    const mean = g.op('ReduceMean', [conditioned, g.ints([0, 1, 2, 3])], { keepdims: 0 });
    // Everything that is declared is read.
    const unused = [middle, places, g.castTo(labels, 'float32')].map((value) =>
      g.op('Mul', [g.op('ReduceMean', [value], { keepdims: 0 }), g.scalar(0)]),
    );
    const score = unused.reduce(
      (sum, value) => g.op('Add', [sum, value]),
      g.op('Sub', [mean, g.scalar(0.001)]),
    );
    g.output('high_res_mask', enlarge(g, red, side / cells / 4), [1, 1, side, side]);
    g.output(
      'iou',
      g.op('Reshape', [g.op('Add', [g.op('Mul', [score, g.scalar(0)]), g.scalar(0.9)]), g.ints([1, 1])]),
      [1, 1],
    );
    g.output(
      'object_score_logits',
      g.op('Reshape', [g.op('Mul', [score, g.scalar(100)]), g.ints([1, 1, 1])]),
      [1, 1, 1],
    );
    const pointer = g.op('Expand', [score, g.ints([1, 1, hidden])]);
    g.output('object_pointer', pointer, [1, 1, hidden]);
  },
  memory_encoder(g) {
    const features = g.input('feats2', 'float32', [1, hidden, cells, cells]);
    const mask = g.input('mask', 'float32', [1, 1, side, side]);
    const score = g.input('object_score_logits', 'float32', [1, 1]);
    const binarize = g.input('binarize', 'float32', []);
    const inside = g.castTo(g.op('Greater', [mask, g.scalar(0)], {}, { type: 'bool' }), 'float32');
    const seen = g.castTo(g.op('Greater', [score, g.scalar(0)], {}, { type: 'bool' }), 'float32');
    const share = g.op('Mul', [
      g.op('ReduceMean', [inside], { keepdims: 0 }),
      g.op('Reshape', [seen, g.ints([], [0])]),
    ]);
    const nothing = g.op('Mul', [
      g.op('Add', [g.op('ReduceMean', [features], { keepdims: 0 }), binarize]),
      g.scalar(0),
    ]);
    const tokensOut = g.op('Expand', [g.op('Add', [share, nothing]), g.ints([tokens, 1, memory])]);
    g.output('memory_tokens', tokensOut, [tokens, 1, memory]);
    g.output('memory_pos', g.op('Mul', [tokensOut, g.scalar(0)]), [tokens, 1, memory]);
  },
  memory_attention(g) {
    const current = g.input('current_vision_feats', 'float32', [tokens, 1, hidden]);
    const place = g.input('current_vision_pos', 'float32', [tokens, 1, hidden]);
    const bank = g.input('memory', 'float32', [bankRows, 1, memory]);
    const positions = g.input('memory_pos', 'float32', [bankRows, 1, memory]);
    // The frames' part alone.
    const remembered = g.op('Slice', [bank, g.ints([0]), g.ints([frames * tokens]), g.ints([0])]);
    const mean = g.op('ReduceMean', [remembered], { keepdims: 0 });
    const unused = [current, place, positions].map((value) =>
      g.op('Mul', [g.op('ReduceMean', [value], { keepdims: 0 }), g.scalar(0)]),
    );
    const all = unused.reduce((sum, value) => g.op('Add', [sum, value]), mean);
    g.output('conditioned', g.op('Expand', [all, g.ints([1, hidden, cells, cells])]), [
      1,
      hidden,
      cells,
      cells,
    ]);
  },
  pointer_tpos(g) {
    const offsets = g.input('offsets', 'float32', [pointers]);
    const rows = g.op('Reshape', [offsets, g.ints([pointers, 1])]);
    g.output('encoded', g.op('Expand', [rows, g.ints([pointers, memory])]), [pointers, memory]);
  },
};

/** Writes a segmenter's folder; `change` builds one of its graphs otherwise. */
export function writeSegmenter(
  folder: string,
  change: { readonly [Graph in SegmenterGraph]?: (g: GraphBuilder) => void } = {},
  constants: Readonly<Record<string, unknown>> = {},
): void {
  mkdirSync(folder, { recursive: true });
  for (const [graph, build] of Object.entries({ ...builders, ...change })) {
    const g = new GraphBuilder(graph);
    build(g);
    writeFileSync(join(folder, `${graph}.onnx`), g.toModelGraph().encode(new Map()));
  }
  const document = {
    model: 'synthetic',
    image_size: side,
    feat_size: cells,
    hidden_dim: hidden,
    mem_dim: memory,
    num_maskmem: frames,
    max_object_pointers: pointers,
    memory_temporal_positional_encoding: Array.from({ length: frames }, () =>
      new Array<number>(memory).fill(0),
    ),
    ...constants,
  };
  writeFileSync(join(folder, 'constants.json'), JSON.stringify(document));
}
