import { GraphBuilder, type Value } from './graph-builder.ts';
import { attention, geluTanh, linear, quantisedLinear, rmsNorm } from './layers.ts';
import {
  quantisedBlock,
  type FloatType,
  type ModelGraph,
  type QuantisedBits,
  type TextPrecision,
} from './model-graph.ts';
import { add, mul, sub, transpose, unsqueeze } from './tensor-ops.ts';
import type { Umt5Config } from './umt5-config.ts';

/**
 * Bucket of a relative position key − query (T5's bidirectional scheme, transformers' _relative_position_bucket):
 * half of the buckets for keys behind the query, half for keys after it; in each half the first half exact, the rest
 * logarithmic up to `maxDistance`.
 */
export function relativeBucket(
  relativePosition: number,
  config: Pick<Umt5Config, 'buckets' | 'maxDistance'>,
): number {
  const perSide = config.buckets / 2;
  const exact = perSide / 2;
  const distance = Math.abs(relativePosition);
  const side = relativePosition > 0 ? perSide : 0;
  if (distance < exact) return side + distance;
  const logarithmic = Math.log(distance / exact) / Math.log(config.maxDistance / exact);
  return side + Math.min(perSide - 1, exact + Math.floor(logarithmic * (perSide - exact)));
}

/** How the products of the encoder are taken. */
interface WeightTypes {
  readonly productType: FloatType;
  /** Of their weights; absent: they have the products' type. */
  readonly bits?: QuantisedBits;
}

/** Other names under which a weight of the encoder may be stored: the embedding is tied to the decoder's. */
export const umt5Aliases: Readonly<Record<string, readonly string[]>> = {
  'shared.weight': ['encoder.embed_tokens.weight'],
};

/**
 * Graph of UMT5's or T5's encoder (transformers' UMT5EncoderModel, T5EncoderModel) without a mask: inputIds int64 [1, L], valid tokens only,
 * to embeddings [1, L, d_model] of the type of `precision`.
 * fp16: products and attention in float16. The residual stream, the norms, the gate's product and the feed-forward's
 * output projection stay float32: UMT5's activations there exceed float16's range (transformers keeps `wo` so).
 * int8, int4: the weights of the products in blocks of that many bits, `wo`'s of 8 in either, and the table in float16; all is
 * computed in float32.
 */
export function buildUmt5Encoder(
  config: Umt5Config,
  options: { readonly precision: TextPrecision },
): ModelGraph {
  const g = new GraphBuilder('text-encoder');
  const { precision } = options;
  const productType = precision === 'fp16' ? 'float16' : 'float32';
  const bits = precision === 'int8' ? 8 : precision === 'int4' ? 4 : undefined;
  const types: WeightTypes = { productType, ...(bits !== undefined && { bits }) };
  const tableType = bits === undefined ? productType : 'float16';
  const ids = g.input('inputIds', 'int64', [1, 'textTokens']);
  const table = g.parameter('shared.weight', [config.vocabulary, config.width], { type: tableType });
  let stream = g.castTo(g.op('Gather', [table, ids], { axis: 0 }, { type: tableType }), 'float32');
  const buckets = g.scope('buckets', () => bucketMatrix(g, ids, config));
  for (let i = 0; i < config.layers; i++) {
    stream = g.scope(`encoder.block.${i}`, () => encoderBlock(g, stream, buckets, i, config, types));
  }
  const normed = norm(g, stream, 'encoder.final_layer_norm', config);
  g.output('embeddings', g.castTo(normed, productType), [1, 'textTokens', config.width]);
  return g.toModelGraph();
}

/** int64 [L, L]: the bucket of each (query, key). */
function bucketMatrix(g: GraphBuilder, ids: Value, config: Umt5Config): Value {
  const { maxDistance } = config;
  // Beyond maxDistance the bucket no longer changes: one small table serves every length.
  const positions = Array.from({ length: 2 * maxDistance + 1 }, (_, i) => i - maxDistance);
  const table = g.ints(positions.map((position) => relativeBucket(position, config)));
  const length = g.op('Squeeze', [g.op('Shape', [ids], { start: 1, end: 2 })]);
  const indices = g.op('Range', [g.ints([0], []), length, g.ints([1], [])]);
  const distances = sub(g, unsqueeze(g, indices, [0]), unsqueeze(g, indices, [1]));
  const clipped = g.op('Clip', [distances, g.ints([-maxDistance], []), g.ints([maxDistance], [])]);
  return g.op('Gather', [table, add(g, clipped, g.ints([maxDistance], []))], { axis: 0 });
}

