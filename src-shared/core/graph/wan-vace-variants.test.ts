import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TensorMap, TensorValue } from '../../../src-main/engine/network/session.ts';
import { floatsOf, floatTensor } from '../../../src-main/engine/network/tensors.ts';
import {
  ditFeeds,
  goldenDit,
  goldenStream,
  readDitConfig,
  type DitStream,
} from '../../../src-main/host/testing/dit-feeds.ts';
import { openGraph, type OpenGraph } from '../../../src-main/host/testing/open-graph.ts';
import { openSafetensors } from '../../../src-main/models/safetensors.ts';
import { expectClose } from '../testing/index.ts';
import {
  buildWanVaceBroadcast,
  buildWanVaceCached,
  buildWanVaceDit,
  buildWanVaceDrift,
  buildWanVaceSelection,
  layoutParameters,
  type ModelGraph,
  type Precision,
  type WanVaceConfig,
} from './index.ts';

const { folder } = goldenDit;
const taps = [
  'temb',
  'timestepProj',
  'block0ModulatedInput',
  'block2Query',
  'block2Key',
  'block2Output',
  ...[0, 1, 2, 3].flatMap((k) => [`block${k}SelfAttention`, `block${k}CrossAttention`]),
];

let config: WanVaceConfig;
/** Two streams that differ in everything that may differ. */
let streams: DitStream[];
const opened: OpenGraph[] = [];
const precisions = ['fp32', 'fp16'] as const;
/**
 * Further outputs keep ONNX Runtime from fusing the same adds and norms: the last bit of float32, and of what is
 * rounded to float16 in between, may differ. Velocities reach ±5, where one unit of float16 is 4e-3.
 */
const velocityNoise: Readonly<Record<Precision, number>> = { fp32: 4e-6, fp16: 5e-3 };
/** By precision: the plain graph with taps. */
const plain = new Map<Precision, OpenGraph>();

async function open(graph: ModelGraph): Promise<OpenGraph> {
  const result = await openGraph(graph, `${folder}/transformer`);
  opened.push(result);
  return result;
}

beforeAll(async () => {
  const reference = await openSafetensors(`${folder}/case.safetensors`);
  config = await readDitConfig(`${folder}/transformer`);
  const stream = await goldenStream(reference, config);
  streams = [
    stream,
    {
      ...stream,
      tokens: stream.control.slice(0, stream.tokens.length),
      text: stream.text.map((value) => -value),
      timestep: 37,
    },
  ];
  await reference.close();
  for (const precision of precisions)
    plain.set(precision, await open(buildWanVaceDit(config, { precision, taps })));
});
afterAll(async () => {
  for (const graph of opened) await graph.close();
});

async function run(graph: OpenGraph, feeds: TensorMap): Promise<Record<string, Float32Array>> {
  const outputs = await graph.session.run(feeds);
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, floatsOf(value)]));
}

const runPlain = (precision: Precision, batch: readonly DitStream[]): Promise<Record<string, Float32Array>> =>
  run(plain.get(precision)!, ditFeeds(config, precision, batch));

describe('the variants', () => {
  it('read the weights of the plain graph, in the same form and place', () => {
    for (const precision of precisions) {
      const [first, ...others] = [
        buildWanVaceDit,
        buildWanVaceSelection,
        buildWanVaceBroadcast,
        buildWanVaceDrift,
        ...(['float', 'int8'] as const).map(
          (form): typeof buildWanVaceDit =>
            (size, options) =>
              buildWanVaceCached(size, { ...options, form }),
        ),
      ].map((build) => build(config, { precision }));
      const alone = layoutParameters([first], 'f');
      expect(layoutParameters([first, ...others], 'f')).toEqual(alone);
      expect(others[0].parameters).toEqual(first.parameters);
      expect(others[1].parameters).toEqual(first.parameters);
      for (const cached of others.slice(3)) expect(cached.parameters).toEqual(first.parameters);
      expect(others.map(({ name }) => name)).toEqual([
        'transformer-selection',
        'transformer-broadcast',
        'transformer-drift',
        'transformer-cached',
        'transformer-cached-int8',
      ]);
    }
  });
});

