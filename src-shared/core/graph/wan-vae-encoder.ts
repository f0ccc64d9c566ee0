import type { ModelGraph } from './model-graph.ts';
import { slice } from './tensor-ops.ts';
import { wanVaeSpatialFactor, type WanVaeConfig } from './wan-vae-config.ts';
import { splitEncoder, wanVaeEncoderLayers } from './wan-vae-layers.ts';
import { graphName, spatialAxes, WanVaeGraphBuilder, type WanVaeOptions } from './wan-vae-operators.ts';

/**
 * The encoder of a Wan VAE, batch 1. With the common factors of 8 (height, width) and 4 (frames):
 *
 * In: `video` [1, 3, T, H, W] in [−1, 1], H and W multiples of 8; T = 1 + 4k (`full`), 1 (`first`) or 4k (`next`,
 * which also takes `state0`, …). Out: `mean` [1, z, t, H/8, W/8], the mode of the posterior, not normalised, and
 * from `first` and `next` `nextState0`, …. With taps also `logvar`, as the network returns it (not clamped). Of its fine
 * part the output, and of its coarse part the input, is `features` [1, C, t, H/8, W/8], float32.
 */
export function buildWanVaeEncoder(config: WanVaeConfig, options: WanVaeOptions): ModelGraph {
  const builder = new WanVaeGraphBuilder(graphName('encoder', options), options);
  const { g } = builder;
  const factor = wanVaeSpatialFactor(config);
  const { part } = options;
  const split = part === undefined ? undefined : splitEncoder(config);
  const x =
    split !== undefined && part === 'coarse'
      ? builder.input('features', split.channels, 'latentFrames', factor)
      : builder.input('video', config.inChannels, 'frames', 1);
  const layers = part === undefined || split === undefined ? wanVaeEncoderLayers(config) : split[part];
  const last = builder.layers(layers, x);
  const result = g.castTo(last.value, 'float32');
  if (part === 'fine') {
    g.output('features', result, [1, last.channels, 'latentFrames', ...spatialAxes(factor)]);
    return g.toModelGraph();
  }
  const z = config.latentChannels;
  const axes = [1, z, 'latentFrames', ...spatialAxes(factor)];
  g.output('mean', slice(g, result, 1, 0, z), axes);
  if (options.taps === true) g.output('logvar', slice(g, result, 1, z), axes);
  return g.toModelGraph();
}
