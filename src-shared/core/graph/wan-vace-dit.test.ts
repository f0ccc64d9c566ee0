import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { floatsOf } from '../../../src-main/engine/network/tensors.ts';
import {
  ditFeeds,
  goldenDit,
  goldenStream,
  readDitConfig,
  type DitStream,
} from '../../../src-main/host/testing/dit-feeds.ts';
import { openGraph, type OpenGraph } from '../../../src-main/host/testing/open-graph.ts';
import { openSafetensors, type TensorStore } from '../../../src-main/models/safetensors.ts';
import { patchify } from '../control/index.ts';
import { expectClose } from '../testing/index.ts';
import {
  buildWanVaceDit,
  layoutParameters,
  ropeRows,
  ropeTables,
  type Precision,
  type WanVaceConfig,
} from './index.ts';

/** Runs streams of equal lengths as one batch; each stream's outputs follow one another. */
async function run(
  graph: OpenGraph,
  config: WanVaceConfig,
  precision: Precision,
  streams: readonly DitStream[],
): Promise<Record<string, Float32Array>> {
  const outputs = await graph.session.run(ditFeeds(config, precision, streams));
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, floatsOf(value)]));
}

const { folder, grid } = goldenDit;

/** Our name of each intermediate, and its name in the reference. */
const tapNames: Readonly<Record<string, string>> = {
  timeSinusoid: 'time_sinusoid',
  temb: 'temb',
  timestepProj: 'timestep_proj',
  textEmbedded: 'text_embedded',
  patchTokens: 'patch_tokens',
  controlTokens: 'vace_patch_tokens',
  block0ModulatedInput: 'block0_modulated_input',
  block0AttentionHeads: 'block0_attn1_pre_out',
  block0SelfAttention: 'block0_attn1_out',
  block0CrossAttention: 'block0_attn2_out',
  block0FeedForward: 'block0_ffn_out',
  vace0State: 'vace0_state',
  vace0Hint: 'vace0_hint',
  vace1State: 'vace1_state',
  vace1Hint: 'vace1_hint',
  ...Object.fromEntries(
    [0, 1, 2, 3].flatMap((k) => [
      [`block${k}BeforeHint`, `block${k}_out_before_hint`],
      [`block${k}Output`, `block${k}_out_after_hint`],
    ]),
  ),
  finalModulated: 'final_modulated',
};
/** Given head by head in the reference: [heads, n, d]. */
const headTapNames: Readonly<Record<string, string>> = {
  block0Query: 'block0_attn1_q',
  block0Key: 'block0_attn1_k',
  block0Value: 'block0_attn1_v',
  block3Query: 'block3_attn1_q',
  block3Key: 'block3_attn1_k',
  block3Value: 'block3_attn1_v',
};

/** [heads, n, d] to [n, heads · d]. */
function headsInside(values: Float32Array, heads: number, headDim: number): Float32Array {
  const n = values.length / heads / headDim;
  return values.map((_, i) => {
    const token = Math.floor(i / (heads * headDim));
    const head = Math.floor(i / headDim) % heads;
    return values[(head * n + token) * headDim + (i % headDim)];
  });
}

