import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keptContextBytes } from '../../../src-shared/core/estimate/index.ts';
import { wanVaceSpec } from '../../../src-shared/core/families/index.ts';
import { ditFlops } from '../../../src-shared/core/flops/index.ts';
import {
  buildWanVaceBroadcast,
  buildWanVaceCached,
  buildWanVaceDit,
  buildWanVaceSelection,
  ropeRows,
  type WanVaceConfig,
} from '../../../src-shared/core/graph/index.ts';
import { expectClose } from '../../../src-shared/core/testing/index.ts';
import { gatherRows } from '../../../src-shared/core/tokens/index.ts';
import {
  ditFeeds,
  goldenDit,
  goldenStream,
  readDitConfig,
  type DitStream,
} from '../../host/testing/dit-feeds.ts';
import { openGraph, type OpenGraph } from '../../host/testing/open-graph.ts';
import { openSafetensors } from '../../models/safetensors.ts';
import { createDenoiser, type Conditions, type Denoiser } from './denoiser.ts';
import type { TransformerGraph } from './model-folder.ts';
import type { Session, TensorMap, TensorValue } from './session.ts';
import { floatsOf } from './tensors.ts';

/**
 * float32 sums in another order: other numbers of rows or of streams block the products otherwise. Velocities reach ±5;
 * a token at another place of the rotary tables moves them by 0.1 and more.
 */
const noise = 1e-5;
const width = 64;
const controlWidth = 384;
/** Neither the first tokens nor evenly spread, over all three frames of 20. */
const some = Int32Array.of(3, 7, 8, 21, 22, 30, 38, 39, 40, 55, 59);

let config: WanVaceConfig;
/** As the denoiser sees them: one sample, control and timestep, two texts. */
let streams: DitStream[];
const graphs = new Map<TransformerGraph, OpenGraph>();
/** Graphs that were asked for, and the number of tokens and streams of each call. */
let asked: TransformerGraph[];
let batches: (readonly number[])[];
/** What the last call was given. */
let fed: TensorMap;

beforeAll(async () => {
  const weights = `${goldenDit.folder}/transformer`;
  config = await readDitConfig(weights);
  const reference = await openSafetensors(`${goldenDit.folder}/case.safetensors`);
  const stream = await goldenStream(reference, config);
  await reference.close();
  streams = [stream, { ...stream, text: stream.text.map((value) => -value) }];
  const precision = 'fp32';
  graphs.set('plain', await openGraph(buildWanVaceDit(config, { precision }), weights));
  graphs.set('selection', await openGraph(buildWanVaceSelection(config, { precision }), weights));
  graphs.set('cached', await openGraph(buildWanVaceCached(config, { precision, form: 'float' }), weights));
  graphs.set('cachedInt8', await openGraph(buildWanVaceCached(config, { precision, form: 'int8' }), weights));
  graphs.set('broadcast', await openGraph(buildWanVaceBroadcast(config, { precision }), weights));
});
afterAll(async () => {
  for (const graph of graphs.values()) await graph.close();
});

function denoiser(
  needs: Parameters<typeof createDenoiser>[2],
  streamCount = 2,
  streamsPerCall = streamCount,
): Denoiser {
  asked = [];
  batches = [];
  const [{ control, rope, text, controlScale }] = streams;
  const conditions: Conditions = {
    control,
    rope,
    texts: streams.slice(0, streamCount).map((stream) => stream.text),
    textTokens: text.length / config.textDim,
    controlScale: Float32Array.from(controlScale),
  };
  const session = async (graph: TransformerGraph): Promise<Session> => {
    asked.push(graph);
    const inner = graphs.get(graph)!.session;
    return {
      inputNames: inner.inputNames,
      outputNames: inner.outputNames,
      run(feeds, fetches) {
        batches.push(feeds['tokens'].dims);
        fed = feeds;
        return inner.run(feeds, fetches);
      },
      release: () => inner.release(),
    };
  };
  return createDenoiser(
    {
      sessions: { session, release: async () => undefined },
      spec: wanVaceSpec(config),
      type: 'float32',
      streamsPerCall,
      keptForms: ['float', 'int8'],
    },
    conditions,
    needs,
  );
}

/** The plain graph on one stream, fed by hand. */
async function byHand(stream: DitStream): Promise<Float32Array> {
  const { session } = graphs.get('plain')!;
  return floatsOf((await session.run(ditFeeds(config, 'fp32', [stream])))['velocity']);
}

