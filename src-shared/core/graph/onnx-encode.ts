import { create, toBinary } from '@bufbuild/protobuf';
import type { GraphParameter, GraphPort, Placement } from './model-graph.ts';
import {
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx_pb.ts';
import {
  BYTES_PER_ELEMENT,
  MICROSOFT_DOMAIN,
  ONNX_ATTRIBUTE_TYPE,
  ONNX_DATA_TYPE,
  ONNX_EXTERNAL_DATA,
  ONNX_IR_VERSION,
  ONNX_OPSET,
  type ElementType,
} from './onnx-types.ts';

/**
 * Value of an operator's attribute. A bare number is an integer, a string a string, an array integers;
 * floats are marked, because 1 and 1.0 look alike in TypeScript; `dataType` is an element type's number;
 * `graph` is what a control-flow operator runs.
 */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly dataType: ElementType }
  | { readonly graph: Subgraph };

/**
 * A graph inside a node, without inputs: its nodes read the edges, weights and constants of the graphs around it by
 * name. Shapes of its outputs are left to ONNX Runtime.
 */
export interface Subgraph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  /** Edges that its own nodes make. */
  readonly outputs: readonly { readonly name: string; readonly type: ElementType }[];
}

export interface GraphNode {
  readonly name: string;
  readonly type: string;
  readonly domain: string;
  /** Names of edges; '' where an optional input is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** A constant stored in the graph file itself, little-endian. */
export interface GraphConstant {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly bytes: Uint8Array;
}

export interface GraphContents {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  readonly parameters: readonly GraphParameter[];
  readonly constants: readonly GraphConstant[];
}

/** Serialised ModelProto; throws where a parameter has no placement or one of another length. */
export function encodeModel(graph: GraphContents, placements: ReadonlyMap<string, Placement>): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: ONNX_IR_VERSION,
    producerName: 'hetcut',
    opsetImport: [
      { domain: '', version: ONNX_OPSET },
      { domain: MICROSOFT_DOMAIN, version: 1n },
    ],
    graph: {
      name: graph.name,
      node: graph.nodes.map(encodeNode),
      input: graph.inputs.map(encodePort),
      output: graph.outputs.map(encodePort),
      initializer: [
        ...graph.constants.map(encodeConstant),
        ...graph.parameters.map((parameter) => encodeParameter(parameter, placements.get(parameter.name))),
      ],
    },
  });
  return toBinary(ModelProtoSchema, model);
}

/** Bytes of a parameter in the data file. */
export function parameterBytes(parameter: GraphParameter): number {
  return parameter.dims.reduce((product, dim) => product * dim, BYTES_PER_ELEMENT[parameter.type]);
}

function encodeNode(node: GraphNode): NodeProto {
  return create(NodeProtoSchema, {
    name: node.name,
    opType: node.type,
    domain: node.domain,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attributes).map(([name, value]) => encodeAttribute(name, value)),
  });
}

function encodeAttribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'number') return intAttribute(name, value);
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, { name, type: ONNX_ATTRIBUTE_TYPE.string, s: asciiBytes(value) });
  }
  if ('float' in value) {
    return create(AttributeProtoSchema, { name, type: ONNX_ATTRIBUTE_TYPE.float, f: value.float });
  }
  if ('floats' in value) {
    return create(AttributeProtoSchema, {
      name,
      type: ONNX_ATTRIBUTE_TYPE.floats,
      floats: [...value.floats],
    });
  }
  if ('dataType' in value) return intAttribute(name, ONNX_DATA_TYPE[value.dataType]);
  if ('graph' in value) {
    const g = encodeSubgraph(value.graph);
    return create(AttributeProtoSchema, { name, type: ONNX_ATTRIBUTE_TYPE.graph, g });
  }
  return create(AttributeProtoSchema, { name, type: ONNX_ATTRIBUTE_TYPE.ints, ints: value.map(BigInt) });
}

function encodeSubgraph({ name, nodes, outputs }: Subgraph): GraphProto {
  return create(GraphProtoSchema, {
    name,
    node: nodes.map(encodeNode),
    output: outputs.map((output) =>
      create(ValueInfoProtoSchema, {
        name: output.name,
        type: { value: { case: 'tensorType', value: { elemType: ONNX_DATA_TYPE[output.type] } } },
      }),
    ),
  });
}

/** BigInt() throws on a fraction, so that a float that was not marked is noticed. */
function intAttribute(name: string, value: number): AttributeProto {
  return create(AttributeProtoSchema, { name, type: ONNX_ATTRIBUTE_TYPE.int, i: BigInt(value) });
}

/** Attribute strings are words of the ONNX standard: ASCII. */
function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function encodePort(port: GraphPort): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name: port.name,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType: ONNX_DATA_TYPE[port.type],
          shape: {
            dim: port.dims.map((dim) => ({
              value:
                typeof dim === 'number'
                  ? { case: 'dimValue' as const, value: BigInt(dim) }
                  : { case: 'dimParam' as const, value: dim },
            })),
          },
        },
      },
    },
  });
}

function encodeConstant(constant: GraphConstant): TensorProto {
  return create(TensorProtoSchema, {
    name: constant.name,
    dataType: ONNX_DATA_TYPE[constant.type],
    dims: constant.dims.map(BigInt),
    rawData: constant.bytes,
  });
}

function encodeParameter(parameter: GraphParameter, placement: Placement | undefined): TensorProto {
  if (placement === undefined) throw new Error(`no placement for weight ${parameter.name}`);
  if (placement.length !== parameterBytes(parameter)) {
    throw new Error(
      `weight ${parameter.name}: ${placement.length} bytes placed, ${parameterBytes(parameter)} needed`,
    );
  }
  return create(TensorProtoSchema, {
    name: parameter.name,
    dataType: ONNX_DATA_TYPE[parameter.type],
    dims: parameter.dims.map(BigInt),
    dataLocation: ONNX_EXTERNAL_DATA,
    externalData: [
      { key: 'location', value: placement.file },
      { key: 'offset', value: String(placement.offset) },
      { key: 'length', value: String(placement.length) },
    ],
  });
}
