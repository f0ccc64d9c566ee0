import { GraphBuilder, type Value } from './graph-builder.ts';
import { layerNorm, linear, linearGeluTanh, silu } from './layers.ts';
import type { Dimension, FloatType, ModelGraph, Precision } from './model-graph.ts';
import { add, concat, matMul, mul, unsqueeze } from './tensor-ops.ts';
import { modelWidth, type WanBlockConfig, type WanVaceConfig } from './wan-vace-config.ts';

/** Told of every intermediate value by its name; see `WanVaceOptions.taps` for the names. */
export type Observe = (name: string, value: Value, dims: readonly Dimension[]) => void;

/** A graph of one of Wan's transformers that is being built: what all its parts need to know. */
export interface DitDraft<Config extends WanBlockConfig = WanBlockConfig> {
  readonly g: GraphBuilder;
  readonly config: Config;
  /** D. */
  readonly width: number;
  /** Type of the matrix products; everything else is float32. */
  readonly productType: FloatType;
  readonly observe: Observe;
}

export function openDraft<Config extends WanBlockConfig>(
  name: string,
  config: Config,
  precision: Precision,
  observe: (g: GraphBuilder) => Observe = () => () => undefined,
): DitDraft<Config> {
  const g = new GraphBuilder(name);
  const productType = precision === 'fp16' ? 'float16' : 'float32';
  return { g, config, width: modelWidth(config), productType, observe: observe(g) };
}

/** A graph of which `taps`, intermediate values by their names, are further outputs, all float32. */
export function tappedGraph<Config extends WanBlockConfig>(
  config: Config,
  { precision, taps }: { readonly precision: Precision; readonly taps?: readonly string[] | undefined },
  forward: (draft: DitDraft<Config>) => void,
): ModelGraph {
  const wanted = new Set(taps);
  const draft = openDraft('transformer', config, precision, (g) => (name, value, dims) => {
    if (wanted.delete(name)) g.output(name, g.castTo(value, 'float32'), dims);
  });
  forward(draft);
  if (wanted.size > 0) throw new Error(`no such tap: ${[...wanted].join(', ')}`);
  return draft.g.toModelGraph();
}

/** timestep [B], or its sinusoid [B, freq_dim] where that is given, to temb [B, D] and modulation (timestep_proj) [B, 6, D], all float32. */
export function embedTime(
  draft: DitDraft,
  timestep: Value,
  givenSinusoid?: Value,
): { temb: Value; modulation: Value } {
  const { g, width, observe } = draft;
  const { freqDim } = draft.config;
  const sinusoid = givenSinusoid ?? timeSinusoid(g, timestep, freqDim);
  observe('timeSinusoid', sinusoid, ['batch', freqDim]);
  const layer = (x: Value, name: string, inputs: number, outputs: number): Value =>
    linear(g, x, { name: `condition_embedder.${name}`, inputs, outputs });
  const hidden = silu(g, layer(sinusoid, 'time_embedder.linear_1', freqDim, width));
  const temb = layer(hidden, 'time_embedder.linear_2', width, width);
  observe('temb', temb, ['batch', width]);
  const projected = layer(silu(g, temb), 'time_proj', width, 6 * width);
  const modulation = g.op('Reshape', [projected, g.ints([-1, 6, width])]);
  observe('timestepProj', modulation, ['batch', 6, width]);
  return { temb, modulation };
}

/** [cos | sin] of timestep · frequency, float32 [B, freqDim]. */
export function timeSinusoid(g: GraphBuilder, timestep: Value, freqDim: number): Value {
  const angles = mul(g, unsqueeze(g, timestep, [1]), g.floats(sinusoidFrequencies(freqDim / 2)));
  return concat(g, [g.op('Cos', [angles]), g.op('Sin', [angles])], 1);
}

/** text [B, L, text_dim] to [B, L, D], in the type of the products. */
export function embedText({ g, config, width, observe }: DitDraft<WanVaceConfig>, text: Value): Value {
  const name = 'condition_embedder.text_embedder';
  const hidden = linearGeluTanh(g, text, {
    name: `${name}.linear_1`,
    inputs: config.textDim,
    outputs: width,
  });
  const embedded = linear(g, hidden, { name: `${name}.linear_2`, inputs: width, outputs: width });
  observe('textEmbedded', embedded, ['batch', 'textTokens', width]);
  return embedded;
}

/**
 * The patch convolution, whose stride is its kernel, as a product over the flattened patch:
 * patches [B, n, 4·channels] to float32 [B, n, D].
 */
export function embedPatches(
  { g, width, productType: type }: DitDraft,
  name: 'patch_embedding' | 'vace_patch_embedding',
  patches: Value,
  channels: number,
): Value {
  return g.scope(name, () => {
    const weight = g.parameter(`${name}.weight`, [width, channels, 1, 2, 2], { type, transform: 'patch' });
    const bias = g.parameter(`${name}.bias`, [width], { type });
    return g.castTo(add(g, matMul(g, patches, weight), bias), 'float32');
  });
}

/** LN(x) over the last axis; x float32 [B, n, D]. */
export function tokenNorm({ g, config, width }: DitDraft, x: Value): Value {
  return layerNorm(g, x, config.eps, g.floats(new Array<number>(width).fill(1)));
}

/** normed·(1 + scale) + shift; normed float32 [B, n, D], scale and shift float32 [B, 1, D]. */
export function modulate(g: GraphBuilder, normed: Value, scale: Value, shift: Value): Value {
  return add(g, mul(g, normed, add(g, scale, g.scalar(1))), shift);
}

/** LN(x)·(1 + scale) + shift; x float32 [B, n, D], scale and shift float32 [B, 1, D]. */
export function modulatedNorm(draft: DitDraft, x: Value, scale: Value, shift: Value): Value {
  return modulate(draft.g, tokenNorm(draft, x), scale, shift);
}

/** A D to D projection of a float32 stream, in the type of the products and back to float32. */
export function project({ g, width, productType }: DitDraft, x: Value, name: string): Value {
  const projected = linear(g, g.castTo(x, productType), { name, inputs: width, outputs: width });
  return g.castTo(projected, 'float32');
}

/**
 * Frequencies 10000^(−i/count) of the timestep's sinusoid, rounded after each operation as the reference does in
 * float32 (diffusers' get_timestep_embedding): at timestep 1000 one unit in the last place of a frequency is
 * 6e-5 of an angle.
 */
function sinusoidFrequencies(count: number): number[] {
  const logPeriod = Math.fround(-Math.log(10000));
  return Array.from({ length: count }, (_, i) => Math.exp(Math.fround(Math.fround(logPeriod * i) / count)));
}