/** The stream as it would be if the clip had only these tokens, each with its own place. */
function gathered(stream: DitStream, tokens: Int32Array): DitStream {
  return {
    ...stream,
    tokens: gatherRows(stream.tokens, width, tokens),
    control: gatherRows(stream.control, controlWidth, tokens),
    rope: ropeRows(stream.rope, tokens),
  };
}

const call = () => ({ sample: streams[0].tokens, timestep: streams[0].timestep });
const largest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe('a full call', () => {
  it('is the graph on every stream, in their order', async () => {
    const { velocities, importance, features } = await denoiser({}).run(call());
    expect(velocities).toHaveLength(2);
    for (const [i, velocity] of velocities.entries()) {
      expectClose(velocity, await byHand(streams[i]), { atol: noise });
    }
    expect(largest(velocities[0], velocities[1])).toBeGreaterThan(0.1);
    expect([importance, features]).toEqual([undefined, undefined]);
    expect(asked).toEqual(['plain']);
    expect(batches).toEqual([[2, 60, width]]);
  });

  it('follows the sample and the timestep of each call', async () => {
    const used = denoiser({}, 1);
    await used.run(call());
    const sample = streams[0].tokens.map((value) => 0.5 - value);
    const { velocities } = await used.run({ sample, timestep: 12 });
    const expected = await byHand({ ...streams[0], tokens: sample, timestep: 12 });
    expectClose(velocities[0], expected, { atol: noise });
  });
});

describe('a call on part of the tokens', () => {
  it('on all of them equals the full call', async () => {
    const used = denoiser({});
    const full = await used.run(call());
    const all = Int32Array.from({ length: 60 }, (_, i) => i);
    const partial = await used.run({ ...call(), part: { tokens: all } });
    expect(partial.velocities).toEqual(full.velocities);
  });

  it('is the same graph on the gathered rows, each with its own place in the rotary tables', async () => {
    const used = denoiser({});
    const { velocities } = await used.run({ ...call(), part: { tokens: some } });
    expect(batches).toEqual([[2, some.length, width]]);
    for (const [i, velocity] of velocities.entries()) {
      expectClose(velocity, await byHand(gathered(streams[i], some)), { atol: noise });
    }
    // What it must not be: the tokens moved to the first places, or rows of the full call.
    const first = Int32Array.from(some, (_, i) => i);
    const moved = { ...gathered(streams[0], some), rope: ropeRows(streams[0].rope, first) };
    expect(largest(velocities[0], await byHand(moved))).toBeGreaterThan(100 * noise);
    const rows = gatherRows(await byHand(streams[0]), width, some);
    expect(largest(velocities[0], rows)).toBeGreaterThan(100 * noise);
  });

  it('leaves nothing behind: other tokens, other streams and the whole are what they are alone', async () => {
    const used = denoiser({});
    const other = Int32Array.of(0, 1, 2, 58, 59);
    const calls = [
      { ...call(), part: { tokens: some } },
      { ...call(), part: { tokens: other } },
      { ...call(), part: { tokens: other }, conditionalOnly: true },
      call(),
      { ...call(), part: { tokens: some } },
    ];
    for (const one of calls) {
      expect((await used.run(one)).velocities).toEqual((await denoiser({}).run(one)).velocities);
    }
  });
});

describe('conditionalOnly', () => {
  it.each(['full', 'partial'])('runs the first stream alone and equals it, %s', async (kind) => {
    const part = kind === 'partial' ? { part: { tokens: some } } : {};
    const used = denoiser({});
    const both = await used.run({ ...call(), ...part });
    const alone = await used.run({ ...call(), ...part, conditionalOnly: true });
    expect(alone.velocities).toHaveLength(1);
    expectClose(alone.velocities[0], both.velocities[0], { atol: noise });
    const tokens = kind === 'partial' ? some.length : 60;
    expect(batches).toEqual([
      [2, tokens, width],
      [1, tokens, width],
    ]);
  });
});

