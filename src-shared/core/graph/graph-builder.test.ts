import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { createOrt } from '../../../src-main/ort/index.ts';
import { GraphBuilder, layoutParameters, transformedShape, type ModelGraph } from './index.ts';
import { ModelProtoSchema, type GraphProto } from './onnx_pb.ts';

/** The graph as another reader of the format sees it. */
function decode(graph: ModelGraph): GraphProto {
  const bytes = graph.encode(layoutParameters([graph], 'data.weights').placements);
  const model = fromBinary(ModelProtoSchema, bytes);
  expect(model.irVersion).toBe(10n);
  expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([
    ['', 21n],
    ['com.microsoft', 1n],
  ]);
  return model.graph!;
}

describe('GraphBuilder', () => {
  it('writes inputs and outputs with fixed and named axes', () => {
    const g = new GraphBuilder('ports');
    g.output('y', g.op('Neg', [g.input('x', 'float16', ['batch', 3])]), ['batch', 3]);
    const { input, output, name } = decode(g.toModelGraph());
    expect(name).toBe('ports');
    for (const [port, expected] of [
      [input[0], 'x'],
      [output[0], 'y'],
    ] as const) {
      expect(port.name).toBe(expected);
      const tensor = port.type?.value.value;
      expect(tensor?.elemType).toBe(10);
      expect(tensor?.shape?.dim.map((dim) => dim.value.value)).toEqual(['batch', 3n]);
    }
  });

  it('names nodes by scope and type, and names an output edge after the name of the output', () => {
    const g = new GraphBuilder('names');
    const x = g.input('x', 'float32', [2]);
    const y = g.scope('outer', () => g.scope('inner', () => g.op('Neg', [g.op('Neg', [x])])));
    g.output('y', g.op('Add', [y, y]), [2]);
    g.output('mid', y, [2]);
    const { node } = decode(g.toModelGraph());
    expect(node.map((entry) => entry.name)).toEqual(['outer/inner/Neg', 'outer/inner/Neg_1', 'Add']);
    expect(node.map((entry) => [entry.input, entry.output])).toEqual([
      [['x'], ['outer/inner/Neg']],
      [['outer/inner/Neg'], ['mid']],
      [['mid', 'mid'], ['y']],
    ]);
  });

  it('passes an input, or one edge under a second name, through Identity', () => {
    const g = new GraphBuilder('identity');
    const x = g.input('x', 'int64', [2]);
    const y = g.op('Neg', [x]);
    g.output('same', x, [2]);
    g.output('first', y, [2]);
    g.output('second', y, [2]);
    const { node } = decode(g.toModelGraph());
    expect(node.map(({ opType, input, output }) => [opType, input[0], output[0]])).toEqual([
      ['Neg', 'x', 'first'],
      ['Identity', 'x', 'same'],
      ['Identity', 'first', 'second'],
    ]);
    expect(() => g.output('first', y, [2])).toThrow(/first declared twice/);
  });

  it('writes each kind of attribute, and left-out inputs as empty names', () => {
    const g = new GraphBuilder('attributes');
    const x = g.input('x', 'float32', [2]);
    const attributes = {
      count: 3,
      whole: { float: 1 },
      list: [1, -2],
      weights: { floats: [0.5] },
      mode: 'linear',
    };
    g.output('y', g.op('Made', [x, null, x], attributes, { domain: 'com.microsoft' }), [2]);
    g.output('z', g.castTo(x, 'float16'), [2]);
    const { node } = decode(g.toModelGraph());
    expect(node[0].domain).toBe('com.microsoft');
    expect(node[0].input).toEqual(['x', '', 'x']);
    const [count, whole, list, weights, mode] = node[0].attribute;
    expect([count.type, count.i]).toEqual([2, 3n]);
    expect([whole.type, whole.f]).toEqual([1, 1]);
    expect([list.type, list.ints]).toEqual([7, [1n, -2n]]);
    expect([weights.type, weights.floats]).toEqual([6, [0.5]]);
    expect([mode.type, new TextDecoder().decode(mode.s)]).toEqual([3, 'linear']);
    expect([node[1].opType, node[1].attribute[0].i]).toEqual(['Cast', 10n]);
    expect(g.castTo(x, 'float32')).toBe(x);
  });

  it('refuses a float that is not marked as one', () => {
    const g = new GraphBuilder('float');
    g.output('y', g.op('Made', [g.input('x', 'float32', [2])], { epsilon: 1e-6 }), [2]);
    expect(() => g.toModelGraph().encode(new Map())).toThrow(RangeError);
  });

  it('stores equal constants once and keeps apart what differs in type, shape or value', () => {
    const g = new GraphBuilder('constants');
    const names = [
      g.floats([1, 2]),
      g.floats([1, 2]),
      g.floats([1, 2], [1, 2]),
      g.floats([1, 2], [2], 'float16'),
      g.floats([1, 3]),
      g.ints([1, 2]),
      g.ints([1, 2]),
      g.scalar(1),
    ].map((value) => value.name);
    expect(new Set(names).size).toBe(6);
    expect(names[0]).toBe(names[1]);
    expect(names[5]).toBe(names[6]);
    const { initializer } = decode(g.toModelGraph());
    expect(initializer.map(({ dims, dataType }) => [dims.map(Number), dataType])).toEqual([
      [[2], 1],
      [[1, 2], 1],
      [[2], 10],
      [[2], 1],
      [[2], 7],
      [[], 1],
    ]);
    expect([...initializer[2].rawData]).toEqual([0x00, 0x3c, 0x00, 0x40]);
    expect(() => g.floats([1, 2], [3])).toThrow(/8 bytes as \[3\]/);
  });

  it('points parameters at external data, once for each name', () => {
    const g = new GraphBuilder('parameters');
    const first = g.parameter('a.weight', [4, 2], { transform: 'transpose' });
    const again = g.parameter('a.weight', [4, 2], { transform: 'transpose' });
    g.parameter('b.gamma', [3, 1, 1], { type: 'float16', dims: [3] });
    expect(again.name).toBe(first.name);
    expect(() => g.parameter('a.weight', [4, 2])).toThrow(/a\.weight asked for in two forms/);
    const graph = g.toModelGraph();
    expect(graph.parameters).toEqual([
      {
        name: 'a.weight',
        source: 'a.weight',
        sourceShape: [4, 2],
        transform: 'transpose',
        dims: [2, 4],
        type: 'float32',
      },
      {
        name: 'b.gamma',
        source: 'b.gamma',
        sourceShape: [3, 1, 1],
        transform: 'none',
        dims: [3],
        type: 'float16',
      },
    ]);
    const { initializer } = decode(graph);
    expect(initializer[1].dataLocation).toBe(1);
    expect(initializer[1].externalData.map(({ key, value }) => [key, value])).toEqual([
      ['location', 'data.weights'],
      ['offset', '4096'],
      ['length', '6'],
    ]);
    expect(() => graph.encode(new Map())).toThrow(/no placement for weight a\.weight/);
    const short = new Map(graph.parameters.map(({ name }) => [name, { file: 'f', offset: 0, length: 6 }]));
    expect(() => graph.encode(short)).toThrow(/a\.weight: 6 bytes placed, 32 needed/);
  });

  it('returns a snapshot that later calls do not change', () => {
    const g = new GraphBuilder('snapshot');
    const y = g.op('Neg', [g.input('x', 'float32', [1])]);
    g.output('y', y, [1]);
    const graph = g.toModelGraph();
    g.output('z', g.op('Neg', [y]), [1]);
    g.parameter('late', [1]);
    expect(decode(graph).node).toHaveLength(1);
    expect(graph.parameters).toEqual([]);
    expect(graph.outputs.map(({ name }) => name)).toEqual(['y']);
  });

  it('makes graphs that ONNX Runtime runs', async () => {
    const g = new GraphBuilder('run');
    const x = g.input('x', 'float32', ['n']);
    const [low, high] = g.ops('Split', [g.op('Mul', [x, g.scalar(2)])], 2, { axis: 0, num_outputs: 2 });
    g.output('low', low, ['half']);
    g.output('high', high, ['half']);
    const session = await createOrt().openBytes(g.toModelGraph().encode(new Map()));
    const { low: a, high: b } = await session.run({
      x: { type: 'float32', dims: [4], data: Float32Array.of(1, 2, 3, 4) },
    });
    await session.release();
    expect([...a.data, ...b.data]).toEqual([2, 4, 6, 8]);
  });
});

