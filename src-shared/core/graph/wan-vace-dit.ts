import { GraphBuilder, type Value } from './graph-builder.ts';
import { attention, layerNorm, linear, linearGeluTanh, rmsNorm, ropeInterleaved, silu } from './layers.ts';
import type { Dimension, FloatType, ModelGraph, Precision } from './model-graph.ts';
import { add, concat, matMul, mul, slice, split, unsqueeze } from './tensor-ops.ts';
import { cellsPerToken, modelWidth, type WanVaceConfig } from './wan-vace-config.ts';

export interface WanVaceOptions {
  /**
   * fp16: matrix products and attention in float16; time embedder, modulation, norms, rotary embedding and the whole
   * residual stream in float32.
   */
  readonly precision: Precision;
  /**
   * Further outputs, by name, all float32: `timeSinusoid`, `temb` [B, D], `timestepProj` [B, 6, D], `textEmbedded`,
   * `patchTokens`, `controlTokens`, `vace{i}State`, `vace{i}Hint` (unscaled), `finalModulated`, and for main block k
   * `block{k}ModulatedInput`, `block{k}Query`, `block{k}Key`, `block{k}Value`, `block{k}AttentionHeads` (before its
   * output projection), `block{k}SelfAttention`, `block{k}CrossAttention`, `block{k}FeedForward`,
   * `block{k}BeforeHint`, `block{k}Output`. [B, n, D] where nothing else is said.
   */
  readonly taps?: readonly string[];
}

/**
 * Graph of Wan-VACE's diffusion transformer (diffusers' WanVACETransformer3DModel), for any number of tokens n,
 * any batch B and text length L.
 * Inputs: tokens [B, n, 4·in], control [B, n, 4·vace_in], ropeCos and ropeSin float32 [n, head_dim/2],
 * timestep float32 [B], text [B, L, text_dim], controlScale float32 [vace blocks]. Output: velocity [B, n, 4·out].
 * Tokens run frame, row, column; within a token row of the patch, column of the patch, channel.
 * tokens, control, text and velocity have the type of `precision`.
 *
 * Profiled on the CPU at n = 1792 (3×64, ffn 768, 6 + 3 blocks): attention takes 48 to 54 % of the time, products 38
 * to 41 %, adds of biases and residuals 3 to 4 %, gelu 2 %, all norms 2 to 3 %: what is left to fuse would not show.
 */
export function buildWanVaceDit(config: WanVaceConfig, options: WanVaceOptions): ModelGraph {
  return new DitGraph(config, options).build();
}

/** What every block reads. */
interface BlockContext {
  /** timestep_proj, float32 [B, 6, D]. */
  readonly modulation: Value;
  /** Embedded text [B, L, D], in the type of the matrix products. */
  readonly text: Value;
  readonly ropeCos: Value;
  readonly ropeSin: Value;
}

class DitGraph {
  readonly #config: WanVaceConfig;
  readonly #width: number;
  readonly #cells: number;
  /** Type of the matrix products; everything else is float32. */
  readonly #productType: FloatType;
  readonly #g = new GraphBuilder('transformer');
  readonly #tapsWanted: Set<string>;

  constructor(config: WanVaceConfig, options: WanVaceOptions) {
    this.#config = config;
    this.#width = modelWidth(config);
    this.#cells = cellsPerToken(config);
    this.#productType = options.precision === 'fp16' ? 'float16' : 'float32';
    this.#tapsWanted = new Set(options.taps);
  }

