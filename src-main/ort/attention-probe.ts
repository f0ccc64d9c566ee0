import { attention, GraphBuilder, mul, type Value } from '../../src-shared/core/graph/index.ts';

const heads = 2;
const headDim = 64;
const tokens = 200;

/**
 * A provider's fused attention may be off its written-out form by at most this (float32; TF32 products included:
 * 2⁻¹¹ of scores of about 4). The faults seen were from 1e-2 up.
 */
export const attentionProbeTolerance = 5e-3;

/**
 * A graph without inputs whose output `difference` [] is the largest difference between the fused attention and the
 * same written out in products and a softmax, both on the provider that runs it: some get the fused one wrong.
 */
export function attentionProbeGraph(): Uint8Array {
  const g = new GraphBuilder('attention-probe');
  // Fixed values that spread over about ±2 without a pattern in either axis.
  const operand = (phase: number): Value => {
    const values = Array.from(
      { length: tokens * heads * headDim },
      (_, i) => 2 * Math.sin(phase + i * i * 0.7),
    );
    return g.floats(values, [1, tokens, heads * headDim]);
  };
  const [query, key, value] = [operand(0), operand(1), operand(2)];
  const fused = attention(g, query, key, value, { heads });

  const perHead = (x: Value, perm: readonly number[]): Value =>
    g.op('Transpose', [g.op('Reshape', [x, g.ints([1, tokens, heads, headDim])])], { perm });
  const scores = mul(
    g,
    g.op('MatMul', [perHead(query, [0, 2, 1, 3]), perHead(key, [0, 2, 3, 1])]),
    g.scalar(1 / Math.sqrt(headDim)),
  );
  const mixed = g.op('MatMul', [g.op('Softmax', [scores], { axis: -1 }), perHead(value, [0, 2, 1, 3])]);
  const written = g.op('Reshape', [
    g.op('Transpose', [mixed], { perm: [0, 2, 1, 3] }),
    g.ints([1, tokens, heads * headDim]),
  ]);

  const difference = g.op('Abs', [g.op('Sub', [fused, written])]);
  g.output('difference', g.op('ReduceMax', [difference], { keepdims: 0 }), []);
  return g.toModelGraph().encode(new Map());
}
