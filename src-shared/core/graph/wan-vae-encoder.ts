import type { ModelGraph } from './model-graph.ts';
import { slice } from './tensor-ops.ts';
import { wanVaeSpatialFactor, type WanVaeConfig } from './wan-vae-config.ts';
import { wanVaeEncoderLayers } from './wan-vae-layers.ts';
import { graphName, spatialAxes, WanVaeGraphBuilder, type WanVaeOptions } from './wan-vae-operators.ts';

/**
 * The encoder of a Wan VAE, batch 1. With the common factors of 8 (height, width) and 4 (frames):
 *
 * In: `video` [1, 3, T, H, W] in [−1, 1], H and W multiples of 8; T = 1 + 4k (`full`), 1 (`first`) or 4k (`next`,
 * which also takes `state0`, …). Out: `mean` [1, z, t, H/8, W/8], the mode of the posterior, not normalised, and
 * from `first` and `next` `nextState0`, …. With taps also `logvar`, as the network returns it (not clamped).
 */
export function buildWanVaeEncoder(config: WanVaeConfig, options: WanVaeOptions): ModelGraph {
  const builder = new WanVaeGraphBuilder(graphName('encoder', options.form), options);
  const { g } = builder;
  const video = builder.input('video', config.inChannels, 'frames', 1);
  const moments = g.castTo(builder.layers(wanVaeEncoderLayers(config), video).value, 'float32');
  const z = config.latentChannels;
  const axes = [1, z, 'latentFrames', ...spatialAxes(wanVaeSpatialFactor(config))];
  g.output('mean', slice(g, moments, 1, 0, z), axes);
  if (options.taps === true) g.output('logvar', slice(g, moments, 1, z), axes);
  return g.toModelGraph();
}