describe('the selection', () => {
  const queries = Int32Array.of(5, 6, 25);

  it('comes with the calls that sample queries, from the selection graph, of the first stream', async () => {
    const used = denoiser({ selection: { queries: 3 } });
    const { velocities, importance, features } = await used.run({ ...call(), queries });
    expect(asked).toEqual(['selection']);
    for (const [i, velocity] of velocities.entries()) {
      expectClose(velocity, await byHand(streams[i]), { atol: noise });
    }
    expect(importance).toHaveLength(60);
    expect(features).toHaveLength(60 * 64);
    // Each head's attention of a query sums to 1 over all keys.
    const sum = importance!.reduce((total, value) => total + value, 0);
    expectClose([sum], [config.heads * queries.length], { atol: 1e-4 });
    const alone = await used.run({ ...call(), queries, conditionalOnly: true });
    expectClose(importance!, alone.importance!, { atol: noise });
    expectClose(features!, alone.features!, { atol: noise });
  });

  it('is left out of the others, which take the same graph', async () => {
    const used = denoiser({ selection: { queries: 3 } });
    const partial = await used.run({ ...call(), part: { tokens: some } });
    expect(Object.keys(partial)).toEqual(['velocities']);
    expect(asked).toEqual(['selection']);
    const plain = await denoiser({}).run({ ...call(), part: { tokens: some } });
    for (const stream of [0, 1]) {
      expectClose(partial.velocities[stream], plain.velocities[stream], { atol: noise });
    }
  });

  it('of no queries returns features, and no importance to any token', async () => {
    const used = denoiser({ selection: { queries: 0 } });
    const none = await used.run({ ...call(), queries: new Int32Array(0) });
    expect(none.importance).toEqual(new Float32Array(60));
    const some3 = await used.run({ ...call(), queries });
    expectClose(none.features!, some3.features!, { atol: noise });
  });
});

describe('a partial call that looks at the kept context', () => {
  const rest = Int32Array.from({ length: 60 }, (_, i) => i).filter((token) => !some.includes(token));
  const needs = (form: 'float' | 'int8') => ({ cached: { form, keep: 0 } });
  const later = () => ({ sample: streams[0].tokens.map((value) => 0.9 * value), timestep: 12 });
  const partial = (of: { sample: Float32Array; timestep: number }, reach: number, tokens = rest) => ({
    ...of,
    part: { tokens: some, cached: { tokens, reach } },
  });
  const rowsOf = (velocities: readonly Float32Array[]): Float32Array[] =>
    velocities.map((velocity) => gatherRows(velocity, width, some));

  it.each([2, 1])(
    'equals the full call where that has just kept it, %i streams in a call',
    async (perCall) => {
      const used = denoiser(needs('float'), 2, perCall);
      const full = await used.run({ ...call(), keep: rest });
      for (const [i, velocity] of full.velocities.entries()) {
        expectClose(velocity, await byHand(streams[i]), { atol: noise });
      }
      const { velocities } = await used.run(partial(call(), 0));
      expect(velocities.map(({ length }) => length)).toEqual([some.length * width, some.length * width]);
      for (const [i, rows] of rowsOf(full.velocities).entries()) {
        expectClose(velocities[i], rows, { atol: 1e-4 });
      }
      // Without what was kept it is another one.
      const dropped = await denoiser({}).run({ ...call(), part: { tokens: some } });
      expect(largest(velocities[0], dropped.velocities[0])).toBeGreaterThan(1e-2);
    },
  );

  it('is as close in eight bits as those are', async () => {
    const used = denoiser(needs('int8'));
    const full = await used.run({ ...call(), keep: rest });
    const { velocities } = await used.run(partial(call(), 0));
    expect(asked[0]).toBe('cachedInt8');
    const away = largest(velocities[0], rowsOf(full.velocities)[0]);
    // Each number is off by up to 1/254 of the largest of its token.
    expect(away).toBeGreaterThan(1e-5);
    expect(away).toBeLessThan(2e-2);
  });

  it('takes the mean of the last two full calls half way back, each token its own', async () => {
    const used = denoiser(needs('float'), 1);
    await used.run({ ...call(), keep: rest });
    await used.run({ ...later(), keep: rest });
    const half = await used.run(partial(later(), -0.5));
    const [last, before] = ['last0', 'before0'].map((name) => floatsOf(fed[name]));
    expect(largest(last, before)).toBeGreaterThan(0.01);
    // Put together by hand: what was kept of both calls, half and half.
    const { session } = graphs.get('cached')!;
    const mixed = Object.fromEntries(
      Object.entries(fed).map(([name, value]) => {
        const block = /^(?:last|before)(\d+)$/.exec(name)?.[1];
        if (block === undefined) return [name, value];
        const [a, b] = [floatsOf(fed[`last${block}`]), floatsOf(fed[`before${block}`])];
        const data = a.map((number, i) => (number + b[i]) / 2);
        return [name, { type: 'float32' as const, dims: value.dims, data }];
      }),
    );
    const expected = floatsOf((await session.run(mixed))['velocity']);
    expectClose(half.velocities[0], expected, { atol: noise });
    const stale = await used.run(partial(later(), 0));
    expect(largest(stale.velocities[0], half.velocities[0])).toBeGreaterThan(1e-3);
  });

  it('looks at those of the kept tokens that it is told, and forgets what is older than two full calls', async () => {
    const few = rest.filter((_, i) => i % 3 === 0);
    const used = denoiser(needs('float'), 1);
    for (const of of [call(), later(), call()]) await used.run({ ...of, keep: rest });
    const [chosen] = (await used.run(partial(call(), 0.25, few))).velocities;
    const fresh = denoiser(needs('float'), 1);
    for (const of of [later(), call()]) await fresh.run({ ...of, keep: few });
    expectClose(chosen, (await fresh.run(partial(call(), 0.25, few))).velocities[0], { atol: noise });
    const [all] = (await used.run(partial(call(), 0.25))).velocities;
    expect(largest(chosen, all)).toBeGreaterThan(1e-3);
  });

  it('keeps as many bytes as are planned', async () => {
    for (const form of ['float', 'int8'] as const) {
      const used = denoiser(needs(form));
      await used.run({ ...call(), keep: rest });
      await used.run({ ...later(), keep: rest });
      await used.run(partial(later(), 0.5));
      const bytes = Object.entries(fed)
        .filter(([name]) => /^(?:last|before)/.test(name))
        .reduce((sum, [, { data }]) => sum + data.byteLength, 0);
      const planned = { context: rest.length, streams: 2 };
      expect(bytes).toBe(keptContextBytes(wanVaceSpec(config), planned, form, 'float32'));
    }
  });

  it('is refused before anything was kept, of tokens that were not, and of one stream alone', async () => {
    const used = denoiser(needs('float'));
    await expect(used.run(partial(call(), 0))).rejects.toThrow(/before any were kept/);
    await used.run({ ...call(), keep: rest.slice(1) });
    await expect(used.run(partial(call(), 0))).rejects.toThrow(/token 0 was not kept/);
    await expect(used.run({ ...call(), keep: rest, conditionalOnly: true })).rejects.toThrow(/all streams/);
  });
});