  build(): ModelGraph {
    const g = this.#g;
    const config = this.#config;
    const tokens = g.input('tokens', this.#productType, ['batch', 'tokens', this.#cells * config.inChannels]);
    const control = g.input('control', this.#productType, [
      'batch',
      'tokens',
      this.#cells * config.controlChannels,
    ]);
    const ropeCos = g.input('ropeCos', 'float32', ['tokens', config.headDim / 2]);
    const ropeSin = g.input('ropeSin', 'float32', ['tokens', config.headDim / 2]);
    const timestep = g.input('timestep', 'float32', ['batch']);
    const text = g.input('text', this.#productType, ['batch', 'textTokens', config.textDim]);
    const controlScale = g.input('controlScale', 'float32', [config.vaceLayers.length]);

    const { temb, modulation } = g.scope('time', () => this.#embedTime(timestep));
    const context: BlockContext = {
      modulation,
      text: g.scope('text', () => this.#embedText(text)),
      ropeCos,
      ropeSin,
    };
    const patchTokens = this.#patchEmbed('patch_embedding', tokens, config.inChannels);
    const controlTokens = this.#patchEmbed('vace_patch_embedding', control, config.controlChannels);
    this.#tap('patchTokens', patchTokens);
    this.#tap('controlTokens', controlTokens);

    const hints = this.#vaceBlocks(controlTokens, patchTokens, context);
    const stream = this.#mainBlocks(patchTokens, hints, controlScale, context);
    const velocity = g.scope('head', () => this.#head(stream, temb));
    g.output('velocity', velocity, ['batch', 'tokens', this.#cells * config.outChannels]);
    if (this.#tapsWanted.size > 0) throw new Error(`no such tap: ${[...this.#tapsWanted].join(', ')}`);
    return g.toModelGraph();
  }

  /** timestep [B] to temb [B, D] and modulation [B, 6, D], all float32. */
  #embedTime(timestep: Value): { temb: Value; modulation: Value } {
    const g = this.#g;
    const { freqDim } = this.#config;
    const angles = mul(g, unsqueeze(g, timestep, [1]), g.floats(sinusoidFrequencies(freqDim / 2)));
    const sinusoid = concat(g, [g.op('Cos', [angles]), g.op('Sin', [angles])], 1);
    this.#tap('timeSinusoid', sinusoid, ['batch', freqDim]);
    const hidden = silu(
      g,
      this.#linear(sinusoid, 'condition_embedder.time_embedder.linear_1', freqDim, this.#width),
    );
    const temb = this.#linear(hidden, 'condition_embedder.time_embedder.linear_2', this.#width, this.#width);
    this.#tap('temb', temb, ['batch', this.#width]);
    const projected = this.#linear(
      silu(g, temb),
      'condition_embedder.time_proj',
      this.#width,
      6 * this.#width,
    );
    const modulation = g.op('Reshape', [projected, g.ints([-1, 6, this.#width])]);
    this.#tap('timestepProj', modulation, ['batch', 6, this.#width]);
    return { temb, modulation };
  }

  #embedText(text: Value): Value {
    const name = 'condition_embedder.text_embedder';
    const hidden = linearGeluTanh(this.#g, text, {
      name: `${name}.linear_1`,
      inputs: this.#config.textDim,
      outputs: this.#width,
    });
    const embedded = this.#linear(hidden, `${name}.linear_2`, this.#width, this.#width);
    this.#tap('textEmbedded', embedded, ['batch', 'textTokens', this.#width]);
    return embedded;
  }

  /** The patch convolution, whose stride is its kernel, as a product over the flattened patch. float32. */
  #patchEmbed(name: string, patches: Value, channels: number): Value {
    const g = this.#g;
    return g.scope(name, () => {
      const type = this.#productType;
      const weight = g.parameter(`${name}.weight`, [this.#width, channels, 1, 2, 2], {
        type,
        transform: 'patch',
      });
      const bias = g.parameter(`${name}.bias`, [this.#width], { type });
      return g.castTo(add(g, matMul(g, patches, weight), bias), 'float32');
    });
  }

  /** Runs the control branch to its end; returns the unscaled hints, float32, one for each VACE block. */
  #vaceBlocks(controlTokens: Value, patchTokens: Value, context: BlockContext): Value[] {
    const g = this.#g;
    let state = controlTokens;
    return this.#config.vaceLayers.map((_, i) =>
      g.scope(`vace_blocks.${i}`, () => {
        if (i === 0) state = add(g, this.#project(state, 'vace_blocks.0.proj_in'), patchTokens);
        state = this.#block(`vace_blocks.${i}`, state, context, () => undefined);
        this.#tap(`vace${i}State`, state);
        const hint = this.#project(state, `vace_blocks.${i}.proj_out`);
        this.#tap(`vace${i}Hint`, hint);
        return hint;
      }),
    );
  }

  #mainBlocks(
    patchTokens: Value,
    hints: readonly Value[],
    controlScale: Value,
    context: BlockContext,
  ): Value {
    const g = this.#g;
    let stream = patchTokens;
    for (let k = 0; k < this.#config.layers; k++) {
      stream = g.scope(`blocks.${k}`, () => {
        let output = this.#block(`blocks.${k}`, stream, context, (name, value) =>
          this.#tap(`block${k}${name}`, value),
        );
        this.#tap(`block${k}BeforeHint`, output);
        const i = this.#config.vaceLayers.indexOf(k);
        if (i >= 0) output = add(g, output, mul(g, hints[i], slice(g, controlScale, 0, i, i + 1)));
        this.#tap(`block${k}Output`, output);
        return output;
      });
    }
    return stream;
  }

  /**
   * One transformer block on the float32 residual stream x [B, n, D]: modulated self-attention with a gate,
   * cross-attention to the text, modulated feed-forward with a gate.
   */
  #block(name: string, x: Value, context: BlockContext, tap: (name: string, value: Value) => void): Value {
    const g = this.#g;
    const table = g.parameter(`${name}.scale_shift_table`, [1, 6, this.#width]);
    const modulation = split(g, add(g, table, context.modulation), 1, [1, 1, 1, 1, 1, 1]);
    const [shift, scale, gate, ffnShift, ffnScale, ffnGate] = modulation;

    const modulated = this.#modulatedNorm(x, scale, shift);
    tap('ModulatedInput', modulated);
    const selfAttention = g.scope('attn1', () =>
      this.#selfAttention(`${name}.attn1`, modulated, context, tap),
    );
    tap('SelfAttention', selfAttention);
    const attended = add(g, x, mul(g, selfAttention, gate));

    const scale2 = g.parameter(`${name}.norm2.weight`, [this.#width]);
    const bias2 = g.parameter(`${name}.norm2.bias`, [this.#width]);
    const normed = layerNorm(g, attended, this.#config.eps, scale2, bias2);
    const crossAttention = g.scope('attn2', () =>
      this.#crossAttention(`${name}.attn2`, normed, context.text),
    );
    tap('CrossAttention', crossAttention);
    const informed = add(g, attended, crossAttention);

    const ffnInput = this.#modulatedNorm(informed, ffnScale, ffnShift);
    const feedForward = g.scope('ffn', () => this.#feedForward(`${name}.ffn`, ffnInput));
    tap('FeedForward', feedForward);
    return add(g, informed, mul(g, feedForward, ffnGate));
  }

  /** LN(x)·(1 + scale) + shift; x float32 [B, n, D], scale and shift float32 [B, 1, D]. */
  #modulatedNorm(x: Value, scale: Value, shift: Value): Value {
    const g = this.#g;
    const ones = g.floats(new Array<number>(this.#width).fill(1));
    const normed = layerNorm(g, x, this.#config.eps, ones);
    return add(g, mul(g, normed, add(g, scale, g.scalar(1))), shift);
  }

  #selfAttention(
    name: string,
    x: Value,
    context: BlockContext,
    tap: (name: string, value: Value) => void,
  ): Value {
    const g = this.#g;
    const input = g.castTo(x, this.#productType);
    const { ropeCos, ropeSin } = context;
    const query = ropeInterleaved(g, this.#normedProjection(input, name, 'q'), ropeCos, ropeSin);
    const key = ropeInterleaved(g, this.#normedProjection(input, name, 'k'), ropeCos, ropeSin);
    const value = this.#linear(input, `${name}.to_v`, this.#width, this.#width);
    tap('Query', query);
    tap('Key', key);
    tap('Value', value);
    const heads = this.#attend(query, key, value);
    tap('AttentionHeads', heads);
    return g.castTo(this.#linear(heads, `${name}.to_out.0`, this.#width, this.#width), 'float32');
  }

  /** Every token looks at the whole text: no mask, no rotary embedding. */
  #crossAttention(name: string, x: Value, text: Value): Value {
    const g = this.#g;
    const query = this.#normedProjection(g.castTo(x, this.#productType), name, 'q');
    const key = this.#normedProjection(text, name, 'k');
    const value = this.#linear(text, `${name}.to_v`, this.#width, this.#width);
    const heads = this.#attend(query, key, value);
    return g.castTo(this.#linear(heads, `${name}.to_out.0`, this.#width, this.#width), 'float32');
  }

  /** RMS norm across all heads of a query or key projection, float32. */
  #normedProjection(x: Value, name: string, part: 'q' | 'k'): Value {
    const g = this.#g;
    const projected = g.castTo(this.#linear(x, `${name}.to_${part}`, this.#width, this.#width), 'float32');
    return rmsNorm(g, projected, this.#config.eps, g.parameter(`${name}.norm_${part}.weight`, [this.#width]));
  }

  #attend(query: Value, key: Value, value: Value): Value {
    const g = this.#g;
    const type = this.#productType;
    return attention(g, g.castTo(query, type), g.castTo(key, type), value, { heads: this.#config.heads });
  }

  #feedForward(name: string, x: Value): Value {
    const { ffnDim } = this.#config;
    const hidden = linearGeluTanh(this.#g, this.#g.castTo(x, this.#productType), {
      name: `${name}.net.0.proj`,
      inputs: this.#width,
      outputs: ffnDim,
    });
    return this.#g.castTo(this.#linear(hidden, `${name}.net.2`, ffnDim, this.#width), 'float32');
  }

  /** The last modulation adds the table to temb, not to the projected modulation of the blocks. */
  #head(stream: Value, temb: Value): Value {
    const g = this.#g;
    const table = g.parameter('scale_shift_table', [1, 2, this.#width]);
    const [shift, scale] = split(g, add(g, table, unsqueeze(g, temb, [1])), 1, [1, 1]);
    const modulated = this.#modulatedNorm(stream, scale, shift);
    this.#tap('finalModulated', modulated);
    const outputs = this.#cells * this.#config.outChannels;
    return this.#linear(g.castTo(modulated, this.#productType), 'proj_out', this.#width, outputs);
  }

  /** A D to D projection of a float32 stream, back to float32. */
  #project(x: Value, name: string): Value {
    const g = this.#g;
    return g.castTo(this.#linear(g.castTo(x, this.#productType), name, this.#width, this.#width), 'float32');
  }

  #linear(x: Value, name: string, inputs: number, outputs: number): Value {
    return linear(this.#g, x, { name, inputs, outputs });
  }

  #tap(name: string, value: Value, dims: readonly Dimension[] = ['batch', 'tokens', this.#width]): void {
    if (!this.#tapsWanted.delete(name)) return;
    this.#g.output(name, this.#g.castTo(value, 'float32'), dims);
  }
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
