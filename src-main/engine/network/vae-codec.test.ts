import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { normaliseLatents } from '../../../src-shared/core/control/index.ts';
import { wanVaePeakBytes, type TiledPass, type VaePass } from '../../../src-shared/core/flops/index.ts';
import { parseWanVaeConfig } from '../../../src-shared/core/graph/index.ts';
import { expectClose } from '../../../src-shared/core/testing/index.ts';
import { writeVaeGraphs, type VaeGraphFiles } from '../../host/testing/vae-graphs.ts';
import { openSafetensors, type TensorStore } from '../../models/safetensors.ts';
import { createOrt } from '../../ort/index.ts';
import type { Session, SessionFactory, TensorMap, TensorValue } from './session.ts';
import { floatTensor } from './tensors.ts';
import { lazySessions } from './lazy-sessions.ts';
import { wanVaeSpec } from '../../../src-shared/core/families/index.ts';
import { createVaeCodec, vaeSessionOptions, type VaeCodecOptions, type VaeSessions } from './vae-codec.ts';
import { chooseVaePass } from './vae-pass.ts';

const golden = 'e2e/fixtures/golden/B_wan_vae';
const config = parseWanVaeConfig(
  JSON.parse(readFileSync(`${golden}/vae/config.json`, 'utf8')),
  'vae/config.json',
);
const videoSize = { frames: 17, height: 64, width: 48 };
const latentSize = { frames: 5, height: 8, width: 6 };
/** A latent frame at a time. */
const oneByOne: VaePass = { chunkFrames: 4 };

let files: VaeGraphFiles;
let store: TensorStore;
let opened: string[];
const sessions: SessionFactory = {
  open(path, options) {
    opened.push(path);
    return createOrt().open(path, { ...options, threads: 1 });
  },
};

beforeAll(async () => {
  files = await writeVaeGraphs(config, { precision: 'fp32', weightsFolder: `${golden}/vae` });
  store = await openSafetensors(`${golden}/case.safetensors`);
});
afterAll(async () => {
  await store.close();
  await files.remove();
});

/** Uses a codec and closes its sessions. */
async function withCodec<T>(
  options: VaeCodecOptions,
  use: (codec: ReturnType<typeof createVaeCodec>) => Promise<T>,
): Promise<T> {
  opened = [];
  const vae = lazySessions(sessions, files.paths, { providers: ['cpu'] });
  try {
    return await use(createVaeCodec(vae, wanVaeSpec(config), options));
  } finally {
    await vae.release();
  }
}

describe('encode', () => {
  it('returns normalised latents in one pass where memory allows', async () => {
    const video = await store.float32('video_17f');
    const latents = await withCodec({}, (codec) => codec.encode(video, videoSize));
    expectClose(latents, await store.float32('enc_17f_mean_normalized'), { atol: 1e-4 });
    expect(opened).toEqual([files.paths.encoder]);
  });

  it('returns the same in chunks where it does not, and says how far it is', async () => {
    const video = await store.float32('video_17f');
    const expected = await store.float32('enc_17f_mean_normalized');
    const progress: number[][] = [];
    const latents = await withCodec({ pass: oneByOne }, (codec) =>
      codec.encode(video, videoSize, { onProgress: (done, total) => progress.push([done, total]) }),
    );
    expectClose(latents, expected, { atol: 1e-4 });
    expect(progress).toEqual([1, 2, 3, 4, 5].map((done) => [done, 5]));
    expect(opened).toEqual([files.paths.encoderFirst, files.paths.encoderNext]);
  });

  it('drops the frames beyond 1 + 4k', async () => {
    const video = await store.float32('video_17f');
    const plane = 64 * 48;
    const longer = new Float32Array(3 * 20 * plane).fill(0.5);
    for (let c = 0; c < 3; c++)
      longer.set(video.subarray(c * 17 * plane, (c + 1) * 17 * plane), c * 20 * plane);
    for (const pass of [oneByOne, 'full'] as const) {
      const latents = await withCodec({ pass }, (codec) =>
        codec.encode(longer, { ...videoSize, frames: 20 }),
      );
      expectClose(latents, await store.float32('enc_17f_mean_normalized'), { atol: 1e-4 });
    }
  });

  it('takes a single picture', async () => {
    const video = await store.float32('video_17f');
    const plane = 64 * 48;
    const picture = Float32Array.from(
      [0, 1, 2].flatMap((c) => [...video.subarray(c * 17 * plane).slice(0, plane)]),
    );
    const mean = await store.float32('enc_1f_mean');
    const shape = { channels: 16, ...latentSize, frames: 1 };
    const expected = normaliseLatents(mean, shape, { mean: config.latentsMean, std: config.latentsStd });
    for (const pass of [oneByOne, 'full'] as const) {
      const latents = await withCodec({ pass }, (codec) =>
        codec.encode(picture, { ...videoSize, frames: 1 }),
      );
      expectClose(latents, expected, { atol: 1e-4 });
    }
  });
});

