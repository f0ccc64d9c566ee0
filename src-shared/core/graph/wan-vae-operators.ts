import type { Dimension, FloatType, Precision } from './model-graph.ts';
import { GraphBuilder, type Value } from './graph-builder.ts';
import { attention } from './layers.ts';
import { MICROSOFT_DOMAIN } from './onnx-types.ts';
import type { WanVaeLayer, WanVaePart } from './wan-vae-layers.ts';
import { add, concat, div, mul, reshape, slice, split, transpose, unsqueeze } from './tensor-ops.ts';

/**
 * How a graph sees time. `full`: the whole clip at once. `first`: its first frame, which leaves behind what the
 * causal convolutions remember. `next`: frames that follow, given that memory.
 */
type WanVaeForm = 'full' | 'first' | 'next';

export interface WanVaeOptions {
  /** Of weights, features and states. Norms, inputs and the other outputs are float32 in any case. */
  readonly precision: Precision;
  readonly form: WanVaeForm;
  /** Only some of the layers (see `WanVaeLayers`), of a clip in its full length; absent: all. */
  readonly part?: WanVaePart;
  /** Adds a float32 output for every layer, named after it, and `logvar` to the encoder's. */
  readonly taps?: boolean;
}

/** A video of features [1, channels, frames, height / scale, width / scale]. */
interface Feature {
  readonly value: Value;
  readonly channels: number;
  readonly scale: number;
}

const FRAMES = 2;

/** Pads of a 5-D operator: none but these, in frames, rows and columns before and after. */
interface Padding {
  readonly frames?: number;
  readonly rows?: readonly [number, number];
  readonly columns?: readonly [number, number];
}

function pads({ frames = 0, rows = [0, 0], columns = [0, 0] }: Padding): number[] {
  return [frames, rows[0], columns[0], 0, rows[1], columns[1]];
}

/** Name of a graph, and of its file except for the ending. */
type WanVaeGraphName = `vae-${'encoder' | 'decoder'}${'' | '-first' | '-next' | '-fine' | '-coarse'}`;

export function graphName(
  coder: 'encoder' | 'decoder',
  { form, part }: Pick<WanVaeOptions, 'form' | 'part'>,
): WanVaeGraphName {
  if (part !== undefined) return `vae-${coder}-${part}`;
  return form === 'full' ? `vae-${coder}` : `vae-${coder}-${form}`;
}

/** Names of the graphs' state tensors: what goes in, and what comes out for the next chunk. */
export function stateName(index: number): string {
  return `state${index}`;
}
export function nextStateName(index: number): string {
  return `nextState${index}`;
}

/**
 * Builds one graph of Wan's causal video autoencoder layer by layer (AutoencoderKLWan of diffusers; Wan report,
 * arXiv:2503.20314, section 4.1). Time runs forward only: a convolution sees its own and two earlier frames, which
 * are zeros before the first. Tensors stay [1, channels, frames, height, width] throughout: ONNX Runtime's 5-D
 * convolution on the CPU is as fast as any rearrangement into 2-D ones and needs the least memory.
 */
export class WanVaeGraphBuilder {
  readonly g: GraphBuilder;
  readonly #options: WanVaeOptions;
  readonly #type: FloatType;
  #stateCount = 0;

  constructor(name: string, options: WanVaeOptions) {
    this.g = new GraphBuilder(name);
    this.#options = options;
    this.#type = options.precision === 'fp16' ? 'float16' : 'float32';
  }