describe('buildWanVaceDit against the reference', () => {
  let reference: TensorStore;
  let config: WanVaceConfig;
  let inputs: DitStream;
  const graphs = new Map<Precision, OpenGraph>();

  beforeAll(async () => {
    reference = await openSafetensors(`${folder}/case.safetensors`);
    config = await readDitConfig(`${folder}/transformer`);
    inputs = await goldenStream(reference, config);
    const taps = [...Object.keys(tapNames), ...Object.keys(headTapNames)];
    for (const precision of ['fp32', 'fp16'] as const) {
      graphs.set(
        precision,
        await openGraph(buildWanVaceDit(config, { precision, taps }), `${folder}/transformer`),
      );
    }
  });
  afterAll(async () => {
    await reference.close();
    for (const graph of graphs.values()) await graph.close();
  });

  const runOne = (
    precision: Precision,
    changes: Partial<DitStream> = {},
  ): Promise<Record<string, Float32Array>> =>
    run(graphs.get(precision)!, config, precision, [{ ...inputs, ...changes }]);
  const expectedVelocity = async (name: string): Promise<Float32Array> =>
    patchify(await reference.float32(name), { channels: 16, ...grid });
  const outputCases = async (): Promise<[string, Partial<DitStream>][]> => [
    ['output_scale_ones', {}],
    ['output_scale_mixed', { controlScale: [...(await reference.float32('scale_mixed'))] }],
    ['output_scale_zero', { controlScale: [0, 0] }],
    ['output_timestep_b', { timestep: (await reference.int32('timestep_b'))[0] }],
  ];

  it('reads every tensor of the file', () => {
    for (const graph of graphs.values()) expect(graph.unused).toEqual([]);
  });

  // The reference's own float32 noise is 2e-6; a wrong eps moves the outputs by 6e-6 to 1.8e-5, the erf form of gelu
  // by 5e-4.
  it('returns its velocities in fp32', async () => {
    for (const [name, changes] of await outputCases()) {
      expectClose((await runOne('fp32', changes)).velocity, await expectedVelocity(name), { atol: 5e-6 });
    }
  });

  it('returns its intermediates in fp32', async () => {
    const actual = await runOne('fp32');
    for (const [ours, theirs] of Object.entries(tapNames)) {
      expectClose(actual[ours], await reference.float32(theirs), { atol: 1e-5 });
    }
    for (const [ours, theirs] of Object.entries(headTapNames)) {
      const expected = headsInside(await reference.float32(theirs), config.heads, config.headDim);
      expectClose(actual[ours], expected, { atol: 1e-5 });
    }
  });

  // float16 keeps 11 bits: each operand of a product is off by up to 2⁻¹² of itself, 6e-4 for values of about 2.5, as
  // they occur here. With a float32 residual stream the errors of the ten or so products on the way to the output add
  // up as noise: measured at most 2.7e-3, and 6e-4 as root mean square, where the output's standard deviation is 1.3. A dropped hint, gate or
  // per-head qk norm moves the output by more than 0.1.
  it('returns its velocities in fp16 within the noise of float16 products', async () => {
    for (const [name, changes] of await outputCases()) {
      const actual = (await runOne('fp16', changes)).velocity;
      const expected = await expectedVelocity(name);
      expectClose(actual, expected, { atol: 6e-3 });
      const squares = actual.map((value, i) => (value - expected[i]) ** 2);
      expect(Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length)).toBeLessThan(1e-3);
    }
  });

  it('keeps the time embedding in float32 in fp16', async () => {
    const actual = await runOne('fp16');
    for (const name of ['timeSinusoid', 'temb', 'timestepProj']) {
      expectClose(actual[name], await reference.float32(tapNames[name]), { atol: 1e-6 });
    }
  });

  it('treats the streams of a batch apart', async () => {
    const text = inputs.text.map((value) => -value);
    const other: DitStream = {
      ...inputs,
      text,
      tokens: inputs.control.slice(0, inputs.tokens.length),
      timestep: 37,
    };
    const both = (await run(graphs.get('fp32')!, config, 'fp32', [inputs, other])).velocity;
    const alone = [(await runOne('fp32')).velocity, (await runOne('fp32', other)).velocity];
    expectClose(both, [...alone[0], ...alone[1]], { atol: 4e-6 });
  });

  it('runs on any tokens in any order: the rows move with their positions', async () => {
    const { rope, tokens, control } = inputs;
    const order = Array.from({ length: rope.tokens }, (_, i) => (i * 23 + 7) % rope.tokens);
    const gather = (rows: Float32Array, width: number, indices: readonly number[]): Float32Array =>
      Float32Array.from(indices.flatMap((i) => [...rows.slice(i * width, (i + 1) * width)]));
    const select = (indices: readonly number[]): Partial<DitStream> => ({
      tokens: gather(tokens, 64, indices),
      control: gather(control, 384, indices),
      rope: ropeRows(rope, indices),
    });
    const shuffled = (await runOne('fp32', select(order))).velocity;
    expectClose(shuffled, gather((await runOne('fp32')).velocity, 64, order), { atol: 8e-6 });

    // The first frame alone is what a grid of one frame returns.
    const oneFrame = Array.from({ length: 20 }, (_, i) => i);
    const cut = (await runOne('fp32', select(oneFrame))).velocity;
    const whole = (await runOne('fp32', { ...select(oneFrame), rope: ropeTables(1, 4, 5, config.headDim) }))
      .velocity;
    expectClose(cut, whole, { atol: 0 });
  });
});