describe('decode', () => {
  it('returns the video, at once or in chunks', async () => {
    const latents = await store.float32('latents_normalized');
    const expected = await store.float32('dec_17f');
    for (const [pass, steps] of [
      ['full', [5]],
      [oneByOne, [1, 2, 3, 4, 5]],
    ] as const) {
      const progress: number[] = [];
      const video = await withCodec({ pass }, (codec) =>
        codec.decode(latents, latentSize, { onProgress: (done) => progress.push(done) }),
      );
      expectClose(video, expected, { atol: 2e-5 });
      expect(progress).toEqual(steps);
    }
  });
});

describe('tiles', () => {
  const size = { frames: 9, height: 128, width: 224 };
  const latent = { frames: 3, height: 16, width: 28 };
  const wide = { ...config, baseDim: 16, decoderBaseDim: 16, resBlocks: 2 };
  const spec = wanVaeSpec(wide);
  /** The least that any pass takes. */
  const least = { memoryBytes: 1 };
  let random: VaeGraphFiles;
  let vae: VaeSessions;
  beforeAll(async () => {
    random = await writeVaeGraphs(wide, { precision: 'fp32' });
    vae = lazySessions(sessions, random.paths, (graph) => ({
      providers: ['cpu'],
      ...vaeSessionOptions(graph),
    }));
    opened = [];
  });
  afterAll(async () => {
    await vae.release();
    await random.remove();
  });

  /** dB of `found` against `expected`, whose range is `peak`. */
  const psnr = (found: Float32Array, expected: Float32Array, peak: number): number => {
    const sum = expected.reduce((total, value, i) => total + (value - found[i]) ** 2, 0);
    return 10 * Math.log10((peak * peak * expected.length) / sum);
  };
  const rangeOf = (values: Float32Array): number =>
    values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b));

  it('decode to what the whole gives, without a seam on a ramp', async () => {
    // A picture that rises evenly from left to right: what the eye finds seams in.
    const latents = new Float32Array(16 * 3 * 16 * 28);
    for (let i = 0; i < latents.length; i++) latents[i] = (i % 28) / 14 - 1 + Math.floor(i / 1344) / 16;
    const whole = await createVaeCodec(vae, spec).decode(latents, latent);
    const progress: number[] = [];
    const tiled = await createVaeCodec(vae, spec, least).decode(latents, latent, {
      onProgress: (done) => progress.push(done),
    });
    expect(opened).toEqual([random.paths.decoder, random.paths.decoderCoarse, random.paths.decoderFine]);
    expect(progress.length).toBeGreaterThan(4);
    expect(progress.at(-1)).toBe(3);
    expect(psnr(tiled, whole, 2)).toBeGreaterThan(50);
    // The largest difference anywhere, so at the borders too, is below a step of 8 bits.
    expect(tiled.reduce((most, value, i) => Math.max(most, Math.abs(value - whole[i])), 0)).toBeLessThan(
      2 / 255,
    );
  });

  it('encode to what the whole gives', async () => {
    const video = Float32Array.from(
      { length: 3 * 9 * 128 * 224 },
      (_, i) => Math.sin(i % 224) * 0.5 + (i % 28672) / 28672 - 0.5,
    );
    const whole = await createVaeCodec(vae, spec).encode(video, size);
    opened = [];
    const tiled = await createVaeCodec(vae, spec, least).encode(video, size);
    expect(opened).toEqual([random.paths.encoderFine, random.paths.encoderCoarse]);
    expect(psnr(tiled, whole, rangeOf(whole))).toBeGreaterThan(50);
  });

  it('are as few as the memory allows, and stop between two when cancelled', async () => {
    const needs = (memoryBytes: number) =>
      chooseVaePass(spec, 'decoder', { frames: 33, height: 480, width: 832 }, memoryBytes);
    const passes = [16, 2, 1, 0.5].map((gib) => needs(gib * 2 ** 30));
    expect(passes[0]).toBe('full');
    const counts = passes.slice(1).map((pass) => (pass as TiledPass).tiles);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(new Set(counts).size).toBe(3);

    const controller = new AbortController();
    const pass = createVaeCodec(vae, spec, least).decode(new Float32Array(16 * 3 * 16 * 28), latent, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(pass).rejects.toMatchObject({ code: 'cancelled' });
  });
});

/** Graphs that give zeros of the right shape and remember how many frames went in. */
function zeroSessions(seen: number[]): VaeSessions {
  const session = (run: (video: TensorValue) => TensorMap): Session => ({
    inputNames: ['video', 'state0'],
    outputNames: ['mean', 'nextState0'],
    run: (feeds) => Promise.resolve(run(feeds['video'])),
    release: () => Promise.resolve(),
  });
  return {
    session: (graph) =>
      Promise.resolve(
        session(({ dims: [, , frames, height, width] }) => {
          seen.push(frames);
          const latentFrames = graph === 'encoderNext' ? frames / 4 : 1 + (frames - 1) / 4;
          const dims = [1, 16, latentFrames, height / 8, width / 8];
          const length = dims.reduce((product, size) => product * size, 1);
          const state = floatTensor(new Float32Array(1), [1], 'float32');
          return { mean: floatTensor(new Float32Array(length), dims, 'float32'), nextState0: state };
        }),
      ),
    release: () => Promise.resolve(),
  };
}

