import { GraphBuilder, type Value } from './graph-builder.ts';
import { layerNorm } from './layers.ts';
import {
  ltxDecoderLayers,
  ltxEncoderLayers,
  ltxVaeFactors,
  type LtxVaeConfig,
  type LtxVaeLayer,
} from './ltx-vae-config.ts';
import type { FloatType, ModelGraph, Precision } from './model-graph.ts';
import { MICROSOFT_DOMAIN } from './onnx-types.ts';
import { add, concat, div, mul, reshape, slice, sub, transpose, unsqueeze } from './tensor-ops.ts';
import { spatialAxes } from './wan-vae-operators.ts';

export interface LtxVaeOptions {
  /** Of weights and features; norms, inputs and outputs are float32. */
  readonly precision: Precision;
  /**
   * As the coder itself gives and takes them: latents not normalised by the statistics that are stored with the weights, a
   * video that is not clamped, and `logvar` as a further output of the encoder.
   */
  readonly raw?: boolean;
}

/** A video of features [1, channels, frames, rows, columns]. */
interface Feature {
  readonly value: Value;
  readonly channels: number;
}

const FRAMES = 2;
const normEps = 1e-8;
const shortcutEps = 1e-6;

/** The encoder looks back only, the decoder both ways; beyond the ends the frames there repeat. */
type Coder = 'encoder' | 'decoder';

class LtxVaeBuilder {
  readonly g: GraphBuilder;
  readonly #type: FloatType;
  readonly #coder: Coder;

  constructor(coder: Coder, { precision }: LtxVaeOptions) {
    this.g = new GraphBuilder(`vae-${coder}`);
    this.#coder = coder;
    this.#type = precision === 'fp16' ? 'float16' : 'float32';
  }

  /** The layers on a float32 volume; float32 again. */
  run(layers: readonly LtxVaeLayer[], value: Value, channels: number): Value {
    const start: Feature = { value: this.g.castTo(value, this.#type), channels };
    const last = layers.reduce((x, layer) => this.g.scope(layer.name, () => this.#layer(layer, x)), start);
    return this.g.castTo(last.value, 'float32');
  }

  #layer({ kind, name, channels }: LtxVaeLayer, x: Feature): Feature {
    switch (kind) {
      case 'conv':
        return this.#conv(x, name, channels);
      case 'residual':
        return this.#residual(x, name, channels);
      case 'norm':
        return this.#activatedNorm(x);
      case 'down':
        return this.#conv(x, name, channels, 2);
      case 'up':
        return this.#up(x, name, channels);
    }
  }

  /** 3×3×3 with bias; `stride` along all three axes. */
  #conv(x: Feature, name: string, channels: number, stride = 1): Feature {
    const g = this.g;
    const [before, after] = this.#coder === 'encoder' ? [2, 0] : [1, 1];
    const padding = g.ints([0, 0, before, 0, 0, 0, 0, after, 0, 0]);
    const padded = g.op('Pad', [x.value, padding], { mode: 'edge' });
    const type = this.#type;
    const weight = g.parameter(`${name}.conv.weight`, [channels, x.channels, 3, 3, 3], { type });
    const bias = g.parameter(`${name}.conv.bias`, [channels], { type });
    const value = g.op('Conv', [padded, weight, bias], {
      kernel_shape: [3, 3, 3],
      strides: [stride, stride, stride],
      pads: [0, 1, 1, 0, 1, 1],
    });
    return { value, channels };
  }

  #residual(x: Feature, name: string, channels: number): Feature {
    let h = this.#conv(this.#activatedNorm(x), `${name}.conv1`, channels);
    h = this.#conv(this.#activatedNorm(h), `${name}.conv2`, channels);
    const beside = x.channels === channels ? x.value : this.#shortcut(x, name, channels);
    return { value: add(this.g, h.value, beside), channels };
  }

  /** Where the width changes: layer norm over the channels, and a product. */
  #shortcut(x: Feature, name: string, channels: number): Value {
    const g = this.g;
    const rows = transpose(g, g.castTo(x.value, 'float32'), [0, 2, 3, 4, 1]);
    const scale = g.parameter(`${name}.norm3.weight`, [x.channels]);
    const shift = g.parameter(`${name}.norm3.bias`, [x.channels]);
    const normed = transpose(g, layerNorm(g, rows, shortcutEps, scale, shift), [0, 4, 1, 2, 3]);
    const type = this.#type;
    const weight = g.parameter(`${name}.conv_shortcut.conv.weight`, [channels, x.channels, 1, 1, 1], {
      type,
    });
    const bias = g.parameter(`${name}.conv_shortcut.conv.bias`, [channels], { type });
    return g.op('Conv', [g.castTo(normed, type), weight, bias], { kernel_shape: [1, 1, 1] });
  }

