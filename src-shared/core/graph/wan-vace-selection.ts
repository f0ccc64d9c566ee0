import { gaussianNoise } from '../random/index.ts';
import type { GraphBuilder, Value } from './graph-builder.ts';
import type { ModelGraph, Precision } from './model-graph.ts';
import { matMul, mul, reshape, transpose } from './tensor-ops.ts';
import type { WanBlockConfig, WanVaceConfig } from './wan-vace-config.ts';
import { openDraft, type DitDraft } from './wan-vace-draft.ts';
import { forwardPass } from './wan-vace-forward.ts';

/** Columns of the output `features`. */
export const selectionFeatures = 64;

/** Of the projection: its bits are part of what the graph is. */
const projectionSeed = 64_000;

/**
 * Graph `transformer-selection`: `transformer` (see `buildWanVaceDit`) that also says what chooses the context tokens
 * of partial steps, taken at main block ⌊layers/2⌋ from the first stream of the batch.
 * Further input: queries int64 [q], indices of tokens; q may be 0. Further outputs, float32:
 * - importance [n]: Σ over the heads and over the q queries of softmax over all n keys of query·key/√d, queries and
 *   keys after RMS norm and rotary embedding, as self-attention uses them. It sums to heads · q.
 * - features [n, 64]: the block's output (after the hint) times a fixed random projection of entries ±1/√64, which
 *   keeps distances between tokens in the mean (Achlioptas 2003).
 * The largest tensor it adds is [heads, q, n].
 */
export function buildWanVaceSelection(
  config: WanVaceConfig,
  { precision }: { readonly precision: Precision },
): ModelGraph {
  return selectionGraph(config, { precision }, forwardPass);
}

/** The same for any of Wan's transformers. `forward` builds the network itself. */
export function selectionGraph<Config extends WanBlockConfig>(
  config: Config,
  {
    precision,
    name: graphName = 'transformer-selection',
  }: { readonly precision: Precision; readonly name?: string },
  forward: (draft: DitDraft<Config>) => void,
): ModelGraph {
  const block = Math.floor(config.layers / 2);
  const seen = new Map<string, Value>();
  const draft = openDraft(graphName, config, precision, () => (name, value) => {
    seen.set(name, value);
  });
  forward(draft);
  const { g } = draft;
  const queries = g.input('queries', 'int64', ['queries']);
  const stream = (name: string): Value => firstStream(g, seen.get(`block${block}${name}`)!);
  g.scope('selection', () => {
    // Not left to empty tensors: ONNX Runtime's CPU product of a batch of matrices without rows ends the process.
    const hasQueries = g.op('Greater', [g.op('Size', [queries]), g.ints([0], [])], {}, { type: 'bool' });
    const tokenCount = g.op('Shape', [seen.get('patchTokens')!], { start: 1, end: 2 }, { type: 'int64' });
    const [importance] = g.branch(
      hasQueries,
      () => [attentionReceived(draft, stream('Query'), stream('Key'), queries)],
      () => [g.op('Expand', [g.scalar(0), tokenCount])],
    );
    g.output('importance', importance, ['tokens']);
    const features = matMul(
      g,
      stream('Output'),
      g.floats(projection(draft.width), [draft.width, selectionFeatures]),
    );
    g.output('features', features, ['tokens', selectionFeatures]);
  });
  return g.toModelGraph();
}

/** [B, n, D] to [n, D]. */
function firstStream(g: GraphBuilder, x: Value): Value {
  return g.op('Gather', [x, g.ints([0], [])], { axis: 0 });
}

/** query and key float32 [n, heads·d], queries int64 [q]; returns float32 [n]. */
function attentionReceived({ g, config }: DitDraft, query: Value, key: Value, queries: Value): Value {
  const { heads, headDim } = config;
  const perHead = (x: Value, perm: readonly number[]): Value =>
    transpose(g, reshape(g, x, [0, heads, headDim]), perm);
  const sampled = mul(g, g.op('Gather', [query, queries], { axis: 0 }), g.scalar(1 / Math.sqrt(headDim)));
  const scores = matMul(g, perHead(sampled, [1, 0, 2]), perHead(key, [1, 2, 0]));
  const weights = g.op('Softmax', [scores], { axis: -1 });
  return g.op('ReduceSum', [weights, g.ints([0, 1])], { keepdims: 0 });
}

/** [width, 64], row by row. The sign of a normal number is a fair coin. */
function projection(width: number): number[] {
  const entry = 1 / Math.sqrt(selectionFeatures);
  return Array.from(gaussianNoise(projectionSeed, 0, width * selectionFeatures), (x) =>
    x < 0 ? -entry : entry,
  );
}