describe('the choice of attention modules', () => {
  const part = (selfAttention: boolean, crossAttention: boolean) => ({
    part: { modules: { selfAttention, crossAttention } },
  });
  const first = call;
  const second = () => ({ sample: streams[0].control.slice(0, 60 * width), timestep: 37 });
  const third = () => ({ sample: streams[0].tokens.map((value) => -value), timestep: 400 });

  it('with everything computed is the plain graph', async () => {
    const used = denoiser({ modules: true });
    const [whole, same] = [await used.run(first()), await used.run({ ...first(), ...part(true, true) })];
    expect(same.velocities).toEqual(whole.velocities);
    for (const stream of [0, 1]) {
      expectClose(whole.velocities[stream], await byHand(streams[stream]), { atol: noise });
    }
    expect(asked).toEqual(['broadcast', 'broadcast']);
  });

  it('passes on what the modules gave last, in both streams', async () => {
    // By hand on the graph itself: self-attention of the first call, cross-attention of the second.
    const { session } = graphs.get('broadcast')!;
    const { dims } = (await runBroadcast(session, first(), undefined)).selfAfter;
    expect(dims).toEqual([config.layers + config.vaceLayers.length, 2, 60, config.heads * config.headDim]);
    const one = await runBroadcast(session, first(), undefined);
    const two = await runBroadcast(session, second(), { self: one.selfAfter });
    const three = await runBroadcast(session, third(), { self: two.selfAfter, cross: two.crossAfter });

    const used = denoiser({ modules: true });
    await used.run(first());
    const actualTwo = await used.run({ ...second(), ...part(false, true) });
    const actualThree = await used.run({ ...third(), ...part(false, false) });
    expect(stacked(actualTwo.velocities)).toEqual(floatsOf(two.velocity));
    expect(stacked(actualThree.velocities)).toEqual(floatsOf(three.velocity));

    // Cross-attention of the second call was computed, so it is not that of the first.
    const wrong = await runBroadcast(session, third(), { self: one.selfAfter, cross: one.crossAfter });
    expect(largest(floatsOf(three.velocity), floatsOf(wrong.velocity))).toBeGreaterThan(100 * noise);
    // Nor was everything computed again.
    const anew = await denoiser({ modules: true }).run(third());
    expect(largest(actualThree.velocities[0], anew.velocities[0])).toBeGreaterThan(100 * noise);
  });

  it('refuses to reuse what no call has given', async () => {
    const used = denoiser({ modules: true });
    await expect(used.run({ ...first(), ...part(true, false) })).rejects.toThrow(/before any was computed/);
  });

  const stacked = ([cond, uncond]: readonly Float32Array[]): Float32Array =>
    Float32Array.from([...cond, ...uncond]);

  type Outputs = Record<'velocity' | 'selfAfter' | 'crossAfter', TensorValue>;

  async function runBroadcast(
    session: Session,
    { sample, timestep }: { readonly sample: Float32Array; readonly timestep: number },
    before: { readonly self?: Outputs['selfAfter']; readonly cross?: Outputs['crossAfter'] } | undefined,
  ): Promise<Outputs> {
    const blocks = config.layers + config.vaceLayers.length;
    const none = {
      type: 'float32' as const,
      dims: [blocks, 2, 0, config.heads * config.headDim],
      data: new Float32Array(0),
    };
    const flag = (value: boolean) => ({
      type: 'bool' as const,
      dims: [],
      data: Uint8Array.of(value ? 1 : 0),
    });
    const batch = streams.map((stream) => ({ ...stream, tokens: sample, timestep }));
    const outputs = await session.run({
      ...ditFeeds(config, 'fp32', batch),
      computeSelf: flag(before?.self === undefined),
      computeCross: flag(before?.cross === undefined),
      selfBefore: before?.self ?? none,
      crossBefore: before?.cross ?? none,
    });
    return outputs as unknown as Outputs;
  }
});