describe('buildWanVaceDit', () => {
  it('reproduces the first step of the whole pipeline, from sharded weights and another head size', async () => {
    const pipeline = 'e2e/fixtures/golden/E_pipeline';
    const reference = await openSafetensors(`${pipeline}/case.safetensors`);
    const config = await readDitConfig(`${pipeline}/transformer`);
    const graph = await openGraph(buildWanVaceDit(config, { precision: 'fp32' }), `${pipeline}/transformer`);
    const shape = { frames: 5, height: 8, width: 6 };
    const shared = {
      tokens: patchify(await reference.float32('latents_init'), { channels: 16, ...shape }),
      control: patchify(await reference.float32('control_latents_96'), { channels: 96, ...shape }),
      rope: ropeTables(5, 4, 3, config.headDim),
      timestep: (await reference.int32('timesteps'))[0],
      controlScale: [1, 1],
    };
    const { velocity } = await run(graph, config, 'fp32', [
      { ...shared, text: await reference.float32('prompt_embeds') },
      { ...shared, text: await reference.float32('negative_prompt_embeds') },
    ]);
    const expected: number[] = [];
    for (const name of ['noise_pred_cond', 'noise_pred_uncond']) {
      const firstStep = (await reference.float32(name)).slice(0, shared.tokens.length);
      expected.push(...patchify(firstStep, { channels: 16, ...shape }));
    }
    expect(graph.unused).toEqual([]);
    expectClose(velocity, expected, { atol: 2e-5 });
    await graph.close();
    await reference.close();
  });

  const size13b: WanVaceConfig = {
    layers: 30,
    heads: 12,
    headDim: 128,
    ffnDim: 8960,
    textDim: 4096,
    freqDim: 256,
    inChannels: 16,
    outChannels: 16,
    controlChannels: 96,
    vaceLayers: Array.from({ length: 15 }, (_, i) => 2 * i),
    patchSize: [1, 2, 2],
    eps: 1e-6,
  };

  it('names the tensors of Wan2.1-VACE-1.3B with their shapes', () => {
    const { parameters } = buildWanVaceDit(size13b, { precision: 'fp16' });
    const shapes = new Map(parameters.map(({ source, sourceShape }) => [source, sourceShape.join()]));
    // 27 in each of 45 blocks, proj_out in 15, proj_in once (weight and bias), 17 outside the blocks.
    expect(parameters).toHaveLength(45 * 27 + 15 * 2 + 2 + 17);
    for (const [name, shape] of Object.entries({
      'patch_embedding.weight': '1536,16,1,2,2',
      'vace_patch_embedding.weight': '1536,96,1,2,2',
      'condition_embedder.time_proj.bias': '9216',
      'condition_embedder.text_embedder.linear_1.weight': '1536,4096',
      scale_shift_table: '1,2,1536',
      'blocks.29.scale_shift_table': '1,6,1536',
      'blocks.29.attn2.to_out.0.weight': '1536,1536',
      'blocks.7.attn1.norm_k.weight': '1536',
      'blocks.7.norm2.bias': '1536',
      'vace_blocks.14.ffn.net.0.proj.weight': '8960,1536',
      'vace_blocks.14.ffn.net.2.weight': '1536,8960',
      'vace_blocks.0.proj_in.weight': '1536,1536',
      'vace_blocks.14.proj_out.bias': '1536',
      'proj_out.weight': '64,1536',
    })) {
      expect(shapes.get(name), name).toBe(shape);
    }
    expect(shapes.has('vace_blocks.1.proj_in.weight')).toBe(false);
    const count = parameters.reduce(
      (sum, { dims }) => sum + dims.reduce((product, dim) => product * dim, 1),
      0,
    );
    expect(count).toBe(2_153_972_032);
  });

  it('stores products in float16 and what steers them in float32', () => {
    const { parameters, inputs, outputs } = buildWanVaceDit(size13b, { precision: 'fp16' });
    const singles = parameters.filter(({ type }) => type === 'float32').map(({ name }) => name);
    expect(singles.every((name) => /norm|scale_shift_table|time_/.test(name))).toBe(true);
    expect(singles).toHaveLength(45 * 7 + 1 + 6);
    expect(Object.fromEntries([...inputs, ...outputs].map(({ name, type }) => [name, type]))).toEqual({
      tokens: 'float16',
      control: 'float16',
      ropeCos: 'float32',
      ropeSin: 'float32',
      timestep: 'float32',
      text: 'float16',
      controlScale: 'float32',
      velocity: 'float16',
    });
  });

  it('keeps each graph file small and refuses unknown taps', () => {
    const graph = buildWanVaceDit(size13b, { precision: 'fp32' });
    expect(graph.encode(layoutParameters([graph], 'transformer.weights').placements).length).toBeLessThan(
      1e6,
    );
    expect(() => buildWanVaceDit(size13b, { precision: 'fp32', taps: ['block30Output'] })).toThrow(
      /no such tap: block30Output/,
    );
  });
});