  /** The float32 input `name` of `channels` at 1/scale of the video's height and width. */
  input(name: string, channels: number, framesAxis: string, scale: number): Feature {
    const frames = this.#options.form === 'first' ? 1 : framesAxis;
    const value = this.g.input(name, 'float32', [1, channels, frames, ...spatialAxes(scale)]);
    return { value: this.g.castTo(value, this.#type), channels, scale };
  }

  layers(layers: readonly WanVaeLayer[], x: Feature): Feature {
    return layers.reduce((feature, layer) => this.#tap(layer.name, this.#layer(layer, feature)), x);
  }

  #layer(layer: WanVaeLayer, x: Feature): Feature {
    switch (layer.kind) {
      case 'pointwise':
        return this.#pointwiseConv(x, layer.name, layer.channels, 5);
      case 'causal':
        return this.#causalConv(x, layer.name, layer.channels);
      case 'residual':
        return this.#residualBlock(x, layer.name, layer.channels);
      case 'attention':
        return this.#frameAttention(x, layer.name);
      case 'norm':
        return this.#activatedNorm(x, layer.name);
      case 'downsample':
        return this.#downsample(x, layer.name, layer.time === true);
      case 'upsample':
        return this.#upsample(x, layer.name, layer.channels, layer.time === true);
    }
  }

  #tap(name: string, x: Feature): Feature {
    if (this.#options.taps === true) {
      const value = this.g.castTo(x.value, 'float32');
      this.g.output(name, value, [1, x.channels, `${name}.frames`, ...spatialAxes(x.scale)]);
    }
    return x;
  }

  #causalConv(x: Feature, name: string, channels: number): Feature {
    const { past, value } = this.#withPast(x, 2);
    const padding = { frames: past, rows: [1, 1], columns: [1, 1] } as const;
    return { ...x, channels, value: this.#conv(value, name, [channels, x.channels, 3, 3, 3], padding) };
  }

  /** `axes` of the stored weight: 4 where the reference runs it frame by frame. */
  #pointwiseConv(x: Feature, name: string, channels: number, axes: 4 | 5): Feature {
    const kernel = Array<number>(axes - 2).fill(1);
    return { ...x, channels, value: this.#conv(x.value, name, [channels, x.channels, ...kernel], {}) };
  }

  #residualBlock(x: Feature, name: string, channels: number): Feature {
    const shortcut =
      x.channels === channels ? x : this.#pointwiseConv(x, `${name}.conv_shortcut`, channels, 5);
    let h = this.#activatedNorm(x, `${name}.norm1`);
    h = this.#causalConv(h, `${name}.conv1`, channels);
    h = this.#activatedNorm(h, `${name}.norm2`);
    h = this.#causalConv(h, `${name}.conv2`, channels);
    return { ...h, value: add(this.g, h.value, shortcut.value) };
  }

