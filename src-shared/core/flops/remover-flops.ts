import {
  cellsPerToken,
  modelWidth,
  removerInChannels,
  selectionFeatures,
  type RemoverConfig,
} from '../graph/index.ts';
import type { DitCall } from './dit-flops.ts';

/** Floating-point operations of one call of MiniMax-Remover's transformer, counted as `ditFlops` does. */
export function removerFlops(config: RemoverConfig, { tokens, batch, queries }: DitCall): number {
  const width = modelWidth(config);
  const linear = (rows: number, inputs: number, outputs: number): number => 2 * rows * inputs * outputs;
  const attention = 4 * linear(tokens, width, width) + 4 * tokens * tokens * width;
  const blocks = config.layers * (attention + 2 * linear(tokens, width, config.ffnDim));
  const channels = removerInChannels(config) + config.outChannels;
  const patches = linear(tokens, cellsPerToken(config) * channels, width);
  const time = linear(1, config.freqDim, width) + linear(1, width, width) + linear(1, width, 6 * width);
  // Scores of the sampled queries and the projection to features, of the first stream alone.
  const selection =
    queries === undefined ? 0 : linear(queries, width, tokens) + linear(tokens, width, selectionFeatures);
  return batch * (blocks + patches + time) + selection;
}
