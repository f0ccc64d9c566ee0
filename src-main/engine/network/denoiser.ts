import type {
  CachedTokens,
  CacheNeeds,
  KeptForm,
  ModuleChoice,
  NetworkOutput,
  PartialCall,
} from '../../../src-shared/core/caches/index.ts';
import type { TransformerSpec } from '../../../src-shared/core/families/index.ts';
import { ropeRows, type FloatType, type RopeTables } from '../../../src-shared/core/graph/index.ts';
import { gatherRows } from '../../../src-shared/core/tokens/index.ts';
import { graphMissing, type LazySessions } from './lazy-sessions.ts';
import type { GraphPaths, TransformerGraph } from './model-folder.ts';
import type { TensorMap, TensorValue } from './session.ts';
import { createKeptTokens } from './kept-tokens.ts';
import { floatsOf, floatTensor, indexTensor, stack } from './tensors.ts';

/** What stays the same over all steps of one window. */
export interface Conditions {
  /** Control tokens [n, controlLength], float32. */
  readonly control: Float32Array;
  readonly rope: RopeTables;
  /**
   * Text embeddings, one [textTokens, textDim] per stream: [cond] or [cond, uncond]. One empty one for a network that
   * reads no text.
   */
  readonly texts: readonly Float32Array[];
  readonly textTokens: number;
  /** Weight of each hint of the control branch, [hints]; absent: 1 each, as trained. */
  readonly controlScale?: Float32Array;
}

/** One network call. */
export interface NetworkCall {
  /** All tokens of the sample, [n, tokenLength]. */
  readonly sample: Float32Array;
  /** 0 … 1000. */
  readonly timestep: number;
  /** The part that runs; absent: the whole network. */
  readonly part?: PartialCall;
  /** The first stream alone. */
  readonly conditionalOnly?: boolean;
  /** Tokens whose attention is sampled; absent: the call selects nothing. */
  readonly queries?: Int32Array;
  /** Tokens that are kept for partial calls to look at, in place of what was kept before the last time. */
  readonly keep?: Int32Array;
}

/** Tokens in, velocity out. */
export interface Denoiser {
  readonly streams: number;
  /** Velocities of every stream that runs, in the order of `Conditions.texts`. */
  run(call: NetworkCall): Promise<NetworkOutput>;
  /** Floating-point operations of such a call. */
  flops(call: NetworkCall): number;
}

/** The transformer that a denoiser runs. */
export interface Transformer {
  readonly sessions: LazySessions<TransformerGraph>;
  readonly spec: TransformerSpec;
  /** Element type at the graphs' borders. */
  readonly type: FloatType;
  /** Streams in one call; a step of more takes several, in less memory. Absent: all. */
  streamsPerCall?: number;
  /** Forms in which the context can be kept for partial steps, the best first; absent: none. */
  readonly keptForms?: readonly KeptForm[];
}

/** The conditions of some tokens, as graph inputs. */
interface FixedInputs {
  readonly tokens: Int32Array | undefined;
  readonly cached: Int32Array | undefined;
  readonly batch: number;
  readonly feeds: TensorMap;
}

/** What the attention modules of all blocks gave last: [blocks, B, n, D]. */
interface ModuleOutputs {
  readonly selfAfter: TensorValue;
  readonly crossAfter: TensorValue;
}

const keptGraphs = { float: 'cached', int8: 'cachedInt8' } as const;

/** The forms for which a model has a graph, the best first. */
export function keptFormsOf(graphs: GraphPaths<TransformerGraph>): KeptForm[] {
  return (['float', 'int8'] as const).filter((form) => graphs[keptGraphs[form]] !== undefined);
}

/** The form in which a method's context is kept; undefined where it asks for none, or there is none. */
export function keptFormFor({ cached }: CacheNeeds, forms: readonly KeptForm[] = []): KeptForm | undefined {
  if (cached === undefined) return undefined;
  return cached.form === 'auto' ? forms[0] : forms.find((form) => form === cached.form);
}

/** The one graph that computes what a method needs: one set of weights in memory. */
export function graphFor(needs: CacheNeeds, form?: KeptForm): TransformerGraph {
  if (needs.modules === true) return 'broadcast';
  if (form !== undefined) return keptGraphs[form];
  return needs.selection === undefined ? 'plain' : 'selection';
}