  /** SiLU(norm(x)), in float32. */
  #activatedNorm(x: Feature, name: string): Feature {
    const normed = this.#norm(x, name, [x.channels, 1, 1, 1]);
    // With alpha 1, ONNX Runtime's QuickGelu is x·sigmoid(x) in one pass over memory.
    const active = this.g.op('QuickGelu', [normed], { alpha: { float: 1 } }, { domain: MICROSOFT_DOMAIN });
    return { ...x, value: this.g.castTo(active, this.#type) };
  }

  /** Halves height and width; with `time`, then the frame rate, frame 0 staying by itself. */
  #downsample(x: Feature, name: string, time: boolean): Feature {
    const C = x.channels;
    const value = this.#conv(
      x.value,
      `${name}.resample.1`,
      [C, C, 3, 3],
      { rows: [0, 1], columns: [0, 1] },
      [1, 2, 2],
    );
    const half = { ...x, value, scale: x.scale * 2 };
    return time ? this.#halveFrames(half, `${name}.time_conv`) : half;
  }

  /** With `time`, doubles the frame rate (frame 0 stays single); then height and width, with a convolution. */
  #upsample(x: Feature, name: string, channels: number, time: boolean): Feature {
    const g = this.g;
    const timed = time ? this.#doubleFrames(x, `${name}.time_conv`) : x;
    // Without the batch axis this is [C, T, H, W]: ONNX Runtime has a fast nearest 2× for four axes only.
    const flat = g.op('Squeeze', [timed.value, g.ints([0])]);
    const scales = g.floats([1, 1, 2, 2]);
    const doubled = unsqueeze(
      g,
      g.op('Resize', [flat, null, scales], {
        mode: 'nearest',
        nearest_mode: 'floor',
        coordinate_transformation_mode: 'asymmetric',
      }),
      [0],
    );
    const weight = [channels, x.channels, 3, 3];
    const value = this.#conv(doubled, `${name}.resample.1`, weight, { rows: [1, 1], columns: [1, 1] });
    return { value, channels, scale: x.scale / 2 };
  }

  /** y = [x0, conv(x0, x1, x2), conv(x2, x3, x4), …]. */
  #halveFrames(x: Feature, name: string): Feature {
    const g = this.g;
    const weight = [x.channels, x.channels, 3, 1, 1];
    if (this.#options.form === 'first') {
      this.#leaveState(x.value, x, 1);
      return x;
    }
    if (this.#options.form === 'next') {
      const { value } = this.#withPast(x, 1);
      return { ...x, value: this.#conv(value, name, weight, {}, [2, 1, 1]) };
    }
    // Two frames of padding give one output too many, in the place of x0: so that a clip of one frame will do.
    const all = this.#conv(x.value, name, weight, { frames: 2 }, [2, 1, 1]);
    const first = slice(g, x.value, FRAMES, 0, 1);
    return { ...x, value: concat(g, [first, slice(g, all, FRAMES, 1)], FRAMES) };
  }

  /** y = [x0, pair(x1), pair(x2), …]; the convolution behind a pair never sees x0. */
  #doubleFrames(x: Feature, name: string): Feature {
    const g = this.g;
    if (this.#options.form === 'first') {
      // x0 is no part of the past: two frames of zeros.
      this.#leaveState(this.#zeroFrames(x, 2), x, 2);
      return x;
    }
    if (this.#options.form === 'next') {
      const { value } = this.#withPast(x, 2);
      return { ...x, value: this.#framePairs({ ...x, value }, name, 0) };
    }
    // A zero frame stands for x0, so that a single frame will do; its output is cut off.
    const first = slice(g, x.value, FRAMES, 0, 1);
    const rest = concat(g, [this.#zeroFrames(x, 1), slice(g, x.value, FRAMES, 1)], FRAMES);
    const pairs = this.#framePairs({ ...x, value: rest }, name, 2);
    return { ...x, value: concat(g, [first, slice(g, pairs, FRAMES, 2)], FRAMES) };
  }

  /** Two frames for each: the first C of the convolution's 2C channels are the earlier one. */
  #framePairs(x: Feature, name: string, past: number): Value {
    const g = this.g;
    const C = x.channels;
    const both = this.#conv(x.value, name, [2 * C, C, 3, 1, 1], { frames: past });
    const pairs = transpose(g, reshape(g, both, [2, C, 0, -1]), [1, 2, 0, 3]);
    return g.op('Reshape', [pairs, concat(g, [g.ints([1, C, -1]), this.#spatialShape(x)], 0)]);
  }

  #zeroFrames(x: Feature, count: number): Value {
    const g = this.g;
    const shape = concat(g, [g.ints([1, x.channels, count]), this.#spatialShape(x)], 0);
    return g.op('Expand', [g.scalar(0, this.#type), shape]);
  }

  /** [height, width] of the feature, int64. */
  #spatialShape(x: Feature): Value {
    return this.g.op('Shape', [x.value], { start: 3 }, { type: 'int64' });
  }

  /** Attention of one head over the pixels of each frame. */
  #frameAttention(x: Feature, name: string): Feature {
    const g = this.g;
    const C = x.channels;
    const normed = g.castTo(this.#norm(x, `${name}.norm`, [C, 1, 1]), this.#type);
    const qkv = this.#pointwiseConv({ ...x, value: normed }, `${name}.to_qkv`, 3 * C, 4).value;
    // [1, 3C, T, H, W] to [T, H·W, 3C].
    const rows = transpose(g, reshape(g, qkv, [0, 0, 0, -1]), [0, 2, 3, 1]);
    const parts = split(g, g.op('Squeeze', [rows, g.ints([0])]), 2, [C, C, C]);
    const attended = attention(g, parts[0], parts[1], parts[2], { heads: 1 });
    const planes = transpose(g, unsqueeze(g, attended, [0]), [0, 3, 1, 2]);
    const shape = g.op('Shape', [x.value], {}, { type: 'int64' });
    const back = { ...x, value: g.op('Reshape', [planes, shape]) };
    return { ...x, value: add(g, x.value, this.#pointwiseConv(back, `${name}.proj`, C, 4).value) };
  }

  /** x / max(‖x‖₂, 1e-12) · √C · gamma, where ‖·‖ is over the channels of one pixel; in float32. */
  #norm(x: Feature, name: string, gammaShape: readonly number[]): Value {
    const g = this.g;
    const wide = g.castTo(x.value, 'float32');
    const dims = [1, x.channels, 1, 1, 1];
    const gamma = g.parameter(`${name}.gamma`, gammaShape, { dims });
    const norm = g.op('ReduceL2', [wide, g.ints([1])], { keepdims: 1 });
    const inverse = div(g, g.scalar(Math.sqrt(x.channels)), g.op('Max', [norm, g.scalar(1e-12)]));
    return mul(g, mul(g, wide, inverse), gamma);
  }

  /** A convolution with bias; `weight` is its shape in the file, [out, in, (frames,) rows, columns]. */
  #conv(
    x: Value,
    name: string,
    weight: readonly number[],
    padding: Padding,
    strides: readonly [number, number, number] = [1, 1, 1],
  ): Value {
    const type = this.#type;
    const [out, into, ...kernel] = weight;
    const kernelShape = kernel.length === 2 ? [1, ...kernel] : kernel;
    const w = this.g.parameter(`${name}.weight`, weight, { type, dims: [out, into, ...kernelShape] });
    const b = this.g.parameter(`${name}.bias`, [out], { type });
    return this.g.op('Conv', [x, w, b], { kernel_shape: kernelShape, strides, pads: pads(padding) });
  }

  /**
   * The `count` frames before x, as far as they are known: `value` has them in front, `past` is how many more to
   * pad with zeros. Leaves the last `count` frames behind for the next chunk.
   */
  #withPast(x: Feature, count: number): { value: Value; past: number } {
    const g = this.g;
    if (this.#options.form === 'full') return { value: x.value, past: count };
    if (this.#options.form === 'first') {
      // A first chunk is one frame, so its past is zeros except for that frame.
      const padding = g.ints([0, 0, count - 1, 0, 0, 0, 0, 0, 0, 0]);
      this.#leaveState(g.op('Pad', [x.value, padding]), x, count);
      return { value: x.value, past: count };
    }
    const name = stateName(this.#stateCount);
    const state = g.input(name, this.#type, this.#stateAxes(x, count));
    const value = concat(g, [state, x.value], FRAMES);
    const left = slice(g, value, FRAMES, -count);
    this.#leaveState(left, x, count);
    // ONNX Runtime would run the slices last and keep every `value` until then: what comes next has to wait for
    // this one. A reshape to the same shape is free.
    const shape = concat(g, [g.ints([1, x.channels, -1]), this.#spatialShape({ ...x, value: left })], 0);
    return { value: g.op('Reshape', [value, shape]), past: 0 };
  }

  #leaveState(state: Value, x: Feature, count: number): void {
    this.g.output(nextStateName(this.#stateCount++), state, this.#stateAxes(x, count));
  }

  #stateAxes(x: Feature, count: number): Dimension[] {
    return [1, x.channels, count, ...spatialAxes(x.scale)];
  }
}

/** Names of the dynamic axes of a feature at 1/scale of the video's height and width. */
export function spatialAxes(scale: number): [Dimension, Dimension] {
  return scale === 1 ? ['height', 'width'] : [`height/${scale}`, `width/${scale}`];
}