describe('branch', () => {
  const x = { type: 'float32', dims: [3], data: Float32Array.of(1, 2, 3) } as const;
  const bool = (value: boolean) => ({ type: 'bool', dims: [], data: Uint8Array.of(value ? 1 : 0) }) as const;

  it('writes subgraphs that read what is outside, under its final name', () => {
    const g = new GraphBuilder('branch');
    const condition = g.input('condition', 'bool', []);
    const doubled = g.op('Mul', [g.input('x', 'float32', [3]), g.scalar(2)]);
    const [sum] = g.scope('part', () =>
      g.branch(
        condition,
        () => [g.op('Add', [doubled, g.parameter('bias', [3])])],
        () => [doubled],
      ),
    );
    g.output('y', sum, [3]);
    g.output('doubled', doubled, [3]);
    const { node, initializer } = decode(g.toModelGraph());
    expect(node.map(({ opType, input, output }) => [opType, input, output])).toEqual([
      ['Mul', ['x', 'constant_0'], ['doubled']],
      ['If', ['condition'], ['y']],
    ]);
    expect(initializer.map(({ name }) => name)).toEqual(['constant_0', 'bias']);
    const [whenTrue, whenFalse] = node[1].attribute;
    expect([whenTrue.name, whenTrue.type, whenFalse.name]).toEqual(['then_branch', 5, 'else_branch']);
    expect(whenTrue.g!.node.map(({ name, input }) => [name, input])).toEqual([
      ['part/Add', ['doubled', 'bias']],
    ]);
    expect(whenFalse.g!.node.map(({ opType, input }) => [opType, input])).toEqual([
      ['Identity', ['doubled']],
    ]);
    expect(whenTrue.g!.output.map(({ name }) => name)).toEqual(['part/Add']);
    expect(whenTrue.g!.output[0].type?.value.value?.elemType).toBe(1);
    expect(whenTrue.g!.initializer).toEqual([]);
  });

  it('runs the branch that the condition names, nested too, and nothing of the other', async () => {
    const g = new GraphBuilder('run');
    const [outer, inner] = ['outer', 'inner'].map((name) => g.input(name, 'bool', []));
    const value = g.input('x', 'float32', [3]);
    const index = g.input('index', 'int64', []);
    const [picked, label] = g.branch(
      outer,
      () => [
        ...g.branch(
          inner,
          () => [g.op('Neg', [value])],
          () => [g.op('Mul', [value, g.scalar(10)])],
        ),
        g.ints([1, 2]),
      ],
      // An index out of bounds ends the run: only this branch may look at it.
      () => [g.op('Gather', [value, index], { axis: 0 }), g.ints([7])],
    );
    g.output('picked', picked, ['n']);
    g.output('label', label, ['m']);
    const session = await createOrt().openBytes(g.toModelGraph().encode(new Map()), { threads: 1 });
    const run = async (outerOn: boolean, innerOn: boolean, at: bigint): Promise<number[][]> => {
      const outputs = await session.run({
        outer: bool(outerOn),
        inner: bool(innerOn),
        x,
        index: { type: 'int64', dims: [], data: BigInt64Array.of(at) },
      });
      return [[...outputs.picked.data].map(Number), [...outputs.label.data].map(Number)];
    };
    expect(await run(true, true, 99n)).toEqual([
      [-1, -2, -3],
      [1, 2],
    ]);
    expect(await run(true, false, 99n)).toEqual([
      [10, 20, 30],
      [1, 2],
    ]);
    expect(await run(false, true, 2n)).toEqual([[3], [7]]);
    await expect(run(false, true, 99n)).rejects.toThrow(/out of/);
    await session.release();
  });

  it('refuses branches of different types', () => {
    const g = new GraphBuilder('types');
    const condition = g.input('condition', 'bool', []);
    const value = g.input('x', 'float32', [3]);
    expect(() =>
      g.branch(
        condition,
        () => [value],
        () => [g.castTo(value, 'float16')],
      ),
    ).toThrow(/If: one branch returns float32, the other float16/);
    g.output('y', g.op('Neg', [value]), [3]);
    expect(decode(g.toModelGraph()).node.map(({ opType }) => opType)).toEqual(['Neg']);
  });
});

describe('transformedShape', () => {
  it('follows each transform', () => {
    expect(transformedShape([3, 5], 'none')).toEqual([3, 5]);
    expect(transformedShape([3, 5], 'transpose')).toEqual([5, 3]);
    expect(transformedShape([7, 16, 1, 2, 2], 'patch')).toEqual([64, 7]);
    expect(() => transformedShape([3], 'transpose')).toThrow(/two axes/);
    expect(() => transformedShape([3, 5], 'patch')).toThrow(/five axes/);
  });
});
