import { cellsPerToken, modelWidth, selectionFeatures, type WanVaceConfig } from '../graph/index.ts';

/** One network call. */
export interface DitCall {
  /** Tokens of one stream that the network sees. */
  readonly tokens: number;
  readonly textTokens: number;
  /** Streams in the call: 2 for classifier-free guidance in one batch. */
  readonly batch: number;
  /** Attention modules that run in the blocks; default: both. What is not run, projections included, costs nothing. */
  readonly modules?: { readonly selfAttention: boolean; readonly crossAttention: boolean };
  /** Tokens of an earlier call that self-attention looks at besides: their keys and values alone are computed. */
  readonly cached?: number;
  /** Sampled queries of the selection graph; absent for the other graphs. */
  readonly queries?: number;
}

/**
 * Floating-point operations of one call of the Wan-VACE transformer: two for each multiply-add of its matrix products
 * and attention; norms, activations and modulation, below 1 % together, are not counted. Counts what runs: VACE
 * blocks, the control branch's projections, cross-attention and the embedders included.
 */
export function ditFlops(config: WanVaceConfig, call: DitCall): number {
  const { tokens, textTokens, batch, queries, cached = 0 } = call;
  const { modules = { selfAttention: true, crossAttention: true } } = call;
  const width = modelWidth(config);
  const cells = cellsPerToken(config);
  const { vaceLayers, layers, inChannels, outChannels, controlChannels, ffnDim, textDim, freqDim } = config;
  const linear = (rows: number, inputs: number, outputs: number): number => 2 * rows * inputs * outputs;

  const selfAttention =
    4 * linear(tokens, width, width) +
    2 * linear(cached, width, width) +
    4 * tokens * (tokens + cached) * width;
  const crossAttention =
    2 * linear(tokens, width, width) + 2 * linear(textTokens, width, width) + 4 * tokens * textTokens * width;
  const feedForward = 2 * linear(tokens, width, ffnDim);
  const attention =
    (modules.selfAttention ? selfAttention : 0) + (modules.crossAttention ? crossAttention : 0);
  const blocks = (layers + vaceLayers.length) * (attention + feedForward);
  // One proj_out for each VACE block, and the first one's proj_in.
  const hints = (vaceLayers.length + 1) * linear(tokens, width, width);
  const patches = linear(tokens, cells * (inChannels + controlChannels + outChannels), width);
  const text = linear(textTokens, textDim, width) + linear(textTokens, width, width);
  const time = linear(1, freqDim, width) + linear(1, width, width) + linear(1, width, 6 * width);
  // Scores of the sampled queries and the projection to features, of the first stream alone.
  const selection =
    queries === undefined ? 0 : linear(queries, width, tokens) + linear(tokens, width, selectionFeatures);
  return batch * (blocks + hints + patches + text + time) + selection;
}