describe('buildWanVaceDrift', () => {
  it.each(precisions)(
    'returns what the whole network starts from, for any tokens, in %s',
    async (precision) => {
      const drift = buildWanVaceDrift(config, { precision });
      const graph = await open(drift);
      expect(drift.parameters.map(({ name }) => name)).toEqual([
        ...['linear_1', 'linear_2'].flatMap((layer) =>
          ['weight', 'bias'].map((kind) => `condition_embedder.time_embedder.${layer}.${kind}`),
        ),
        'condition_embedder.time_proj.weight',
        'condition_embedder.time_proj.bias',
        'patch_embedding.weight',
        'patch_embedding.bias',
        'blocks.0.scale_shift_table',
      ]);
      const type = precision === 'fp16' ? 'float16' : 'float32';
      for (const stream of streams) {
        const expected = await runPlain(precision, [stream]);
        const timestep = floatTensor(Float32Array.of(stream.timestep), [1], 'float32');
        const width = expected.temb.length;
        const chosen = [41, 0, 7, 59];
        const all = Array.from({ length: stream.rope.tokens }, (_, i) => i);
        for (const rows of [all, chosen]) {
          const gather = (data: Float32Array, columns: number): Float32Array =>
            Float32Array.from(rows.flatMap((row) => [...data.subarray(row * columns, (row + 1) * columns)]));
          const actual = await run(graph, {
            tokens: floatTensor(gather(stream.tokens, 64), [1, rows.length, 64], type),
            timestep,
          });
          // The same float32 operations: only the blocking of products over other numbers of rows may differ. In
          // float16 that can move a patch token by one unit of its last place, 2⁻¹¹ of itself.
          expectClose(actual.temb, expected.temb, { atol: 1e-6 });
          expectClose(actual.timestepProj, expected.timestepProj, { atol: 1e-6 });
          expectClose(actual.modulatedInput, gather(expected.block0ModulatedInput, width), {
            atol: precision === 'fp16' ? 2e-3 : 2e-6,
          });
        }
      }
    },
  );
});

