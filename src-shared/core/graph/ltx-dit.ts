import type { GraphBuilder, Value } from './graph-builder.ts';
import { attention, layerNorm, linear, linearGeluTanh, rmsNorm, ropeInterleaved, silu } from './layers.ts';
import type { LtxConfig } from './ltx-config.ts';
import type { ModelGraph, Precision } from './model-graph.ts';
import { add, mul, reshape, slice, split, unsqueeze } from './tensor-ops.ts';
import { openDraft, tappedGraph, timeSinusoid, type DitDraft } from './wan-vace-draft.ts';
import { selectionGraph } from './wan-vace-selection.ts';

export interface LtxOptions {
  /** fp16: products in float16; the residual stream, norms, modulation, time and rope stay float32. */
  readonly precision: Precision;
  /**
   * Further outputs: temb, timestepProj, textEmbedded, patchTokens, block{k}ModulatedInput, block{k}Output, and as
   * the selection needs them block{k}Query and block{k}Key.
   */
  readonly taps?: readonly string[];
}

type Draft = DitDraft<LtxConfig>;

/** Of queries and keys, whatever the config says of the other norms. */
const qkEps = 1e-5;

/** What every block reads. */
interface Context {
  /** float32 [B, 6, D]. */
  readonly modulation: Value;
  /** [B, L, D] in the type of the products, and int32 [B, L]: 1 where there is text. */
  readonly text: Value;
  readonly textMask: Value;
  /** [n·heads, head_dim/2]. */
  readonly ropeCos: Value;
  readonly ropeSin: Value;
}

/** timestep [B] to temb [B, D] and modulation [B, 6, D], float32. */
function embedTime(
  { g, width, config, observe }: Draft,
  timestep: Value,
): { temb: Value; modulation: Value } {
  const layer = (x: Value, name: string, inputs: number, outputs: number): Value =>
    linear(g, x, { name: `time_embed.${name}`, inputs, outputs });
  const embedder = 'emb.timestep_embedder';
  const hidden = silu(
    g,
    layer(timeSinusoid(g, timestep, config.freqDim), `${embedder}.linear_1`, config.freqDim, width),
  );
  const temb = layer(hidden, `${embedder}.linear_2`, width, width);
  observe('temb', temb, ['batch', width]);
  const modulation = reshape(g, layer(silu(g, temb), 'linear', width, 6 * width), [-1, 6, width]);
  observe('timestepProj', modulation, ['batch', 6, width]);
  return { temb, modulation };
}

/** A D-wide layer of a float32 stream, in the type of the products and back. */
function projected({ g, width, productType }: Draft, x: Value, name: string, inputs: number): Value {
  return g.castTo(linear(g, g.castTo(x, productType), { name, inputs, outputs: width }), 'float32');
}

/** Norm without weights, times 1 + scale, plus shift; float32. */
function modulatedRms({ g, width, config }: Draft, x: Value, scale: Value, shift: Value): Value {
  const normed = rmsNorm(g, x, config.eps, g.floats(new Array<number>(width).fill(1)));
  return add(g, mul(g, normed, add(g, scale, g.scalar(1))), shift);
}

function blockTable({ g, width }: Draft, name: string, modulation: Value): Value[] {
  const table = g.parameter(`${name}.scale_shift_table`, [6, width], { dims: [1, 6, width] });
  return split(g, add(g, table, modulation), 1, [1, 1, 1, 1, 1, 1]);
}

/** Rotary embedding over the whole width: head by head it is that of n·heads rows of head_dim, whose tables lie so in memory. */
function turned({ g, config, width }: Draft, x: Value, { ropeCos, ropeSin }: Context): Value {
  const perHead = g.op('Reshape', [x, g.ints([0, -1, config.headDim])]);
  return reshape(g, ropeInterleaved(g, perHead, ropeCos, ropeSin), [0, -1, width]);
}