  /** SiLU(x / √(mean over the channels of x² + eps)), in float32. */
  #activatedNorm(x: Feature): Feature {
    const g = this.g;
    const wide = g.castTo(x.value, 'float32');
    const mean = g.op('ReduceMean', [mul(g, wide, wide), g.ints([1])], { keepdims: 1 });
    const normed = div(g, wide, g.op('Sqrt', [add(g, mean, g.scalar(normEps))]));
    // With alpha 1, ONNX Runtime's QuickGelu is x·sigmoid(x) in one pass over memory.
    const active = g.op('QuickGelu', [normed], { alpha: { float: 1 } }, { domain: MICROSOFT_DOMAIN });
    return { ...x, value: g.castTo(active, this.#type) };
  }

  /** Eight channels become the 2×2×2 places of one, channel slowest; the first frame is dropped. */
  #up(x: Feature, name: string, channels: number): Feature {
    const g = this.g;
    const wide = this.#conv(x, `${name}.conv`, 8 * channels);
    const byFrame = transpose(g, g.op('Squeeze', [wide.value, g.ints([0])]), [1, 0, 2, 3]);
    // [T, 2C, 2H, 2W], a channel's two frames beside each other.
    const spread = g.op('DepthToSpace', [byFrame], { blocksize: 2, mode: 'CRD' });
    const shape = g.op('Shape', [spread], { start: 2 }, { type: 'int64' });
    const frames = transpose(g, reshape(g, spread, [0, channels, 2, -1]), [1, 0, 2, 3]);
    const value = g.op('Reshape', [frames, concat(g, [g.ints([1, channels, -1]), shape], 0)]);
    return { value: slice(g, value, FRAMES, 1), channels };
  }

  /** Pixels of the video in patches: channel = (colour · p + column) · p + row. float32 [1, 3·p², T, H/p, W/p] */
  patches(video: Value, patch: number): Value {
    const g = this.g;
    const byFrame = transpose(g, g.op('Squeeze', [video, g.ints([0])]), [1, 0, 2, 3]);
    const deep = g.op('SpaceToDepth', [byFrame], { blocksize: patch });
    const ordered = g.op('Gather', [deep, g.ints(patchOrder(patch))], { axis: 1 });
    return unsqueeze(g, transpose(g, ordered, [1, 0, 2, 3]), [0]);
  }

  pixels(patches: Value, patch: number): Value {
    const g = this.g;
    const byFrame = transpose(g, g.op('Squeeze', [patches, g.ints([0])]), [1, 0, 2, 3]);
    const order = patchOrder(patch);
    const back = order.map((_, channel) => order.indexOf(channel));
    const ordered = g.op('Gather', [byFrame, g.ints(back)], { axis: 1 });
    const flat = g.op('DepthToSpace', [ordered], { blocksize: patch, mode: 'DCR' });
    return unsqueeze(g, transpose(g, flat, [1, 0, 2, 3]), [0]);
  }

  /** `latents_mean` or `latents_std`, stored with the weights. */
  statistic(name: 'latents_mean' | 'latents_std', channels: number): Value {
    return this.g.parameter(name, [channels], { dims: [1, channels, 1, 1, 1] });
  }
}

/** Where each channel of a patch is among those of SpaceToDepth, (row · p + column) · 3 + colour. */
function patchOrder(patch: number): number[] {
  return Array.from({ length: 3 * patch * patch }, (_, channel) => {
    const row = channel % patch;
    const column = Math.floor(channel / patch) % patch;
    const colour = Math.floor(channel / patch ** 2);
    return (row * patch + column) * 3 + colour;
  });
}

/**
 * LTX-Video's encoder, batch 1: `video` [1, 3, T, H, W] in [−1, 1], T = 1 + 8k and H, W multiples of 32 in the released
 * model, to `mean` [1, C, 1 + k, H/32, W/32], normalised.
 */
export function buildLtxVaeEncoder(config: LtxVaeConfig, options: LtxVaeOptions): ModelGraph {
  const builder = new LtxVaeBuilder('encoder', options);
  const { g } = builder;
  const { latentChannels, patchSize } = config;
  const video = g.input('video', 'float32', [1, 3, 'frames', ...spatialAxes(1)]);
  const moments = builder.run(
    ltxEncoderLayers(config),
    builder.patches(video, patchSize),
    3 * patchSize ** 2,
  );
  const axes = (channels: number) =>
    [1, channels, 'latentFrames', ...spatialAxes(ltxVaeFactors(config).spatial)] as const;
  const mean = slice(g, moments, 1, 0, latentChannels);
  if (options.raw === true) {
    g.output('mean', mean, axes(latentChannels));
    g.output('logvar', slice(g, moments, 1, latentChannels), axes(1));
    return g.toModelGraph();
  }
  const centred = sub(g, mean, builder.statistic('latents_mean', latentChannels));
  g.output('mean', div(g, centred, builder.statistic('latents_std', latentChannels)), axes(latentChannels));
  return g.toModelGraph();
}

/** Its decoder, batch 1: `z` [1, C, t, h, w], normalised, to `video` [1, 3, 1 + 8(t − 1), 32h, 32w] clamped to [−1, 1]. */
export function buildLtxVaeDecoder(config: LtxVaeConfig, options: LtxVaeOptions): ModelGraph {
  const builder = new LtxVaeBuilder('decoder', options);
  const { g } = builder;
  const { latentChannels, patchSize } = config;
  const factor = ltxVaeFactors(config).spatial;
  const z = g.input('z', 'float32', [1, latentChannels, 'latentFrames', ...spatialAxes(factor)]);
  const raw = options.raw === true;
  const scaled = (): Value =>
    add(
      g,
      mul(g, z, builder.statistic('latents_std', latentChannels)),
      builder.statistic('latents_mean', latentChannels),
    );
  const patches = builder.run(ltxDecoderLayers(config), raw ? z : scaled(), latentChannels);
  const video = builder.pixels(patches, patchSize);
  g.output('video', raw ? video : g.op('Clip', [video, g.scalar(-1), g.scalar(1)]), [
    1,
    3,
    'frames',
    ...spatialAxes(1),
  ]);
  return g.toModelGraph();
}
