import {
  attention,
  GraphBuilder,
  mul,
  reshape,
  slice,
  transpose,
  type FloatType,
  type Value,
} from '../../src-shared/core/graph/index.ts';
import type { TensorMap } from '../engine/network/session.ts';

/** An attention that the networks use. */
interface ProbeCase {
  readonly type: FloatType;
  readonly heads: number;
  readonly headDim: number;
  /** By how much the fused form may be off the written-out one, whose sums are in float32; the faults seen were from 1e-2 up. */
  readonly tolerance: number;
}

/** float32, TF32 products included: 2⁻¹¹ of scores of about 4. float16: its own rounding of weights and results of up to 2. */
const tolerances: Readonly<Record<FloatType, number>> = { float32: 5e-3, float16: 1e-2 };

/** The small heads of text encoders and of LTX-Video, Wan's, and the one head of Wan's VAE. */
const sizes = [
  { heads: 2, headDim: 64 },
  { heads: 2, headDim: 128 },
  { heads: 1, headDim: 384 },
] as const;

/** By the name of the graph's output: float16-2x128. */
export const probeCases: ReadonlyMap<string, ProbeCase> = new Map(
  (['float32', 'float16'] as const).flatMap((type) =>
    sizes.map((size) => [
      `${type}-${size.heads}x${size.headDim}`,
      { ...size, type, tolerance: tolerances[type] },
    ]),
  ),
);

const tokens = 200;
const width = Math.max(...sizes.map(({ heads, headDim }) => heads * headDim));
const operands = ['query', 'key', 'value'] as const;

/**
 * A graph with an output for each of `probeCases`: how far the fused attention is from the same written out in products and
 * a softmax, element by element, both on the provider that runs it: some get the fused one wrong.
 */
export function attentionProbeGraph(): Uint8Array {
  const g = new GraphBuilder('attention-probe');
  // Inputs, not constants: what depends on constants alone is computed on the CPU when the graph is opened.
  const inputs = operands.map((name) => g.input(name, 'float32', [1, tokens, width]));
  for (const [name, { type, heads, headDim }] of probeCases) {
    const used = inputs.map((value) => g.castTo(slice(g, value, 2, 0, heads * headDim), type));
    const fused = g.castTo(attention(g, used[0], used[1], used[2], { heads }), 'float32');
    // Of the rounded operands, so that only the fused form rounds anything else.
    const [query, key, value] = used.map((operand) => g.castTo(operand, 'float32'));
    const perHead = (x: Value, perm: readonly number[]): Value =>
      transpose(g, reshape(g, x, [1, tokens, heads, headDim]), perm);
    const products = g.op('MatMul', [perHead(query, [0, 2, 1, 3]), perHead(key, [0, 2, 3, 1])]);
    const weights = g.op('Softmax', [mul(g, products, g.scalar(1 / Math.sqrt(headDim)))], { axis: -1 });
    const mixed = g.op('MatMul', [weights, perHead(value, [0, 2, 1, 3])]);
    const written = reshape(g, transpose(g, mixed, [0, 2, 1, 3]), [1, tokens, heads * headDim]);
    // Element by element: a maximum may pass over NaN.
    g.output(name, g.op('Abs', [g.op('Sub', [fused, written])]), [1, tokens, heads * headDim]);
  }
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