function attended(
  draft: Draft,
  name: string,
  x: Value,
  context: Context,
  kind: 'self' | 'cross',
  observe: (name: string, value: Value) => void,
): Value {
  const { g, width, productType, config } = draft;
  const isSelf = kind === 'self';
  const input = g.castTo(x, productType);
  const source = isSelf ? input : context.text;
  const normed = (from: Value, part: 'q' | 'k'): Value => {
    const product = linear(g, from, { name: `${name}.to_${part}`, inputs: width, outputs: width });
    const weight = g.parameter(`${name}.norm_${part}.weight`, [width]);
    const value = rmsNorm(g, g.castTo(product, 'float32'), qkEps, weight);
    return isSelf ? turned(draft, value, context) : value;
  };
  const query = normed(input, 'q');
  const key = normed(source, 'k');
  observe('Query', query);
  observe('Key', key);
  const value = linear(g, source, { name: `${name}.to_v`, inputs: width, outputs: width });
  const heads = attention(g, g.castTo(query, productType), g.castTo(key, productType), value, {
    heads: config.heads,
    ...(!isSelf && { keyMask: context.textMask }),
  });
  return g.castTo(linear(g, heads, { name: `${name}.to_out.0`, inputs: width, outputs: width }), 'float32');
}

/** One block on the float32 stream x [B, n, D]; what cross-attention sees of it has no norm. */
function block(
  draft: Draft,
  name: string,
  x: Value,
  context: Context,
  observe: (name: string, value: Value) => void,
): Value {
  const { g, config, productType, width } = draft;
  const [shift, scale, gate, ffnShift, ffnScale, ffnGate] = blockTable(draft, name, context.modulation);
  const modulated = modulatedRms(draft, x, scale, shift);
  observe('ModulatedInput', modulated);
  const own = g.scope('attn1', () => attended(draft, `${name}.attn1`, modulated, context, 'self', observe));
  const moved = add(g, x, mul(g, own, gate));
  const told = g.scope('attn2', () =>
    attended(draft, `${name}.attn2`, moved, context, 'cross', () => undefined),
  );
  const informed = add(g, moved, told);
  return g.scope('ff', () => {
    const inner = linearGeluTanh(
      g,
      g.castTo(modulatedRms(draft, informed, ffnScale, ffnShift), productType),
      {
        name: `${name}.ff.net.0.proj`,
        inputs: width,
        outputs: config.ffnDim,
      },
    );
    const fed = linear(g, inner, { name: `${name}.ff.net.2`, inputs: config.ffnDim, outputs: width });
    return add(g, informed, mul(g, g.castTo(fed, 'float32'), ffnGate));
  });
}

/** Rows of the text that are not all zeros: the others are padding, which nothing looks at. int32 [B, L] */
function textRows(g: GraphBuilder, text: Value): Value {
  const largest = g.op('ReduceMax', [g.op('Abs', [g.castTo(text, 'float32')]), g.ints([2])], { keepdims: 0 });
  return g.castTo(g.op('Greater', [largest, g.scalar(0)], {}, { type: 'bool' }), 'int32');
}

/**
 * The whole forward pass. Inputs: tokens [B, n, C], timestep float32 [B], ropeCos and ropeSin float32 [n, D/2], text
 * [B, L, text_dim], and with context blocks control [B, n, controlChannels] and controlScale float32 [hints].
 * Output: velocity [B, n, C].
 */
