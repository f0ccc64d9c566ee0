export type {
  Dimension,
  FloatType,
  GraphParameter,
  GraphPort,
  ModelGraph,
  Placement,
  Precision,
  QuantisedBits,
  TextPrecision,
  WeightTransform,
} from './model-graph.ts';
export { quantisedBlock } from './model-graph.ts';
export type { ElementType } from './onnx-types.ts';
export {
  GraphBuilder,
  transformedShape,
  type Attributes,
  type OpOptions,
  type Value,
} from './graph-builder.ts';
export type { AttributeValue } from './onnx-encode.ts';
export { layoutParameters, type ParameterLayout } from './parameter-layout.ts';
export { ropeRows, ropeTables, type RopeTables } from './rope.ts';
export { cellsPerToken, modelWidth, parseWanVaceConfig, type WanVaceConfig } from './wan-vace-config.ts';
export { buildWanVaceDit, type WanVaceOptions } from './wan-vace-dit.ts';
export { buildWanVaceCached, type KeptForm } from './wan-vace-cached.ts';
export { buildWanVaceSelection, selectionFeatures } from './wan-vace-selection.ts';
export { buildWanVaceBroadcast } from './wan-vace-broadcast.ts';
export { buildWanVaceDrift } from './wan-vace-drift.ts';
export { attention, geluTanh, layerNorm, rmsNorm, ropeInterleaved, silu } from './layers.ts';
export { mul, reshape, slice, split, transpose, unsqueeze } from './tensor-ops.ts';
export {
  isRemoverConfig,
  parseRemoverConfig,
  removerInChannels,
  type RemoverConfig,
} from './remover-config.ts';
export {
  buildRemoverDit,
  buildRemoverDrift,
  buildRemoverSelection,
  type RemoverOptions,
} from './remover-dit.ts';
export { parseUmt5Config, type Umt5Config } from './umt5-config.ts';
export { buildUmt5Encoder, relativeBucket, umt5Aliases } from './umt5.ts';
export {
  parseWanVaeConfig,
  wanVaeLatentFrames,
  wanVaeSpatialFactor,
  wanVaeTemporalFactor,
  wanVaeVideoFrames,
  type WanVaeConfig,
} from './wan-vae-config.ts';
export {
  splitDecoder,
  splitEncoder,
  wanVaeDecoderLayers,
  wanVaeEncoderLayers,
  type WanVaeLayer,
} from './wan-vae-layers.ts';
export { buildWanVaeEncoder } from './wan-vae-encoder.ts';
export { buildWanVaeDecoder } from './wan-vae-decoder.ts';
export { nextStateName, stateName } from './wan-vae-operators.ts';
export { isLtxVaceConfig, parseLtxConfig, type LtxConfig } from './ltx-config.ts';
export { buildLtxDit, buildLtxDrift, buildLtxSelection, type LtxOptions } from './ltx-dit.ts';
export { ltxRopeTables } from './ltx-rope.ts';
export {
  ltxDecoderLayers,
  ltxEncoderLayers,
  ltxVaeFactors,
  parseLtxVaeConfig,
  type LtxVaeConfig,
  type LtxVaeLayer,
} from './ltx-vae-config.ts';
export { buildLtxVaeDecoder, buildLtxVaeEncoder, type LtxVaeOptions } from './ltx-vae.ts';
