import { float32ToFloat16Array } from '../half/index.ts';
import {
  quantisedBlock,
  type Dimension,
  type FloatType,
  type GraphParameter,
  type GraphPort,
  type ModelGraph,
  type WeightTransform,
} from './model-graph.ts';
import {
  encodeModel,
  type AttributeValue,
  type GraphConstant,
  type GraphNode,
  type Subgraph,
} from './onnx-encode.ts';
import { BYTES_PER_ELEMENT, type ElementType } from './onnx-types.ts';

/** A tensor inside a graph under construction: the name of the edge and what its elements are. */
export interface Value {
  readonly name: string;
  readonly type: ElementType;
}

export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface OpOptions {
  /** Operator set: '' is ONNX's own, `MICROSOFT_DOMAIN` ONNX Runtime's. */
  readonly domain?: string;
  /** Element type of the outputs; default: that of the first input that is not left out. */
  readonly type?: ElementType;
}

/**
 * Collects the nodes, constants and parameters of one ONNX graph (opset 21 and com.microsoft).
 * Mistakes in its use are defects of ours and throw plain errors; it does not infer shapes: ONNX Runtime does.
 */
export class GraphBuilder {
  readonly name: string;
  /** Nodes of the graph, or of the branch, that is being built. */
  #nodes: GraphNode[] = [];
  readonly #inputs: GraphPort[] = [];
  readonly #outputs: { readonly port: GraphPort; readonly value: Value }[] = [];
  readonly #parameters = new Map<string, GraphParameter>();
  readonly #constants = new Map<string, GraphConstant>();
  readonly #nameCounts = new Map<string, number>();
  #scope = '';

  constructor(name: string) {
    this.name = name;
  }

  /** Declares an input. Axes given as names are dynamic; the same name means the same length. */
  input(name: string, type: ElementType, dims: readonly Dimension[]): Value {
    this.#inputs.push({ name, type, dims });
    return { name, type };
  }