describe('flops', () => {
  it('are those of what the call runs', () => {
    const used = denoiser({ selection: { queries: 3 } });
    const textTokens = streams[0].text.length / config.textDim;
    const of = (shape: Partial<Parameters<typeof ditFlops>[1]>) =>
      ditFlops(config, { tokens: 60, textTokens, batch: 2, ...shape });
    expect(used.flops(call())).toBe(of({}));
    expect(used.flops({ ...call(), queries: some })).toBe(of({ queries: some.length }));
    expect(used.flops({ ...call(), part: { tokens: some } })).toBe(of({ tokens: some.length }));
    const part = { tokens: some, cached: { tokens: Int32Array.of(0, 1, 2), reach: 0 } };
    expect(used.flops({ ...call(), part })).toBe(of({ tokens: some.length, cached: 3 }));
    expect(used.flops({ ...call(), part: { tokens: some }, conditionalOnly: true })).toBe(
      of({ tokens: some.length, batch: 1 }),
    );
    const modules = { selfAttention: false, crossAttention: true };
    expect(used.flops({ ...call(), part: { modules } })).toBe(of({ modules }));
    expect(of({ modules })).toBeLessThan(of({}));
  });
});

describe('streams one after the other', () => {
  it.each(['plain', 'selection', 'broadcast'] as const)('give what the batch gives: %s', async (graph) => {
    const needs = {
      plain: {},
      selection: { selection: { queries: 4 } },
      broadcast: { modules: true },
    }[graph];
    const queries = Int32Array.of(1, 9, 17, 40);
    const full = graph === 'selection' ? { ...call(), queries } : call();
    const part = {
      ...call(),
      part:
        graph === 'broadcast'
          ? { modules: { selfAttention: false, crossAttention: true } }
          : { tokens: some },
    };
    const batched = denoiser(needs);
    const expected = [await batched.run(full), await batched.run(part)];
    const flops = [batched.flops(full), batched.flops(part)];
    const apart = denoiser(needs, 2, 1);
    const found = [await apart.run(full), await apart.run(part)];
    expect(batches.map(([streams]) => streams)).toEqual([1, 1, 1, 1]);
    found.forEach(({ velocities, importance, features }, i) => {
      expect(velocities).toHaveLength(2);
      velocities.forEach((velocity, stream) =>
        expect(largest(velocity, expected[i].velocities[stream])).toBeLessThan(noise),
      );
      for (const [one, other] of [
        [importance, expected[i].importance],
        [features, expected[i].features],
      ]) {
        expect(one === undefined).toBe(other === undefined);
        if (one !== undefined && other !== undefined) expect(largest(one, other)).toBeLessThan(noise);
      }
    });
    expect([apart.flops(full), apart.flops(part)]).toEqual(flops);
    // The first stream alone is one call.
    batches = [];
    expect((await apart.run({ ...call(), conditionalOnly: true })).velocities).toHaveLength(1);
    expect(batches).toHaveLength(1);
  });
});
