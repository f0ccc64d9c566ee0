import type { ElementType } from './onnx-types.ts';

/** Element type of a weight or of a graph's main path. */
export type FloatType = 'float32' | 'float16';

/** Of a text encoder: the same, or its products' weights in blocks of whole numbers (`quantisedBlock`). */
export type TextPrecision = Precision | 'int8' | 'int4';

/** Bits of a weight, and weights that share a scale: of fewer bits fewer, for each is worth more. */
export type QuantisedBits = 4 | 8;
export const quantisedBlock: Readonly<Record<QuantisedBits, number>> = { 4: 16, 8: 32 };

/** Of a whole graph: fp16 keeps some parts in float32, which each graph names. */
export type Precision = 'fp32' | 'fp16';

/**
 * How a stored tensor is rearranged for the graph. One row per rearrangement:
 * `none`; `transpose`: [out, in] to [in, out] for MatMul;
 * `patch`: [D, C, 1, 2, 2] to [2·2·C, D], rows ordered (row, column, channel) with the channel fastest, so that
 * input tokens have the same order as the network's output tokens;
 * `codes…`, `scales…`: the two halves of an [out, in] matrix in blocks of `quantisedBlock` along its rows, for MatMulNBits:
 * uint8 [out, blocks, bytes of a block] and float32 [out · blocks].
 */
export type WeightTransform = 'none' | 'transpose' | 'patch' | 'codes8' | 'codes4' | 'scales8' | 'scales4';

/** One weight that a graph reads from external data. */
export interface GraphParameter {
  /** Name of the initializer in the graph; graphs that share a data file share names. */
  readonly name: string;
  /** Name of the tensor in the safetensors files. */
  readonly source: string;
  /** Shape it must have there. */
  readonly sourceShape: readonly number[];
  readonly transform: WeightTransform;
  /** Shape and element type in the graph, after the transform. */
  readonly dims: readonly number[];
  readonly type: FloatType | 'uint8';
}

/** Where a parameter's bytes are: a file next to the graph, bytes from its start. */
export interface Placement {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

/** An axis: its length, or a name where it may change from run to run. */
export type Dimension = number | string;

/** An input or output of a graph. */
export interface GraphPort {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly Dimension[];
}

/** A graph that is complete except for the place of its weights. Pure data and one pure function. */
export interface ModelGraph {
  readonly name: string;
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  readonly parameters: readonly GraphParameter[];
  /** Serialised ONNX ModelProto whose initializers point at `placements` (by parameter name). */
  encode(placements: ReadonlyMap<string, Placement>): Uint8Array;
}