  /** Declares `value` as the output `name`. The edge itself takes that name: nothing is copied. */
  output(name: string, value: Value, dims: readonly Dimension[]): void {
    if (this.#outputs.some((output) => output.port.name === name))
      throw new Error(`output ${name} declared twice`);
    // An edge has one name: an input, a weight or a second output of the same edge passes through Identity.
    const isNodeOutput = this.#nodes.some((node) => node.outputs.includes(value.name));
    const taken = this.#outputs.some((output) => output.value.name === value.name);
    const edge = isNodeOutput && !taken ? value : this.op('Identity', [value]);
    this.#outputs.push({ port: { name, type: value.type, dims }, value: edge });
  }

  /** Nodes made inside `build` carry `name/` before their own name. */
  scope<T>(name: string, build: () => T): T {
    const outer = this.#scope;
    this.#scope = `${outer}${name}/`;
    try {
      return build();
    } finally {
      this.#scope = outer;
    }
  }

  /** Adds a node with one output. Inputs given as `null` are left out (optional inputs). */
  op(
    type: string,
    inputs: readonly (Value | null)[],
    attributes: Attributes = {},
    options: OpOptions = {},
  ): Value {
    return this.ops(type, inputs, 1, attributes, options)[0];
  }

  /** Adds a node with `outputCount` outputs, all of one element type. */
  ops(
    type: string,
    inputs: readonly (Value | null)[],
    outputCount: number,
    attributes: Attributes = {},
    options: OpOptions = {},
  ): Value[] {
    const elementType = options.type ?? inputs.find((input) => input !== null)?.type;
    if (elementType === undefined) throw new Error(`${type}: an operator without inputs needs options.type`);
    const name = this.#uniqueName(type);
    const outputs = Array.from({ length: outputCount }, (_, i) => (i === 0 ? name : `${name}:${i}`));
    this.#nodes.push({
      name,
      type,
      domain: options.domain ?? '',
      inputs: inputs.map((input) => input?.name ?? ''),
      outputs,
      attributes,
    });
    return outputs.map((output) => ({ name: output, type: elementType }));
  }

  /**
   * The values of `whenTrue` or `whenFalse`, as `condition` (bool, rank 0) says at run time: only that branch's nodes
   * run. Both give equally many values of the same types, in the same order; shapes may differ. A branch may read
   * whatever was made before it; what it makes itself is to be had through its results alone. Weights and constants
   * first asked for in a branch belong to the whole graph. Outputs cannot be declared in a branch.
   */
  branch(condition: Value, whenTrue: () => readonly Value[], whenFalse: () => readonly Value[]): Value[] {
    const name = this.#uniqueName('If');
    const thenBranch = this.#subgraph(`${name}/then`, whenTrue);
    const elseBranch = this.#subgraph(`${name}/else`, whenFalse);
    const types = thenBranch.outputs.map((output) => output.type);
    const otherTypes = elseBranch.outputs.map((output) => output.type);
    if (types.join() !== otherTypes.join())
      throw new Error(`${name}: one branch returns ${types.join()}, the other ${otherTypes.join()}`);
    const outputs = types.map((type, i) => ({ name: i === 0 ? name : `${name}:${i}`, type }));
    this.#nodes.push({
      name,
      type: 'If',
      domain: '',
      inputs: [condition.name],
      outputs: outputs.map((output) => output.name),
      attributes: { then_branch: { graph: thenBranch }, else_branch: { graph: elseBranch } },
    });
    return outputs;
  }

  /** The nodes that `build` makes, as a graph of their own. */
  #subgraph(name: string, build: () => readonly Value[]): Subgraph {
    const outer = this.#nodes;
    const nodes: GraphNode[] = [];
    this.#nodes = nodes;
    try {
      // An output of a subgraph must be an edge of its own: what comes from outside passes through Identity.
      const own = (value: Value): boolean => nodes.some((node) => node.outputs.includes(value.name));
      const outputs = build().map((value) => (own(value) ? value : this.op('Identity', [value])));
      return { name, nodes, outputs };
    } finally {
      this.#nodes = outer;
    }
  }

  /** `value` as `type`; the value itself where it already is. */
  castTo(value: Value, type: ElementType): Value {
    if (value.type === type) return value;
    return this.op('Cast', [value], { to: { dataType: type } }, { type });
  }

  /** A float constant inside the graph; `dims` default to a vector. Equal constants are stored once. */
  floats(
    values: readonly number[],
    dims: readonly number[] = [values.length],
    type: FloatType = 'float32',
  ): Value {
    const singles = Float32Array.from(values);
    const data = type === 'float32' ? singles : float32ToFloat16Array(singles);
    return this.#constant(type, dims, new Uint8Array(data.buffer));
  }

  /** A float scalar (rank 0), by default of type float32. */
  scalar(value: number, type: FloatType = 'float32'): Value {
    return this.floats([value], [], type);
  }

  /** An int64 constant; `dims` default to a vector. */
  ints(values: readonly number[], dims: readonly number[] = [values.length]): Value {
    return this.#constant('int64', dims, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
  }

  /**
   * A weight, read from external data: tensor `source` of the model's safetensors files, which must have
   * `sourceShape` there. Asking again for the same weight returns the same value.
   * `dims`: shape in the graph where it is not what `transform` makes of `sourceShape` (same number of elements).
   */
  parameter(
    source: string,
    sourceShape: readonly number[],
    options: {
      readonly type?: FloatType | 'uint8';
      readonly transform?: WeightTransform;
      readonly dims?: readonly number[];
      /** Name in the graph; default: `source`. */
      readonly name?: string;
    } = {},
  ): Value {
    const transform = options.transform ?? 'none';
    const parameter: GraphParameter = {
      name: options.name ?? source,
      source,
      sourceShape: [...sourceShape],
      transform,
      dims: options.dims ?? transformedShape(sourceShape, transform),
      type: options.type ?? 'float32',
    };
    const known = this.#parameters.get(parameter.name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(parameter)) {
      throw new Error(
        `weight ${parameter.name} asked for in two forms: ${JSON.stringify([known, parameter])}`,
      );
    }
    if (known === undefined) this.#parameters.set(parameter.name, parameter);
    return { name: parameter.name, type: parameter.type };
  }

  /** The finished graph: a snapshot, later calls of the builder do not change it. */
  toModelGraph(): ModelGraph {
    const outputNames = new Map(this.#outputs.map(({ port, value }) => [value.name, port.name]));
    const contents = {
      name: this.name,
      nodes: this.#nodes.map((node) => renameEdges(node, outputNames)),
      inputs: [...this.#inputs],
      outputs: this.#outputs.map(({ port }) => port),
      parameters: [...this.#parameters.values()],
      constants: [...this.#constants.values()],
    };
    return {
      name: contents.name,
      inputs: contents.inputs,
      outputs: contents.outputs,
      parameters: contents.parameters,
      encode: (placements) => encodeModel(contents, placements),
    };
  }

  #constant(type: ElementType, dims: readonly number[], bytes: Uint8Array): Value {
    const count = dims.reduce((product, dim) => product * dim, 1);
    if (count * BYTES_PER_ELEMENT[type] !== bytes.length)
      throw new Error(`constant of ${bytes.length} bytes as [${dims.join()}]`);
    const key = `${type}[${dims.join()}]${bytes.join()}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const constant: GraphConstant = {
      name: `constant_${this.#constants.size}`,
      type,
      dims: [...dims],
      bytes,
    };
    this.#constants.set(key, constant);
    return constant;
  }

  #uniqueName(type: string): string {
    const base = this.#scope + type;
    const count = this.#nameCounts.get(base) ?? 0;
    this.#nameCounts.set(base, count + 1);
    return count === 0 ? base : `${base}_${count}`;
  }
}

/** The node with other names for edges, in its subgraphs too. */
function renameEdges(node: GraphNode, names: ReadonlyMap<string, string>): GraphNode {
  const rename = (name: string): string => names.get(name) ?? name;
  const renameInside = (value: AttributeValue): AttributeValue => {
    if (typeof value !== 'object' || !('graph' in value)) return value;
    const nodes = value.graph.nodes.map((inner) => renameEdges(inner, names));
    return { graph: { ...value.graph, nodes } };
  };
  const attributes = Object.entries(node.attributes).map(([name, value]) => [name, renameInside(value)]);
  return {
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes: Object.fromEntries(attributes) as Attributes,
  };
}

/** Shape after a transform (see WeightTransform). */
export function transformedShape(shape: readonly number[], transform: WeightTransform): readonly number[] {
  switch (transform) {
    case 'none':
      return shape;
    case 'transpose':
      if (shape.length !== 2) throw new Error(`transpose needs two axes, not [${shape.join()}]`);
      return [shape[1], shape[0]];
    case 'patch':
      if (shape.length !== 5) throw new Error(`patch needs five axes, not [${shape.join()}]`);
      return [shape[1] * shape[2] * shape[3] * shape[4], shape[0]];
    case 'codes8':
      return [shape[0], shape[1] / quantisedBlock[8], quantisedBlock[8]];
    case 'codes4':
      return [shape[0], shape[1] / quantisedBlock[4], quantisedBlock[4] / 2];
    case 'scales8':
      return [(shape[0] * shape[1]) / quantisedBlock[8]];
    case 'scales4':
      return [(shape[0] * shape[1]) / quantisedBlock[4]];
  }
}
