import type { ModelGraph } from './model-graph.ts';
import { wanVaeSpatialFactor, type WanVaeConfig } from './wan-vae-config.ts';
import { splitDecoder, wanVaeDecoderLayers } from './wan-vae-layers.ts';
import { graphName, spatialAxes, WanVaeGraphBuilder, type WanVaeOptions } from './wan-vae-operators.ts';

/**
 * The decoder of a Wan VAE, batch 1. With the common factors of 8 (height, width) and 4 (frames):
 *
 * In: `z` [1, z, t, h, w], not normalised; any t (`full`), 1 (`first`) or any (`next`, which also takes
 * `state0`, …). Out: `video` [1, 3, T, 8h, 8w] clamped to [−1, 1], T = 1 + 4(t − 1), or 4t from `next`; and from
 * `first` and `next` `nextState0`, …. Of its coarse part the output, and of its fine part the input, is
 * `features` [1, C, t, h, w], float32.
 */
export function buildWanVaeDecoder(config: WanVaeConfig, options: WanVaeOptions): ModelGraph {
  const builder = new WanVaeGraphBuilder(graphName('decoder', options), options);
  const { g } = builder;
  const factor = wanVaeSpatialFactor(config);
  const { part } = options;
  const split = part === undefined ? undefined : splitDecoder(config);
  const x =
    split !== undefined && part === 'fine'
      ? builder.input('features', split.channels, 'latentFrames', factor)
      : builder.input('z', config.latentChannels, 'latentFrames', factor);
  const layers = part === undefined || split === undefined ? wanVaeDecoderLayers(config) : split[part];
  const last = builder.layers(layers, x);
  const result = g.castTo(last.value, 'float32');
  if (part === 'coarse') {
    g.output('features', result, [1, last.channels, 'latentFrames', ...spatialAxes(factor)]);
    return g.toModelGraph();
  }
  const video = g.op('Clip', [result, g.scalar(-1), g.scalar(1)]);
  g.output('video', video, [1, config.outChannels, 'frames', ...spatialAxes(1)]);
  return g.toModelGraph();
}