/** Throws HetcutError `graph-missing` where a method needs what the model's family does not have. */
export function requireGraphs(needs: CacheNeeds, graphs: GraphPaths<TransformerGraph>): void {
  const graph = graphFor(needs);
  if (graphs[graph] === undefined) throw graphMissing(graph);
}

/**
 * A denoiser for one window over the graph that `needs` asks for. The streams run as one batch, or one after the other as
 * `streamsPerCall` says, with the same result. Partial calls run the
 * same graph on the gathered tokens, each with its own place in the rotary tables.
 */
export function createDenoiser(
  transformer: Transformer,
  conditions: Conditions,
  needs: CacheNeeds = {},
): Denoiser {
  const { spec } = transformer;
  const { texts, textTokens } = conditions;
  const graph = graphFor(needs, keptFormFor(needs, transformer.keptForms));
  const { streamsPerCall = texts.length } = transformer;
  const callers = Array.from({ length: Math.ceil(texts.length / streamsPerCall) }, (_, i) =>
    createCaller(transformer, graph, {
      ...conditions,
      texts: texts.slice(i * streamsPerCall, (i + 1) * streamsPerCall),
    }),
  );

  return {
    streams: texts.length,
    async run(call) {
      const { queries: _, conditionalOnly, ...rest } = call;
      if (conditionalOnly === true && (call.keep !== undefined || cachedOf(call) !== undefined)) {
        throw new Error('tokens are kept of all streams');
      }
      if (conditionalOnly === true) return callers[0](call);
      const first = await callers[0](call);
      const velocities = [...first.velocities];
      // What is sampled of the attention is of the first stream alone.
      for (const caller of callers.slice(1)) velocities.push(...(await caller(rest)).velocities);
      return { ...first, velocities };
    },
    flops(call) {
      return spec.flops({
        tokens: tokensOf(call)?.length ?? conditions.rope.tokens,
        textTokens,
        batch: call.conditionalOnly === true ? 1 : texts.length,
        cached: cachedOf(call)?.tokens.length ?? 0,
        modules: moduleChoice(call.part),
        ...(call.queries !== undefined && { queries: call.queries.length }),
      });
    },
  };
}

/** The tokens that a call runs on; undefined for all. */
function tokensOf({ part }: NetworkCall): Int32Array | undefined {
  return part !== undefined && 'tokens' in part ? part.tokens : undefined;
}

/** The tokens that a call looks at besides its own. */
function cachedOf({ part }: NetworkCall): CachedTokens | undefined {
  return part !== undefined && 'tokens' in part ? part.cached : undefined;
}

/** Calls of the streams of `conditions` as one batch. */
function createCaller(
  { sessions, spec, type }: Transformer,
  graph: TransformerGraph,
  conditions: Conditions,
): (call: NetworkCall) => Promise<NetworkOutput> {
  // Most calls have the tokens of the one before.
  let fixed: FixedInputs | undefined;
  let modules: ModuleOutputs | undefined;
  const kept = createKeptTokens(spec, type, graph);
  return async (call) => {
    const batch = call.conditionalOnly === true ? 1 : conditions.texts.length;
    const tokens = tokensOf(call);
    const cached = cachedOf(call);
    const same = fixed?.tokens === tokens && fixed?.cached === cached?.tokens && fixed?.batch === batch;
    if (fixed === undefined || !same) {
      const feeds = fixedFeeds(spec, conditions, type, batch, { tokens, cached: cached?.tokens });
      fixed = { tokens, cached: cached?.tokens, batch, feeds };
    }
    const n = tokens?.length ?? conditions.rope.tokens;
    const rowLength = call.sample.length / conditions.rope.tokens;
    const sample = tokens === undefined ? call.sample : gatherRows(call.sample, rowLength, tokens);
    const choice = moduleChoice(call.part);
    const keeping = { keep: call.keep, cached };
    const session = await sessions.session(graph);
    const outputs = await session.run(
      {
        ...fixed.feeds,
        tokens: floatTensor(repeated(sample, batch), [batch, n, rowLength], type),
        timestep: floatTensor(new Float32Array(batch).fill(call.timestep), [batch], 'float32'),
        ...(selects(graph) && { queries: indexTensor(call.queries) }),
        ...kept?.feeds(keeping, batch),
        ...(graph === 'broadcast' && moduleFeeds(spec, type, batch, choice, modules)),
      },
      [...outputNames(graph, call), ...(kept?.outputNames(keeping) ?? [])],
    );
    kept?.take(keeping, outputs);
    if (graph === 'broadcast') {
      modules = { selfAfter: outputs['selfAfter'], crossAfter: outputs['crossAfter'] };
    }
    const velocity = floatsOf(outputs['velocity']);
    const velocities = Array.from({ length: batch }, (_, stream) =>
      velocity.subarray(stream * sample.length, (stream + 1) * sample.length),
    );
    if (call.queries === undefined) return { velocities };
    return {
      velocities,
      importance: floatsOf(outputs['importance']),
      features: floatsOf(outputs['features']),
    };
  };
}

