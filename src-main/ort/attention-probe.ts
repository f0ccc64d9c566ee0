import {
  attention,
  GraphBuilder,
  mul,
  reshape,
  transpose,
  type Value,
} from '../../src-shared/core/graph/index.ts';
import type { TensorMap } from '../engine/network/session.ts';

const heads = 2;
const headDim = 64;
const width = heads * headDim;
const tokens = 200;
const operands = ['query', 'key', 'value'] as const;

/**
 * A provider's fused attention may be off its written-out form by at most this (float32; TF32 products included:
 * 2⁻¹¹ of scores of about 4). The faults seen were from 1e-2 up.
 */
export const attentionProbeTolerance = 5e-3;

/**
 * A graph whose output `difference` is how far the fused attention is from the same written out in products and a
 * softmax, element by element, both on the provider that runs it: some get the fused one wrong.
 */
export function attentionProbeGraph(): Uint8Array {
  const g = new GraphBuilder('attention-probe');
  // Inputs, not constants: what depends on constants alone is computed on the CPU when the graph is opened.
  const [query, key, value] = operands.map((name) => g.input(name, 'float32', [1, tokens, width]));
  const fused = attention(g, query, key, value, { heads });

  const perHead = (x: Value, perm: readonly number[]): Value =>
    transpose(g, reshape(g, x, [1, tokens, heads, headDim]), perm);
  const products = g.op('MatMul', [perHead(query, [0, 2, 1, 3]), perHead(key, [0, 2, 3, 1])]);
  const weights = g.op('Softmax', [mul(g, products, g.scalar(1 / Math.sqrt(headDim)))], { axis: -1 });
  const mixed = g.op('MatMul', [weights, perHead(value, [0, 2, 1, 3])]);
  const written = reshape(g, transpose(g, mixed, [0, 2, 1, 3]), [1, tokens, width]);

  g.output('difference', g.op('Abs', [g.op('Sub', [fused, written])]), [1, tokens, width]);
  return g.toModelGraph().encode(new Map());
}

/** The probe's inputs: fixed values that spread over ±2 without a pattern in any axis. */
export function attentionProbeFeeds(): TensorMap {
  return Object.fromEntries(
    operands.map((name, phase) => {
      const data = Float32Array.from({ length: tokens * width }, (_, i) => 2 * Math.sin(phase + i * i * 0.7));
      return [name, { type: 'float32', dims: [1, tokens, width], data }];
    }),
  );
}
