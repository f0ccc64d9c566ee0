import type { GraphBuilder, Value } from './graph-builder.ts';
import { quantisedBlock, type FloatType, type QuantisedBits } from './model-graph.ts';
import { MICROSOFT_DOMAIN } from './onnx-types.ts';
import { add, matMul, mul } from './tensor-ops.ts';

/** A linear layer's tensors: `NAME.weight` [outputs, inputs] and, with a bias, `NAME.bias` [outputs]. */
export interface LinearShape {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly bias?: boolean;
}

/** x · Wᵀ + b over the last axis, in the type of `x`: [..., inputs] to [..., outputs]. */
export function linear(g: GraphBuilder, x: Value, shape: LinearShape): Value {
  const product = matMul(g, x, linearWeight(g, shape, floatType(x)));
  return shape.bias === false ? product : add(g, product, linearBias(g, shape, floatType(x)));
}

/** gelu_tanh(linear(x)); bias and activation are one fused operator. */
export function linearGeluTanh(g: GraphBuilder, x: Value, shape: LinearShape): Value {
  const product = matMul(g, x, linearWeight(g, shape, floatType(x)));
  return geluTanh(g, product, shape.bias === false ? null : linearBias(g, shape, floatType(x)));
}

/**
 * x · Wᵀ over the last axis, float32, of weights in blocks of `bits` bits; `inputs` is a multiple of `quantisedBlock`.
 * The products are taken in float32: only the weights are rounded.
 */
export function quantisedLinear(
  g: GraphBuilder,
  x: Value,
  { name, inputs, outputs }: LinearShape,
  bits: QuantisedBits,
): Value {
  const source = `${name}.weight`;
  const half = (part: 'codes' | 'scales', type: 'uint8' | 'float32'): Value =>
    g.parameter(source, [outputs, inputs], { type, transform: `${part}${bits}`, name: `${source}.${part}` });
  return g.op(
    'MatMulNBits',
    [x, half('codes', 'uint8'), half('scales', 'float32')],
    { K: inputs, N: outputs, bits, block_size: quantisedBlock[bits] },
    { domain: MICROSOFT_DOMAIN },
  );
}

function linearWeight(g: GraphBuilder, shape: LinearShape, type: FloatType): Value {
  return g.parameter(`${shape.name}.weight`, [shape.outputs, shape.inputs], { type, transform: 'transpose' });
}

function linearBias(g: GraphBuilder, shape: LinearShape, type: FloatType): Value {
  return g.parameter(`${shape.name}.bias`, [shape.outputs], { type });
}

/** The type of a value that must be floating point. */
function floatType(x: Value): FloatType {
  if (x.type !== 'float32' && x.type !== 'float16') throw new Error(`${x.name} is ${x.type}, not a float`);
  return x.type;
}

/**
 * Layer norm over the last axis: (x − mean) / √(variance + eps) · scale + bias.
 * Without `bias` nothing is added. Mean and variance are taken in float32 whatever the type of `x`.
 */
export function layerNorm(
  g: GraphBuilder,
  x: Value,
  eps: number,
  scale: Value,
  bias: Value | null = null,
): Value {
  const inputs = bias === null ? [x, scale] : [x, scale, bias];
  return g.op('LayerNormalization', inputs, { axis: -1, epsilon: { float: eps } });
}

/** RMS norm over the last axis: x / √(mean(x²) + eps) · scale. ONNX Runtime's own operator (opset 23 has a twin). */
export function rmsNorm(g: GraphBuilder, x: Value, eps: number, scale: Value): Value {
  return g.op('SimplifiedLayerNormalization', [x, scale], { axis: -1, epsilon: { float: eps } });
}

/** x · sigmoid(x). */
export function silu(g: GraphBuilder, x: Value): Value {
  return mul(g, x, g.op('Sigmoid', [x]));
}

/**
 * 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))) of x + bias: the tanh form of gelu (Hendrycks & Gimpel 2016).
 * `bias`: [last axis of x] or nothing.
 */
export function geluTanh(g: GraphBuilder, x: Value, bias: Value | null = null): Value {
  return g.op('FastGelu', bias === null ? [x] : [x, bias], {}, { domain: MICROSOFT_DOMAIN });
}

/**
 * softmax(q·kᵀ·scale + bias)·v for each head, without an n×n matrix in memory where there is no bias.
 * q [B, n, heads·d], k and v [B, m, heads·d], bias [1 or B, heads, n, m]; returns [B, n, heads·d].
 * `scale`: default 1/√d. `keyMask`: int32 [B, m], 0 for keys that are not looked at: −10000 is added to their scores.
 */
export function attention(
  g: GraphBuilder,
  q: Value,
  k: Value,
  v: Value,
  options: {
    readonly heads: number;
    readonly scale?: number;
    readonly bias?: Value;
    readonly keyMask?: Value;
  },
): Value {
  const attributes = {
    num_heads: options.heads,
    ...(options.scale === undefined ? {} : { scale: { float: options.scale } }),
  };
  // Operands: query, key, value, bias of the projections, key padding mask, bias of the scores.
  const { bias, keyMask } = options;
  const inputs =
    bias === undefined && keyMask === undefined ? [q, k, v] : [q, k, v, null, keyMask ?? null, bias ?? null];
  return g.op('MultiHeadAttention', inputs, attributes, { domain: MICROSOFT_DOMAIN });
}

/**
 * Rotary position embedding of interleaved pairs (Su et al. 2021): within each head, elements 2i and 2i+1 turn by
 * the angle whose cosine and sine are in column i. x [B, n, heads·d], cos and sin [n, d/2]; all of one type.
 */
export function ropeInterleaved(g: GraphBuilder, x: Value, cos: Value, sin: Value): Value {
  // Row r of the tables belongs to token r: the one position id is the offset of the first token.
  const firstRow = g.ints([0]);
  return g.op('RotaryEmbedding', [x, firstRow, cos, sin], { interleaved: 1 }, { domain: MICROSOFT_DOMAIN });
}