function forwardPass(draft: Draft): void {
  const { g, config, productType, width, observe } = draft;
  const { contextLayers, heads, headDim } = config;
  const tokens = g.input('tokens', productType, ['batch', 'tokens', config.inChannels]);
  const withControl = contextLayers.length > 0;
  const control = withControl
    ? g.input('control', productType, ['batch', 'tokens', config.controlChannels])
    : undefined;
  const table = (name: string): Value =>
    reshape(g, g.input(name, 'float32', ['tokens', (heads * headDim) / 2]), [-1, headDim / 2]);
  const ropeCos = table('ropeCos');
  const ropeSin = table('ropeSin');
  const timestep = g.input('timestep', 'float32', ['batch']);
  const text = g.input('text', productType, ['batch', 'textTokens', config.textDim]);
  const scales = withControl ? g.input('controlScale', 'float32', [contextLayers.length]) : undefined;
  const { temb, modulation } = g.scope('time', () => embedTime(draft, timestep));
  const hidden = linearGeluTanh(g, text, {
    name: 'caption_projection.linear_1',
    inputs: config.textDim,
    outputs: width,
  });
  const embedded = linear(g, hidden, { name: 'caption_projection.linear_2', inputs: width, outputs: width });
  observe('textEmbedded', embedded, ['batch', 'textTokens', width]);
  const context: Context = { modulation, text: embedded, textMask: textRows(g, text), ropeCos, ropeSin };
  const start = projected(draft, tokens, 'proj_in', config.inChannels);
  observe('patchTokens', start, ['batch', 'tokens', width]);

  const hints: Value[] = [];
  let state =
    control === undefined
      ? start
      : projected(draft, control, 'patchify_context_proj', config.controlChannels);
  for (const layer of contextLayers) {
    const name = `transformer_context_blocks.${layer}`;
    state = g.scope(name, () => {
      const entered =
        layer === 0 ? add(g, projected(draft, state, `${name}.before_proj`, width), start) : state;
      const after = block(draft, name, entered, context, () => undefined);
      const hint = linear(g, g.castTo(after, productType), {
        name: `${name}.after_proj`,
        inputs: width,
        outputs: width,
      });
      hints.push(hint);
      return after;
    });
  }

  let stream = start;
  for (let k = 0; k < config.layers; k++) {
    const tap = (name: string, value: Value): void =>
      observe(`block${k}${name}`, value, ['batch', 'tokens', width]);
    stream = g.scope(`transformer_blocks.${k}`, () => {
      const output = block(draft, `transformer_blocks.${k}`, stream, context, tap);
      const i = contextLayers.indexOf(k);
      const hinted =
        i < 0 || scales === undefined
          ? output
          : add(g, output, mul(g, g.castTo(hints[i], 'float32'), slice(g, scales, 0, i, i + 1)));
      tap('Output', hinted);
      return hinted;
    });
  }
  const velocity = g.scope('head', () => head(draft, stream, temb));
  g.output('velocity', velocity, ['batch', 'tokens', config.outChannels]);
}

/** Layer norm, not RMS, modulated by table + temb. */
function head({ g, width, productType, config }: Draft, stream: Value, temb: Value): Value {
  const table = g.parameter('scale_shift_table', [2, width], { dims: [1, 2, width] });
  const [shift, scale] = split(g, add(g, table, unsqueeze(g, temb, [1])), 1, [1, 1]);
  const normed = layerNorm(g, stream, 1e-6, g.floats(new Array<number>(width).fill(1)));
  const modulated = add(g, mul(g, normed, add(g, scale, g.scalar(1))), shift);
  return linear(g, g.castTo(modulated, productType), {
    name: 'proj_out',
    inputs: width,
    outputs: config.outChannels,
  });
}

/** Graph `transformer` of LTX-Video, with VACE's context blocks where there are any. */
export function buildLtxDit(config: LtxConfig, options: LtxOptions): ModelGraph {
  return tappedGraph(config, options, forwardPass);
}

/** Graph `transformer-selection`; see `buildWanVaceSelection`. */
export function buildLtxSelection(
  config: LtxConfig,
  { precision }: Pick<LtxOptions, 'precision'>,
): ModelGraph {
  return selectionGraph(config, { precision }, forwardPass);
}

/** Graph `transformer-drift`; see `buildWanVaceDrift`. */
export function buildLtxDrift(config: LtxConfig, { precision }: Pick<LtxOptions, 'precision'>): ModelGraph {
  const draft = openDraft('transformer-drift', config, precision);
  const { g, width, productType } = draft;
  const tokens = g.input('tokens', productType, [1, 'tokens', config.inChannels]);
  const timestep = g.input('timestep', 'float32', [1]);
  const { temb, modulation } = g.scope('time', () => embedTime(draft, timestep));
  const start = projected(draft, tokens, 'proj_in', config.inChannels);
  const [shift, scale] = blockTable(draft, 'transformer_blocks.0', modulation);
  g.output('temb', temb, [1, width]);
  g.output('timestepProj', modulation, [1, 6, width]);
  g.output('modulatedInput', modulatedRms(draft, start, scale, shift), [1, 'tokens', width]);
  return g.toModelGraph();
}
