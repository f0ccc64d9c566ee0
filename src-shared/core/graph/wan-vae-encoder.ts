import type { ModelGraph } from './model-graph.ts';
import { slice } from './tensor-ops.ts';
import { spatialFactor, type WanVaeConfig } from './wan-vae-config.ts';
import { spatialAxes, WanVaeLayers, type Feature, type WanVaeOptions } from './wan-vae-layers.ts';

/**
 * The encoder of a Wan VAE, batch 1.
 *
 * In: `video` [1, 3, T, H, W] in [−1, 1], H and W multiples of the spatial factor; T = 1 + 4k (`full`), 1 (`first`)
 * or 4k (`next`, which also takes `state0`, …). Out: `mean` [1, z, t, H/8, W/8], the mode of the posterior, not
 * normalised; and `nextState0`, … from `first` and `next`. With taps also `logvar`, clamped as the reference does
 * not: raw.
 */
export function buildWanVaeEncoder(config: WanVaeConfig, options: WanVaeOptions): ModelGraph {
  const layers = new WanVaeLayers(graphName('encoder', options), options);
  const g = layers.builder;
  const frames = options.form === 'first' ? 1 : 'frames';
  const video = g.input('video', 'float32', [1, config.inChannels, frames, ...spatialAxes(1)]);

  let x: Feature = {
    value: g.castTo(video, options.precision),
    channels: config.inChannels,
    scale: 1,
  };
  const stageChannels = config.dimMult.map((factor) => factor * config.baseDim);
  x = layers.tap('encoder.conv_in', layers.causalConv(x, 'encoder.conv_in', stageChannels[0]));
  let block = 0;
  for (const [stage, channels] of stageChannels.entries()) {
    for (let i = 0; i < config.resBlocks; i++) {
      const name = `encoder.down_blocks.${block++}`;
      x = layers.tap(name, layers.residualBlock(x, name, channels));
    }
    if (stage === stageChannels.length - 1) break;
    const name = `encoder.down_blocks.${block++}`;
    x = layers.tap(name, layers.downsample(x, name, config.temporalDownsample[stage]));
  }
  x = layers.midBlock(x, 'encoder.mid_block');
  x = layers.activatedNorm(x, 'encoder.norm_out');
  x = layers.tap('encoder.conv_out', layers.causalConv(x, 'encoder.conv_out', 2 * config.latentChannels));
  x = layers.tap('quant_conv', layers.pointwiseConv(x, 'quant_conv', 2 * config.latentChannels, 5));

  const moments = g.castTo(x.value, 'float32');
  const axes = [1, config.latentChannels, 'latentFrames', ...spatialAxes(spatialFactor(config))];
  g.output('mean', slice(g, moments, 1, 0, config.latentChannels), axes);
  if (options.taps === true) g.output('logvar', slice(g, moments, 1, config.latentChannels), axes);
  return g.toModelGraph();
}

/** `vae-encoder`, `vae-encoder-first`, `vae-decoder-next`, …: also the names of the files. */
export function graphName(part: 'encoder' | 'decoder', { form }: WanVaeOptions): string {
  return form === 'full' ? `vae-${part}` : `vae-${part}-${form}`;
}