describe('buildWanVaceSelection', () => {
  /** Σ over heads and queries of softmax over all keys, in float64; rows [n, heads·d] of one stream. */
  function attentionReceived(query: Float32Array, key: Float32Array, queries: readonly number[]): number[] {
    const { heads, headDim } = config;
    const width = heads * headDim;
    const n = key.length / width;
    const received = new Array<number>(n).fill(0);
    for (const q of queries) {
      for (let head = 0; head < heads; head++) {
        const scores = received.map((_, i) => {
          let product = 0;
          for (let c = head * headDim; c < (head + 1) * headDim; c++)
            product += query[q * width + c] * key[i * width + c];
          return Math.exp(product / Math.sqrt(headDim));
        });
        const total = scores.reduce((sum, score) => sum + score, 0);
        scores.forEach((score, i) => (received[i] += score / total));
      }
    }
    return received;
  }
  const int64 = (values: readonly number[]): TensorValue => ({
    type: 'int64',
    dims: [values.length],
    data: BigInt64Array.from(values, BigInt),
  });

  it.each(precisions)('returns importance and features of the first stream in %s', async (precision) => {
    const graph = await open(buildWanVaceSelection(config, { precision }));
    const featuresOf = new Map<DitStream, Float32Array>();
    for (const batch of [streams, [...streams].reverse(), [streams[0]], [streams[1]]]) {
      const expected = await runPlain(precision, batch);
      const n = streams[0].rope.tokens;
      const width = config.heads * config.headDim;
      for (const queries of [[3, 59, 17, 3], [0], []]) {
        const feeds = { ...ditFeeds(config, precision, batch), queries: int64(queries) };
        const actual = await run(graph, feeds);
        expectClose(actual.velocity, expected.velocity, { atol: velocityNoise[precision] });
        const received = attentionReceived(
          expected.block2Query.subarray(0, n * width),
          expected.block2Key.subarray(0, n * width),
          queries,
        );
        // Each of the up to 4·heads terms is about 1/60; the wrong stream, block or scale is off by more than 1e-3.
        expectClose(actual.importance, received, { atol: 1e-6 });
        const sum = actual.importance.reduce((total, value) => total + value, 0);
        expect(sum).toBeCloseTo(config.heads * queries.length, 4);
        expect(actual.features).toHaveLength(n * 64);
        const [first] = batch;
        const known = featuresOf.get(first) ?? actual.features;
        featuresOf.set(first, known);
        expectClose(actual.features, known, { atol: velocityNoise[precision] });
      }
    }
  });

  it('projects with ±1/8, as often the one as the other', async () => {
    const graph = await open(buildWanVaceSelection(config, { precision: 'fp32' }));
    const width = config.heads * config.headDim;
    const rows: number[] = [];
    const features: number[] = [];
    for (const stream of streams) {
      const feeds = { ...ditFeeds(config, 'fp32', [stream]), queries: int64([]) };
      features.push(...(await run(graph, feeds)).features);
      rows.push(...(await runPlain('fp32', [stream])).block2Output);
    }
    // features = rows · P with more rows than P has: P by least squares.
    const n = rows.length / width;
    expect(n).toBeGreaterThan(width);
    const signs = leastSquares(rows, features, n, width, 64);
    expectClose(
      signs.map((value) => Math.abs(value)),
      new Array<number>(width * 64).fill(1 / 8),
      { atol: 1e-3 },
    );
    const positive = signs.filter((value) => value > 0).length;
    // A fair coin's standard deviation is ½·√(width·64).
    expect(Math.abs(positive - width * 32)).toBeLessThan(2 * Math.sqrt(width * 64));
  });
});

describe('buildWanVaceCached', () => {
  const int64 = (values: readonly number[]): TensorValue => ({
    type: 'int64',
    dims: [values.length],
    data: BigInt64Array.from(values, BigInt),
  });

  it.each([
    ['fp32', 'float', 1e-4],
    ['fp16', 'float', 2e-2],
    ['fp32', 'int8', 2e-2],
    ['fp16', 'int8', 3e-2],
  ] as const)(
    'in %s, kept as %s: a partial call on what the same call kept equals it',
    async (precision, form, atol) => {
      const graph = await open(buildWanVaceCached(config, { precision, form }));
      const width = config.heads * config.headDim;
      const [stream] = streams;
      const all = Array.from({ length: stream.rope.tokens }, (_, i) => i);
      const computed = all.filter((i) => i % 5 === 2);
      const rest = all.filter((i) => i % 5 !== 2);
      const blocks = [...Array(config.layers + config.vaceLayers.length).keys()];
      const type = precision === 'fp16' ? 'float16' : 'float32';
      const nothing = (columns: number): TensorValue =>
        columns === width && form === 'int8'
          ? { type: 'int8', dims: [1, 0, width], data: new Int8Array(0) }
          : floatTensor(new Float32Array(0), [1, 0, columns], columns === 1 ? 'float32' : type);
      const inputs = (of: (output: string, columns: number) => TensorValue): TensorMap =>
        Object.fromEntries(
          blocks.flatMap((block) =>
            ['last', 'before'].flatMap((which) => [
              [`${which}${block}`, of(`kept${block}`, width)],
              ...(form === 'int8' ? [[`${which}Scales${block}`, of(`scales${block}`, 1)]] : []),
            ]),
          ),
        ) as TensorMap;
      const common = { queries: int64([]), reach: floatTensor(new Float32Array(1), [], 'float32') };
      const full = await graph.session.run({
        ...ditFeeds(config, precision, [stream]),
        ...common,
        ...inputs((_, columns) => nothing(columns)),
        keep: int64(rest),
        rows: int64([]),
      });
      const expected = await runPlain(precision, [stream]);
      expectClose(floatsOf(full.velocity), expected.velocity, { atol: velocityNoise[precision] });
      const gather = (data: Float32Array, columns: number, rows: readonly number[]): Float32Array =>
        Float32Array.from(rows.flatMap((row) => [...data.subarray(row * columns, (row + 1) * columns)]));
      const { cos, sin, columns } = stream.rope;
      const places = [...computed, ...rest];
      const rope = {
        tokens: places.length,
        columns,
        cos: gather(cos, columns, places),
        sin: gather(sin, columns, places),
      };
      const part = {
        ...stream,
        tokens: gather(stream.tokens, 64, computed),
        control: gather(stream.control, 384, computed),
        rope,
      };
      const partial = await graph.session.run({
        ...ditFeeds(config, precision, [part]),
        ...common,
        ...inputs((output) => full[output]),
        keep: int64([]),
        rows: int64(rest.map((_, i) => i)),
      });
      expectClose(floatsOf(partial.velocity), gather(expected.velocity, 64, computed), { atol });
    },
  );
});

