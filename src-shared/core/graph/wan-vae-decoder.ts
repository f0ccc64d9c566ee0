import type { ModelGraph } from './model-graph.ts';
import { wanVaeSpatialFactor, type WanVaeConfig } from './wan-vae-config.ts';
import { wanVaeDecoderLayers } from './wan-vae-layers.ts';
import { graphName, spatialAxes, WanVaeGraphBuilder, type WanVaeOptions } from './wan-vae-operators.ts';

/**
 * The decoder of a Wan VAE, batch 1. With the common factors of 8 (height, width) and 4 (frames):
 *
 * In: `z` [1, z, t, h, w], not normalised; any t (`full`), 1 (`first`) or any (`next`, which also takes
 * `state0`, …). Out: `video` [1, 3, T, 8h, 8w] clamped to [−1, 1], T = 1 + 4(t − 1), or 4t from `next`; and from
 * `first` and `next` `nextState0`, ….
 */
export function buildWanVaeDecoder(config: WanVaeConfig, options: WanVaeOptions): ModelGraph {
  const builder = new WanVaeGraphBuilder(graphName('decoder', options.form), options);
  const { g } = builder;
  const z = builder.input('z', config.latentChannels, 'latentFrames', wanVaeSpatialFactor(config));
  const picture = g.castTo(builder.layers(wanVaeDecoderLayers(config), z).value, 'float32');
  const video = g.op('Clip', [picture, g.scalar(-1), g.scalar(1)]);
  g.output('video', video, [1, config.outChannels, 'frames', ...spatialAxes(1)]);
  return g.toModelGraph();
}
