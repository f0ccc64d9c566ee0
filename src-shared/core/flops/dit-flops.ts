import { cellsPerToken, modelWidth, type WanVaceConfig } from '../graph/index.ts';

/** One network call. */
export interface DitCall {
  /** Tokens of one stream that the network sees. */
  readonly tokens: number;
  readonly textTokens: number;
  /** Streams in the call: 2 for classifier-free guidance in one batch. */
  readonly batch: number;
}

/**
 * Floating-point operations of one call of the Wan-VACE transformer: two for each multiply-add of its matrix products
 * and attention; norms, activations and modulation, below 1 % together, are not counted. Counts what runs: VACE
 * blocks, the control branch's projections, cross-attention and the embedders included.
 */
export function ditFlops(config: WanVaceConfig, call: DitCall): number {
  const { tokens, textTokens, batch } = call;
  const width = modelWidth(config);
  const cells = cellsPerToken(config);
  const { vaceLayers, layers, inChannels, outChannels, controlChannels, ffnDim, textDim, freqDim } = config;
  const linear = (rows: number, inputs: number, outputs: number): number => 2 * rows * inputs * outputs;

  const selfAttention = 4 * linear(tokens, width, width) + 4 * tokens * tokens * width;
  const crossAttention =
    2 * linear(tokens, width, width) + 2 * linear(textTokens, width, width) + 4 * tokens * textTokens * width;
  const feedForward = 2 * linear(tokens, width, ffnDim);
  const blocks = (layers + vaceLayers.length) * (selfAttention + crossAttention + feedForward);
  // One proj_out for each VACE block, and the first one's proj_in.
  const hints = (vaceLayers.length + 1) * linear(tokens, width, width);
  const patches = linear(tokens, cells * (inChannels + controlChannels + outChannels), width);
  const text = linear(textTokens, textDim, width) + linear(textTokens, width, width);
  const time = linear(1, freqDim, width) + linear(1, width, width) + linear(1, width, 6 * width);
  return batch * (blocks + hints + patches + text + time);
}