function encoderBlock(
  g: GraphBuilder,
  stream: Value,
  buckets: Value,
  index: number,
  config: Umt5Config,
  types: WeightTypes,
): Value {
  const name = `encoder.block.${index}`;
  const attended = add(g, stream, selfAttention(g, stream, buckets, `${name}.layer.0`, config, types));
  return add(g, attended, gatedFeedForward(g, attended, `${name}.layer.1`, config, types));
}

/** float32 in and out. Scores are not divided by √d; the table of position biases is the layer's own, or the first one's. */
function selfAttention(
  g: GraphBuilder,
  stream: Value,
  buckets: Value,
  name: string,
  config: Umt5Config,
  types: WeightTypes,
): Value {
  const { heads, headDim, width } = config;
  const { productType } = types;
  const inner = heads * headDim;
  const input = g.castTo(norm(g, stream, `${name}.layer_norm`, config), productType);
  const project = (part: string): Value =>
    product(g, input, { name: `${name}.SelfAttention.${part}`, inputs: width, outputs: inner }, types);
  const biasOwner = config.sharesBias ? 'encoder.block.0.layer.0' : name;
  const biasTable = g.parameter(
    `${biasOwner}.SelfAttention.relative_attention_bias.weight`,
    [config.buckets, heads],
    {
      type: productType,
    },
  );
  const perPair = g.op('Gather', [biasTable, buckets], { axis: 0 });
  const bias = unsqueeze(g, transpose(g, perPair, [2, 0, 1]), [0]);
  const mixed = attention(g, project('q'), project('k'), project('v'), { heads, scale: 1, bias });
  const output = product(
    g,
    mixed,
    { name: `${name}.SelfAttention.o`, inputs: inner, outputs: width },
    inEightBits(types),
  );
  return g.castTo(output, 'float32');
}

/** wo(gelu(wi_0(x)) · wi_1(x)), float32 in and out. */
function gatedFeedForward(
  g: GraphBuilder,
  stream: Value,
  name: string,
  config: Umt5Config,
  types: WeightTypes,
): Value {
  const { width, ffnDim } = config;
  const { productType } = types;
  const input = g.castTo(norm(g, stream, `${name}.layer_norm`, config), productType);
  const expand = (part: string): Value =>
    product(g, input, { name: `${name}.DenseReluDense.${part}`, inputs: width, outputs: ffnDim }, types);
  const gate = g.castTo(geluTanh(g, expand('wi_0')), 'float32');
  const gated = mul(g, gate, g.castTo(expand('wi_1'), 'float32'));
  return product(
    g,
    gated,
    { name: `${name}.DenseReluDense.wo`, inputs: ffnDim, outputs: width },
    inEightBits(types),
  );
}

/** What goes into the residual stream unweighed, from activations that reach far, is never in fewer than 8 bits. */
function inEightBits(types: WeightTypes): WeightTypes {
  return types.bits === undefined ? types : { ...types, bits: 8 };
}

/** x · Wᵀ in the type of `x`, of weights as `types` asks; those that do not fill whole blocks are not rounded. */
function product(
  g: GraphBuilder,
  x: Value,
  shape: { readonly name: string; readonly inputs: number; readonly outputs: number },
  { bits }: WeightTypes,
): Value {
  return bits === undefined || shape.inputs % quantisedBlock[bits] !== 0
    ? linear(g, x, { ...shape, bias: false })
    : quantisedLinear(g, x, shape, bits);
}

function norm(g: GraphBuilder, x: Value, name: string, config: Umt5Config): Value {
  return rmsNorm(g, x, config.eps, g.parameter(`${name}.weight`, [config.width]));
}
