export type {
  Dimension,
  FloatType,
  GraphParameter,
  GraphPort,
  ModelGraph,
  Placement,
  Precision,
  WeightTransform,
} from './model-graph.ts';
export { MICROSOFT_DOMAIN, type ElementType } from './onnx-types.ts';
export {
  GraphBuilder,
  transformedShape,
  type Attributes,
  type OpOptions,
  type Value,
} from './graph-builder.ts';
export { parameterBytes, type AttributeValue } from './onnx-encode.ts';
export { layoutParameters, type ParameterLayout } from './parameter-layout.ts';
export { ropeRows, ropeTables, type RopeTables } from './rope.ts';
export { cellsPerToken, modelWidth, parseWanVaceConfig, type WanVaceConfig } from './wan-vace-config.ts';
export { buildWanVaceDit, type WanVaceOptions } from './wan-vace-dit.ts';
export {
  attention,
  floatType,
  geluTanh,
  layerNorm,
  linear,
  linearGeluTanh,
  rmsNorm,
  ropeInterleaved,
  silu,
  type LinearShape,
} from './layers.ts';
export {
  add,
  concat,
  div,
  matMul,
  mul,
  reshape,
  slice,
  split,
  sub,
  transpose,
  unsqueeze,
} from './tensor-ops.ts';
export { parseUmt5Config, type Umt5Config } from './umt5-config.ts';
export { buildUmt5Encoder, relativeBucket, umt5Aliases } from './umt5.ts';
