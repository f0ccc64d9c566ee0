import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { normaliseLatents } from '../../../src-shared/core/control/index.ts';
import { wanVaePeakBytes, type VaePass } from '../../../src-shared/core/flops/index.ts';
import { parseWanVaeConfig } from '../../../src-shared/core/graph/index.ts';
import { expectClose } from '../../../src-shared/core/testing/index.ts';
import { writeVaeGraphs, type VaeGraphFiles } from '../../host/testing/vae-graphs.ts';
import { openSafetensors, type TensorStore } from '../../models/safetensors.ts';
import { createOrt } from '../../ort/index.ts';
import type { Session, SessionFactory, TensorMap, TensorValue } from './session.ts';
import { floatTensor } from './tensors.ts';
import { lazySessions } from './lazy-sessions.ts';
import { wanVaeSpec } from '../../../src-shared/core/families/index.ts';
import { createVaeCodec, type VaeCodecOptions, type VaeSessions } from './vae-codec.ts';

const golden = 'e2e/fixtures/golden/B_wan_vae';
const config = parseWanVaeConfig(
  JSON.parse(readFileSync(`${golden}/vae/config.json`, 'utf8')),
  'vae/config.json',
);
const videoSize = { frames: 17, height: 64, width: 48 };
const latentSize = { frames: 5, height: 8, width: 6 };

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
    const latents = await withCodec({ memoryBytes: 1 }, (codec) =>
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
    for (const memoryBytes of [1, 1e9]) {
      const latents = await withCodec({ memoryBytes }, (codec) =>
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
    for (const memoryBytes of [1, 1e9]) {
      const latents = await withCodec({ memoryBytes }, (codec) =>
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
    for (const [memoryBytes, steps] of [
      [1e9, [5]],
      [1, [1, 2, 3, 4, 5]],
    ] as const) {
      const progress: number[] = [];
      const video = await withCodec({ memoryBytes }, (codec) =>
        codec.decode(latents, latentSize, { onProgress: (done) => progress.push(done) }),
      );
      expectClose(video, expected, { atol: 2e-5 });
      expect(progress).toEqual(steps);
    }
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
    const pass = withCodec({ memoryBytes: 1 }, (codec) =>
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