describe('buildWanVaceBroadcast', () => {
  const flag = (value: boolean): TensorValue => ({
    type: 'bool',
    dims: [],
    data: Uint8Array.of(value ? 1 : 0),
  });
  const blocks = (): number => config.layers + config.vaceLayers.length;
  const width = (): number => config.heads * config.headDim;
  /** `Before` of a kind that is computed: no tokens, or some NaNs that must reach nothing. */
  const untouched = (precision: Precision, batch: number, tokens: number): TensorValue =>
    floatTensor(
      new Float32Array(blocks() * batch * tokens * width()).fill(NaN),
      [blocks(), batch, tokens, width()],
      precision === 'fp16' ? 'float16' : 'float32',
    );

  /** Root mean square of the difference. */
  const away = (a: TensorValue, b: TensorValue): number => {
    const [x, y] = [floatsOf(a), floatsOf(b)];
    return Math.sqrt(x.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0) / x.length);
  };
  const expectSame = (actual: TensorValue, expected: TensorValue): void => {
    expect(actual.dims).toEqual(expected.dims);
    expectClose(floatsOf(actual), floatsOf(expected), { atol: 0 });
  };

  it.each(precisions)('computes what the plain graph does in %s', async (precision) => {
    const graph = await open(buildWanVaceBroadcast(config, { precision }));
    const expected = await runPlain(precision, streams);
    for (const tokens of [0, 3]) {
      const actual = await run(graph, {
        ...ditFeeds(config, precision, streams),
        computeSelf: flag(true),
        computeCross: flag(true),
        selfBefore: untouched(precision, 2, tokens),
        crossBefore: untouched(precision, 2, tokens),
      });
      expectClose(actual.velocity, expected.velocity, { atol: velocityNoise[precision] });
      const size = actual.selfAfter.length / blocks();
      for (let k = 0; k < config.layers; k++) {
        const part = (data: Float32Array): Float32Array => data.subarray(k * size, (k + 1) * size);
        // Handed over in float16, which the plain graph on the CPU keeps in float32 here: values reach ±4.
        const atol = precision === 'fp16' ? 2e-3 : 1e-6;
        expectClose(part(actual.selfAfter), expected[`block${k}SelfAttention`], { atol });
        expectClose(part(actual.crossAfter), expected[`block${k}CrossAttention`], { atol });
      }
    }
  });

  it.each(precisions)('takes either kind from before, and passes it on, in %s', async (precision) => {
    const graph = await open(buildWanVaceBroadcast(config, { precision }));
    const call = (
      batch: readonly DitStream[],
      before: { readonly self?: TensorValue; readonly cross?: TensorValue },
    ): Promise<TensorMap> =>
      graph.session.run({
        ...ditFeeds(config, precision, batch),
        computeSelf: flag(before.self === undefined),
        computeCross: flag(before.cross === undefined),
        selfBefore: before.self ?? untouched(precision, batch.length, 0),
        crossBefore: before.cross ?? untouched(precision, batch.length, 0),
      });
    const full = await call(streams, {});
    const kept = { self: full.selfAfter, cross: full.crossAfter };
    // Its own modules' outputs put back give the same call, bit for bit.
    for (const before of [{ self: kept.self }, { cross: kept.cross }, kept]) {
      const again = await call(streams, before);
      for (const name of ['velocity', 'selfAfter', 'crossAfter']) expectSame(again[name], full[name]);
    }
    // In another call they are what is used: the velocity is between that call's own and the earlier one.
    const later = streams.map((stream) => ({ ...stream, timestep: stream.timestep + 9 }));
    const fresh = await call(later, {});
    const reused = await call(later, { self: kept.self });
    expectSame(reused.selfAfter, kept.self);
    expect(away(reused.crossAfter, kept.cross)).toBeGreaterThan(1e-4);
    expect(away(reused.velocity, fresh.velocity)).toBeGreaterThan(1e-4);
    expect(away(reused.velocity, fresh.velocity)).toBeLessThan(away(full.velocity, fresh.velocity));
  });

  it('reads each block’s own row: zeros leave that module out', async () => {
    const graph = await open(buildWanVaceBroadcast(config, { precision: 'fp32' }));
    const [stream] = streams;
    const n = stream.rope.tokens;
    const size = n * width();
    const { block2SelfAttention } = await runPlain('fp32', [stream]);
    const feeds = (self: Float32Array): TensorMap => ({
      ...ditFeeds(config, 'fp32', [stream]),
      computeSelf: flag(false),
      computeCross: flag(true),
      selfBefore: floatTensor(self, [blocks(), 1, n, width()], 'float32'),
      crossBefore: untouched('fp32', 1, 0),
    });
    const zeros = await run(graph, feeds(new Float32Array(blocks() * size)));
    const onlyThird = new Float32Array(blocks() * size);
    onlyThird.set(block2SelfAttention, 2 * size);
    const third = await run(graph, feeds(onlyThird));
    const cross = (outputs: Record<string, Float32Array>, block: number): Float32Array =>
      outputs.crossAfter.subarray(block * size, (block + 1) * size);
    // Blocks before the third and the VACE blocks, which run first, do not notice; it and the one after it do.
    for (const block of [0, 1, config.layers, config.layers + 1])
      expectClose(cross(third, block), cross(zeros, block), { atol: 0 });
    for (const block of [2, 3]) expect(cross(third, block)).not.toEqual(cross(zeros, block));
  });
});

/** X with A·X ≈ B by the normal equations and Gauss–Jordan; A [n, m], B [n, k]; returns [m, k] row by row. */
function leastSquares(a: readonly number[], b: readonly number[], n: number, m: number, k: number): number[] {
  const rows = Array.from({ length: m }, (_, i) =>
    Array.from({ length: m + k }, (_, j) => {
      let sum = 0;
      for (let t = 0; t < n; t++) sum += a[t * m + i] * (j < m ? a[t * m + j] : b[t * k + j - m]);
      return sum;
    }),
  );
  for (let i = 0; i < m; i++) {
    const pivot = rows[i][i];
    for (let j = 0; j < m + k; j++) rows[i][j] /= pivot;
    for (let r = 0; r < m; r++) {
      const factor = rows[r][i];
      if (r !== i && factor !== 0) for (let j = i; j < m + k; j++) rows[r][j] -= factor * rows[i][j];
    }
  }
  return rows.flatMap((row) => row.slice(m));
}
