import type { ModelGraph } from './model-graph.ts';
import { spatialFactor, type WanVaeConfig } from './wan-vae-config.ts';
import { graphName } from './wan-vae-encoder.ts';
import { spatialAxes, WanVaeLayers, type Feature, type WanVaeOptions } from './wan-vae-layers.ts';

/**
 * The decoder of a Wan VAE, batch 1.
 *
 * In: `z` [1, z, t, h, w], not normalised; t ≥ 1 (`full`), 1 (`first`) or any (`next`, which also takes `state0`, …).
 * Out: `video` [1, 3, T, 8h, 8w] clamped to [−1, 1], T = 1 + 4(t − 1), or 4t from `next`; and `nextState0`, … from
 * `first` and `next`.
 */
export function buildWanVaeDecoder(config: WanVaeConfig, options: WanVaeOptions): ModelGraph {
  const layers = new WanVaeLayers(graphName('decoder', options), options);
  const g = layers.builder;
  const scale = spatialFactor(config);
  const frames = options.form === 'first' ? 1 : 'latentFrames';
  const z = g.input('z', 'float32', [1, config.latentChannels, frames, ...spatialAxes(scale)]);

  let x: Feature = { value: g.castTo(z, options.precision), channels: config.latentChannels, scale };
  const stageChannels = config.dimMult.map((factor) => factor * config.decoderBaseDim).reverse();
  const timeUpsample = [...config.temporalDownsample].reverse();
  x = layers.tap('post_quant_conv', layers.pointwiseConv(x, 'post_quant_conv', config.latentChannels, 5));
  x = layers.tap('decoder.conv_in', layers.causalConv(x, 'decoder.conv_in', stageChannels[0]));
  x = layers.midBlock(x, 'decoder.mid_block');
  for (const [stage, channels] of stageChannels.entries()) {
    for (let i = 0; i <= config.resBlocks; i++) {
      const name = `decoder.up_blocks.${stage}.resnets.${i}`;
      x = layers.tap(name, layers.residualBlock(x, name, channels));
    }
    if (stage === stageChannels.length - 1) break;
    const name = `decoder.up_blocks.${stage}.upsamplers.0`;
    x = layers.tap(name, layers.upsample(x, name, timeUpsample[stage]));
  }
  x = layers.activatedNorm(x, 'decoder.norm_out');
  x = layers.tap('decoder.conv_out', layers.causalConv(x, 'decoder.conv_out', config.outChannels));

  const unclamped = g.castTo(x.value, 'float32');
  const video = g.op('Clip', [unclamped, g.scalar(-1), g.scalar(1)]);
  g.output('video', video, [1, config.outChannels, 'frames', ...spatialAxes(1)]);
  return g.toModelGraph();
}