describe('chunks', () => {
  const size = { frames: 81, height: 16, width: 16 };
  const video = new Float32Array(3 * 81 * 16 * 16);
  const needed = (pass: VaePass): number => wanVaePeakBytes(config, 'encoder', size, pass);
  const framesFor = async (memoryBytes: number): Promise<number[]> => {
    const seen: number[] = [];
    const latents = await createVaeCodec(zeroSessions(seen), wanVaeSpec(config), { memoryBytes }).encode(
      video,
      size,
    );
    expect(latents).toHaveLength(16 * 21 * 2 * 2);
    return seen;
  };

  it('are as large as the memory allows', async () => {
    expect(await framesFor(needed('full'))).toEqual([81]);
    const four = needed({ chunkFrames: 16 });
    expect(four).toBeLessThan(needed('full'));
    expect(await framesFor(four)).toEqual([1, 16, 16, 16, 16, 16]);
    expect(await framesFor(needed({ chunkFrames: 24 }) + 1)).toEqual([1, 24, 24, 24, 8]);
  });

  it('hold at least one latent frame', async () => {
    expect(await framesFor(1)).toEqual([1, ...Array<number>(20).fill(4)]);
  });
});

describe('a pass', () => {
  it('stops between chunks when cancelled', async () => {
    const video = await store.float32('video_17f');
    const controller = new AbortController();
    const done: number[] = [];
    const pass = withCodec({ pass: oneByOne }, (codec) =>
      codec.encode(video, videoSize, {
        signal: controller.signal,
        onProgress: (latents) => {
          done.push(latents);
          if (latents === 2) controller.abort();
        },
      }),
    );
    await expect(pass).rejects.toMatchObject({ code: 'cancelled', exitCode: 130 });
    expect(done).toEqual([1, 2]);
  });

  it('does not begin when cancelled before', async () => {
    const latents = await store.float32('latents_normalized');
    const pass = withCodec({}, (codec) => codec.decode(latents, latentSize, { signal: AbortSignal.abort() }));
    await expect(pass).rejects.toMatchObject({ code: 'cancelled' });
    expect(opened).toEqual([]);
  });

  it('opens each graph once, and again after release', async () => {
    const latents = await store.float32('latents_normalized');
    opened = [];
    const vae = lazySessions(sessions, files.paths, { providers: ['cpu'] });
    const codec = createVaeCodec(vae, wanVaeSpec(config));
    await codec.decode(latents, latentSize);
    await codec.decode(latents, latentSize);
    expect(opened).toHaveLength(1);
    await vae.release();
    await codec.decode(latents, latentSize);
    expect(opened).toHaveLength(2);
    await vae.release();
  });

  it('refuses arrays and sizes that do not belong together', async () => {
    await withCodec({}, async (codec) => {
      const wrong = new Float32Array(100);
      await expect(codec.encode(wrong, videoSize)).rejects.toThrow(/video: 100 values for \[3, 17, 64, 48\]/);
      await expect(codec.decode(wrong, latentSize)).rejects.toThrow(/latents: 100 values/);
      const odd = { frames: 1, height: 12, width: 8 };
      await expect(codec.encode(new Float32Array(3 * 96), odd)).rejects.toThrow(/8×12 is no multiple of 8/);
    });
  });
});

describe('with the VAE of another size', () => {
  it('encodes the pipeline’s control pictures and decodes its latents', async () => {
    const folder = 'e2e/fixtures/golden/E_pipeline';
    const other = parseWanVaeConfig(
      JSON.parse(readFileSync(`${folder}/vae/config.json`, 'utf8')),
      'vae/config.json',
    );
    const graphs = await writeVaeGraphs(other, { precision: 'fp32', weightsFolder: `${folder}/vae` });
    const pipeline = await openSafetensors(`${folder}/case.safetensors`);
    const vae = lazySessions(createOrt(), graphs.paths, { providers: ['cpu'], threads: 1 });
    try {
      const codec = createVaeCodec(vae, wanVaeSpec(other));
      const noVideo = await codec.encode(new Float32Array(3 * 17 * 64 * 48), videoSize);
      expectClose(noVideo, await pipeline.float32('novideo_inactive_latents_16'), { atol: 1e-4 });
      const steps = await pipeline.float32('latents_after_step');
      const final = steps.subarray(steps.length - 16 * 5 * 8 * 6);
      const video = await codec.decode(final, latentSize);
      expectClose(video, await pipeline.float32('frames_raw_pm1'), { atol: 2e-5 });
    } finally {
      await vae.release();
      await pipeline.close();
      await graphs.remove();
    }
  });
});
