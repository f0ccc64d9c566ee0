import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session, TensorMap } from '../../../src-main/engine/network/session.ts';
import { floatsOf, floatTensor } from '../../../src-main/engine/network/tensors.ts';
import { writeVaeGraphs, type VaeGraphFiles } from '../../../src-main/host/testing/vae-graphs.ts';
import { openSafetensors, type TensorStore } from '../../../src-main/models/safetensors.ts';
import { createOrt } from '../../../src-main/ort/index.ts';
import { expectClose } from '../testing/index.ts';
import {
  nextStateName,
  parseWanVaeConfig,
  stateName,
  wanVaeLatentFrames,
  wanVaeVideoFrames,
  type Precision,
  type WanVaeConfig,
} from './index.ts';

const golden = 'e2e/fixtures/golden/B_wan_vae';
const configFile = `${golden}/vae/config.json`;
const goldenJson = JSON.parse(readFileSync(configFile, 'utf8')) as Record<string, unknown>;
const goldenConfig = parseWanVaeConfig(goldenJson, configFile);

/** [channels, frames, height, width]. */
interface Volume {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** Frames [start, end) of a volume. */
function cut({ data, dims }: Volume, start: number, end: number): Volume {
  const [channels, frames, height, width] = dims;
  const plane = height * width;
  const part = Array.from({ length: channels }, (_, c) =>
    data.subarray((c * frames + start) * plane, (c * frames + end) * plane),
  );
  return { data: join(part), dims: [channels, end - start, height, width] };
}

/** Volumes of equal channels, height and width, one after the other in time. */
function joinFrames(parts: readonly Volume[]): Float32Array {
  const [{ dims }] = parts;
  return join(
    Array.from({ length: dims[0] }, (_, c) =>
      parts.map(({ data }) => data.subarray((c * data.length) / dims[0], ((c + 1) * data.length) / dims[0])),
    ).flat(),
  );
}

function join(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

async function readVolume(store: TensorStore, name: string): Promise<Volume> {
  return { data: await store.float32(name), dims: store.shape(name).slice(1) };
}

async function run(
  session: Session,
  input: 'video' | 'z',
  { data, dims }: Volume,
  states: TensorMap = {},
): Promise<TensorMap> {
  return session.run({ ...states, [input]: floatTensor(data, [1, ...dims], 'float32') });
}

/** Sends a volume through `first` and `next` in chunks of these lengths, the first being 1. */
async function runChunks(
  [first, next]: readonly [Session, Session],
  input: 'video' | 'z',
  output: 'mean' | 'video',
  volume: Volume,
  lengths: readonly number[],
): Promise<Float32Array> {
  const parts: Volume[] = [];
  let start = 0;
  let states: TensorMap = {};
  for (const length of lengths) {
    const session = start === 0 ? first : next;
    const outputs = await run(session, input, cut(volume, start, start + length), states);
    parts.push({ data: floatsOf(outputs[output]), dims: outputs[output].dims.slice(1) });
    states = Object.fromEntries(
      Object.entries(outputs)
        .filter(([name]) => name !== output)
        .map(([name, state]) => [
          name.replace(nextStateName(0).slice(0, -1), stateName(0).slice(0, -1)),
          state,
        ]),
    );
    start += length;
  }
  return joinFrames(parts);
}

class Vae {
  readonly files: VaeGraphFiles;
  readonly #sessions: Session[] = [];

  constructor(files: VaeGraphFiles) {
    this.files = files;
  }

  async open(graph: keyof VaeGraphFiles['paths']): Promise<Session> {
    const session = await createOrt().open(this.files.paths[graph], { providers: ['cpu'], threads: 1 });
    this.#sessions.push(session);
    return session;
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) await session.release();
    await this.files.remove();
  }
}

/**
 * fp32: the tolerances of the vectors' README; the reference's own noise is 1.3e-5 and 2.5e-6.
 * fp16: weights and features are rounded to 11 bits some 30 times on the way: 0.2 % of the largest latent (10.5) and
 * 0.4 % of the pictures' range was measured. Twice that passes; frames in the wrong order or padding on the wrong
 * side are off by 1 and more, an activation off by 1 % by 0.2 and 0.02.
 */
const tolerances: Readonly<Record<Precision, { readonly encode: number; readonly decode: number }>> = {
  fp32: { encode: 1e-4, decode: 2e-5 },
  fp16: { encode: 4e-2, decode: 8e-3 },
};

describe.each(['fp32', 'fp16'] as const)('the graphs of a Wan VAE in %s', (precision) => {
  const tolerance = tolerances[precision];
  let store: TensorStore;
  let vae: Vae;
  let encoder: Session;
  let decoder: Session;

  beforeAll(async () => {
    store = await openSafetensors(`${golden}/case.safetensors`);
    const weightsFolder = `${golden}/vae`;
    vae = new Vae(await writeVaeGraphs(goldenConfig, { precision, weightsFolder, taps: true }));
    encoder = await vae.open('encoder');
    decoder = await vae.open('decoder');
  });
  afterAll(async () => {
    await vae.close();
    await store.close();
  });

  it('read every weight', () => {
    expect(vae.files.unused).toEqual([]);
  });

  it.each([1, 5, 17])('encode %i frames', async (frames) => {
    const video = cut(await readVolume(store, 'video_17f'), 0, frames);
    const { mean, logvar } = await run(encoder, 'video', video);
    expect(mean.dims).toEqual(store.shape(`enc_${frames}f_mean`));
    expectClose(floatsOf(mean), await store.float32(`enc_${frames}f_mean`), { atol: tolerance.encode });
    expectClose(floatsOf(logvar), await store.float32(`enc_${frames}f_logvar`), { atol: tolerance.encode });
  });

  it.each([1, 17])('decode to %i frames', async (frames) => {
    const z = cut(await readVolume(store, 'z'), 0, wanVaeLatentFrames(goldenConfig, frames));
    const { video } = await run(decoder, 'z', z);
    expect(video.dims).toEqual(store.shape(`dec_${frames}f`));
    expectClose(floatsOf(video), await store.float32(`dec_${frames}f`), { atol: tolerance.decode });
  });

  it('agree with the reference after every module', async () => {
    const encoded = await run(encoder, 'video', await readVolume(store, 'stage_video_5f'));
    const decoded = await run(decoder, 'z', await readVolume(store, 'stage_z'));
    const stages = [...store.tensors.keys()].filter((name) => name.startsWith('stage.'));
    expect(stages).toHaveLength(38);
    for (const name of stages) {
      const module = name.slice('stage.'.length);
      const actual = encoded[module] ?? decoded[module];
      expect(actual?.dims, module).toEqual(store.shape(name));
      // Features of the decoder reach 6, its pictures 1.
      const atol = module in encoded ? tolerance.encode : 6 * tolerance.decode;
      expectClose(floatsOf(actual), await store.float32(name), { atol });
    }
    expectClose(floatsOf(encoded['mean']), await store.float32('stage_enc_mean'), { atol: tolerance.encode });
    expectClose(floatsOf(decoded['video']), await store.float32('stage_dec'), { atol: tolerance.decode });
  });

  it('encode in chunks of any size as at once', async () => {
    const sessions = [await vae.open('encoderFirst'), await vae.open('encoderNext')] as const;
    expect(sessions[1].inputNames).toHaveLength(1 + 24);
    expect(sessions[0].outputNames).toHaveLength(1 + 24);
    const video = await readVolume(store, 'video_17f');
    const expected = await store.float32('enc_17f_mean');
    for (const lengths of [
      [1, 4, 4, 8],
      [1, 16],
      [1, 8, 4, 4],
    ]) {
      const mean = await runChunks(sessions, 'video', 'mean', video, lengths);
      expectClose(mean, expected, { atol: tolerance.encode });
    }
  });

  it('decode in chunks of any size as at once', async () => {
    const sessions = [await vae.open('decoderFirst'), await vae.open('decoderNext')] as const;
    expect(sessions[1].inputNames).toHaveLength(1 + 32);
    expect(sessions[0].outputNames).toHaveLength(1 + 32);
    const z = await readVolume(store, 'z');
    const expected = await store.float32('dec_17f');
    for (const lengths of [
      [1, 1, 3],
      [1, 4],
      [1, 2, 1, 1],
    ]) {
      const video = await runChunks(sessions, 'z', 'video', z, lengths);
      expectClose(video, expected, { atol: tolerance.decode });
    }
  });
});

/** Sizes away from the usual ones, in every field. */
const unusual: readonly (readonly [string, Partial<WanVaeConfig>])[] = [
  ['odd channels, one block', { baseDim: 5, decoderBaseDim: 5, dimMult: [1, 3, 2, 5], resBlocks: 1 }],
  ['a wider decoder, three blocks', { baseDim: 4, decoderBaseDim: 7, dimMult: [1, 1, 2, 2], resBlocks: 3 }],
  ['time first, fewer stages', { dimMult: [2, 1, 3], temporalDownsample: [true, false], resBlocks: 1 }],
  ['no time at all', { dimMult: [1, 2], temporalDownsample: [false], resBlocks: 1 }],
];

describe.each(unusual)('a Wan VAE with %s', (_, sizes) => {
  const config = { ...goldenConfig, ...sizes };
  const frames = wanVaeVideoFrames(config, 4);
  const perLatent = (frames - 1) / 3;
  let vae: Vae;
  beforeAll(async () => {
    vae = new Vae(await writeVaeGraphs(config, { precision: 'fp32' }));
  });
  afterAll(() => vae.close());

  /** Values without pattern from −1 to 1. */
  const volumeOf = (dims: readonly number[]): Volume => ({
    data: Float32Array.from(
      { length: dims.reduce((product, size) => product * size, 1) },
      (__, i) => 2 * ((Math.sin(i * 12.9898) * 43758.5453) % 1),
    ),
    dims,
  });

  it('has shapes that follow from the configuration, and chunks that equal the whole', async () => {
    const factor = 2 ** config.temporalDownsample.length;
    const video = volumeOf([3, frames, 3 * factor, 2 * factor]);
    const { mean } = await run(await vae.open('encoder'), 'video', video);
    expect(mean.dims).toEqual([1, 16, 4, 3, 2]);
    const encoders = [await vae.open('encoderFirst'), await vae.open('encoderNext')] as const;
    const lengths = [1, perLatent, 2 * perLatent];
    const chunked = await runChunks(encoders, 'video', 'mean', video, lengths);
    expectClose(chunked, floatsOf(mean), { atol: 1e-5, rtol: 1e-5 });

    const z = volumeOf([16, 4, 3, 2]);
    const decoded = await run(await vae.open('decoder'), 'z', z);
    expect(decoded['video'].dims).toEqual([1, ...video.dims]);
    const decoders = [await vae.open('decoderFirst'), await vae.open('decoderNext')] as const;
    const parts = await runChunks(decoders, 'z', 'video', z, [1, 2, 1]);
    expectClose(parts, floatsOf(decoded['video']), { atol: 1e-5 });
    // Pictures that are clamped throughout would prove nothing.
    expect(floatsOf(decoded['video']).filter((value) => Math.abs(value) < 1).length).toBeGreaterThan(100);
  });
});

describe('parseWanVaeConfig', () => {
  it('reads the sizes, and takes what is left out from the class', () => {
    expect(goldenConfig).toMatchObject({
      latentChannels: 16,
      baseDim: 6,
      decoderBaseDim: 6,
      dimMult: [1, 2, 4, 4],
      resBlocks: 2,
      temporalDownsample: [false, true, true],
    });
    expect(goldenConfig.latentsMean).toHaveLength(16);
    const { _class_name, latents_mean, latents_std } = goldenJson;
    const bare = parseWanVaeConfig({ _class_name, latents_mean, latents_std }, 'vae/config.json');
    expect(bare).toEqual({ ...goldenConfig, baseDim: 96, decoderBaseDim: 96 });
    expect(parseWanVaeConfig({ ...goldenJson, decoder_base_dim: 9 }, 'c').decoderBaseDim).toBe(9);
  });

  it.each([
    [{ _class_name: 'AutoencoderKL' }, '"_class_name": "AutoencoderKL" is not supported'],
    [{ is_residual: true }, '"is_residual": true is not supported'],
    [{ attn_scales: [0.5] }, '"attn_scales": [0.5] is not supported'],
    [{ patch_size: 2 }, '"patch_size": 2 is not supported'],
    [{ in_channels: 12 }, '"in_channels": 12 is not supported'],
    [{ base_dim: 0 }, '"base_dim" must be an integer from 1 to 16777216, but is 0'],
    [{ decoder_base_dim: 1.5 }, '"decoder_base_dim" must be an integer'],
    [{ dim_mult: [1, 2] }, '"temperal_downsample" is [false,true,true], but "dim_mult" names 2 stages'],
    [{ z_dim: 8 }, '"latents_mean" is'],
    [{ latents_mean: undefined }, '"latents_mean" must be a list of numbers, but is nothing'],
    [{ latents_std: Array(16).fill(0) }, '"latents_std" is'],
    [{ num_res_blocks: '2' }, '"num_res_blocks" must be an integer'],
  ])('refuses %j', (change, message) => {
    expect(() => parseWanVaeConfig({ ...goldenJson, ...change }, configFile)).toThrow(message);
    expect(() => parseWanVaeConfig({ ...goldenJson, ...change }, configFile)).toThrow(configFile);
  });

  it('counts frames: 1 + 4k to 1 + k and back, the rest dropped', () => {
    expect([1, 4, 5, 8, 9, 81].map((frames) => wanVaeLatentFrames(goldenConfig, frames))).toEqual([
      1, 1, 2, 2, 3, 21,
    ]);
    expect([1, 2, 21].map((frames) => wanVaeVideoFrames(goldenConfig, frames))).toEqual([1, 5, 81]);
  });
});