function moduleChoice(part: PartialCall | undefined): ModuleChoice {
  return part !== undefined && 'modules' in part
    ? part.modules
    : { selfAttention: true, crossAttention: true };
}

function outputNames(graph: TransformerGraph, call: NetworkCall): string[] {
  if (graph === 'broadcast') return ['velocity', 'selfAfter', 'crossAfter'];
  return call.queries === undefined ? ['velocity'] : ['velocity', 'importance', 'features'];
}

/** Graphs that sample the attention, where they are given queries. */
const selects = (graph: TransformerGraph): boolean =>
  graph === 'selection' || graph === 'cached' || graph === 'cachedInt8';

function fixedFeeds(
  { textDim, hints }: TransformerSpec,
  { control, rope, texts, textTokens, controlScale = new Float32Array(hints).fill(1) }: Conditions,
  type: FloatType,
  batch: number,
  { tokens, cached }: Pick<FixedInputs, 'tokens' | 'cached'>,
): TensorMap {
  const controlLength = control.length / rope.tokens;
  const rows = tokens === undefined ? control : gatherRows(control, controlLength, tokens);
  const n = tokens?.length ?? rope.tokens;
  const places = tokens === undefined || cached === undefined ? tokens : joined(tokens, cached);
  const tables = places === undefined ? rope : ropeRows(rope, places);
  const streams = texts.slice(0, batch);
  return {
    control: floatTensor(repeated(rows, batch), [batch, n, controlLength], type),
    ropeCos: floatTensor(tables.cos, [tables.tokens, tables.columns], 'float32'),
    ropeSin: floatTensor(tables.sin, [tables.tokens, tables.columns], 'float32'),
    ...(textDim > 0 && { text: floatTensor(stack(streams), [batch, textTokens, textDim], type) }),
    ...(hints > 0 && { controlScale: floatTensor(controlScale, [hints], 'float32') }),
  };
}

function joined(a: Int32Array, b: Int32Array): Int32Array {
  const all = new Int32Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

/** Which modules run, and what the others gave last. What is computed needs no earlier output: an empty one. */
function moduleFeeds(
  { blocks, width }: TransformerSpec,
  type: FloatType,
  batch: number,
  choice: ModuleChoice,
  before: ModuleOutputs | undefined,
): TensorMap {
  const nothing = floatTensor(new Float32Array(0), [blocks, batch, 0, width], type);
  const flag = (value: boolean): TensorValue => ({
    type: 'bool',
    dims: [],
    data: Uint8Array.of(value ? 1 : 0),
  });
  const { selfAttention, crossAttention } = choice;
  if (before === undefined && !(selfAttention && crossAttention)) {
    throw new Error('attention outputs are reused before any was computed');
  }
  return {
    computeSelf: flag(selfAttention),
    computeCross: flag(crossAttention),
    selfBefore: selfAttention || before === undefined ? nothing : before.selfAfter,
    crossBefore: crossAttention || before === undefined ? nothing : before.crossAfter,
  };
}

/** `data` once for each stream of the batch. */
function repeated(data: Float32Array, batch: number): Float32Array {
  return batch === 1 ? data : stack(Array.from({ length: batch }, () => data));
}
