/**
 * Numbers of the ONNX format that travel as plain integers (onnx.proto of the ONNX project:
 * TensorProto.DataType, AttributeProto.AttributeType, TensorProto.DataLocation).
 */
export type ElementType = 'float32' | 'float16' | 'int64' | 'int32' | 'bool' | 'uint8' | 'int8';

export const ONNX_DATA_TYPE: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
};

export const BYTES_PER_ELEMENT: Readonly<Record<ElementType, number>> = {
  float32: 4,
  int32: 4,
  int64: 8,
  bool: 1,
  uint8: 1,
  int8: 1,
  float16: 2,
};

export const ONNX_ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, graph: 5, floats: 6, ints: 7 } as const;

export const ONNX_EXTERNAL_DATA = 1;

/** IR version 10 is the one of ONNX 1.16, which brought opset 21. */
export const ONNX_IR_VERSION = 10n;
export const ONNX_OPSET = 21n;

/** Domain of ONNX Runtime's own fused operators; its version has always been 1. */
export const MICROSOFT_DOMAIN = 'com.microsoft';
