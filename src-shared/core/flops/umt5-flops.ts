import type { Umt5Config } from '../graph/index.ts';

/**
 * Floating-point operations of UMT5's encoder on `tokens` tokens: two for each multiply-add of its matrix products
 * and attention; norms and activations are not counted.
 */
export function umt5Flops(config: Umt5Config, tokens: number): number {
  const { layers, width, heads, headDim, ffnDim } = config;
  const inner = heads * headDim;
  const projections = 4 * 2 * tokens * width * inner;
  const attention = 4 * tokens * tokens * inner;
  const feedForward = 3 * 2 * tokens * width * ffnDim;
  return layers * (projections + attention + feedForward);
}
