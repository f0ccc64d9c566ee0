import { cancelledError } from '../../src-shared/core/errors/index.ts';
import {
  fitCallCost,
  fitPassCost,
  referencePictureSec,
  type CallPoint,
  type NetworkCosts,
  type PassPoint,
} from '../../src-shared/core/estimate/index.ts';
import type { TransformerSpec } from '../../src-shared/core/families/index.ts';
import { pushPullFill } from '../../src-shared/core/fill/index.ts';
import { usualTokens } from '../../src-shared/core/control/index.ts';
import type { VideoSize } from '../../src-shared/core/flops/index.ts';
import { resizePlanar } from '../../src-shared/core/picture/index.ts';
import { gaussianNoise } from '../../src-shared/core/random/index.ts';
import { createDenoiser, type Transformer } from '../engine/network/denoiser.ts';
import { lazySessions } from '../engine/network/lazy-sessions.ts';
import type { LoadedModel } from '../engine/edit-services.ts';
import type { Clock } from '../engine/stage-timer.ts';
import type { ModelFolder } from '../engine/network/model-folder.ts';
import type { SessionFactory } from '../engine/network/session.ts';
import { driftOf, loadModel } from './load-model.ts';

/**
 * Seconds that each of the three measurements may take; a slow machine measures fewer sizes, at least one. A large model's
 * smallest sizes take longer, and its first answer may take 20 s with all that is opened for it.
 */
const budgetSec = { calls: 2.5, encode: 0.8, decode: 1.2 } as const;
const largeBudgetSec = { calls: 6, encode: 2, decode: 3 } as const;

/** Timed runs of one size; the fastest counts: what else the machine does at the moment only ever adds time. */
const mostRuns = 3;

/** Tokens of the timed calls, as shares of the most that a window of the model has. */
const tokenShares = [1 / 16, 1 / 4, 1 / 2, 1] as const;
/** The same of a few blocks of a large network. */
const probeShares = [1 / 64, ...tokenShares] as const;

/**
 * Videos of the timed VAE passes, ascending, in latent frames after the first: what costs little tells of the fixed part,
 * the rest of the speed.
 */
const videoSizes = [
  { latents: 1, height: 64, width: 64 },
  { latents: 2, height: 128, width: 128 },
  { latents: 4, height: 192, width: 192 },
  { latents: 4, height: 320, width: 320 },
] as const;

interface Timed<T> {
  readonly size: T;
  /** Of the fastest run. */
  readonly seconds: number;
  readonly firstSec: number;
}

/**
 * Times `run` on sizes of rising cost, until the next would not fit into the budget. `growth`: how much longer a
 * size takes than the one before it, at most.
 */
async function timeSizes<T>(
  sizes: readonly T[],
  growth: (from: T, to: T) => number,
  limitSec: number,
  clock: Clock,
  signal: AbortSignal,
  run: (size: T) => Promise<() => Promise<unknown>>,
): Promise<Timed<T>[]> {
  const timed: Timed<T>[] = [];
  const start = clock();
  for (const size of sizes) {
    const last = timed.at(-1);
    // The first run of a size and one that counts.
    if (last !== undefined && clock() - start + 2 * growth(last.size, size) * last.seconds > limitSec) break;
    const runOnce = await run(size);
    const times: number[] = [];
    for (let i = 0; i <= mostRuns; i++) {
      if (signal.aborted) throw cancelledError();
      const from = clock();
      await runOnce();
      times.push(clock() - from);
      if (clock() - start + times[i] > limitSec) break;
    }
    timed.push({ size, firstSec: times[0], seconds: Math.min(...times) });
  }
  return timed;
}

/** What the first run of a session takes beyond the others. */
function beyondOthers({ firstSec, seconds }: Timed<unknown>): number {
  return Math.max(0, firstSec - seconds);
}

/** A network that is timed, and how many times as long the model's own takes. */
interface TimedNetwork {
  readonly transformer: Transformer;
  readonly shares: readonly number[];
  readonly budgetSec: number;
  /** Of a call of so many tokens. */
  readonly times: (tokens: number) => number;
  /** Of opening it, which is then timed by itself; absent: the first call opens it. */
  readonly openTimes?: number;
  /** How much longer a size takes than the one before it, at most. */
  readonly growth: (from: number, to: number) => number;
}

/**
 * What is timed of a model: its network, or of a large one the first blocks, which open in a moment; their seconds count as
 * often as their operations go into those of all.
 */
function timedNetwork(
  model: ModelFolder,
  { transformer }: LoadedModel,
  sessions: SessionFactory,
): TimedNetwork {
  const { spec, graphs } = model.transformer;
  if (spec.probe === undefined || graphs.probe === undefined) {
    return {
      transformer,
      shares: tokenShares,
      budgetSec: budgetSec.calls,
      times: () => 1,
      growth: (from, to) => (to / from) ** 2,
    };
  }
  const { probe } = spec;
  const { textTokens } = model.settings;
  const flops = (of: TransformerSpec, tokens: number): number => of.flops({ tokens, textTokens, batch: 1 });
  return {
    transformer: {
      sessions: lazySessions(sessions, { plain: graphs.probe }, { lean: true }),
      spec: probe,
      type: model.type,
    },
    shares: probeShares,
    budgetSec: largeBudgetSec.calls,
    times: (tokens) => flops(spec, tokens) / flops(probe, tokens),
    openTimes: spec.blocks / probe.blocks,
    growth: (from, to) => flops(probe, to) / flops(probe, from),
  };
}

/** Network calls over the number of tokens. */
async function timeCalls(
  model: ModelFolder,
  { transformer, shares, budgetSec: limitSec, times, openTimes, growth }: TimedNetwork,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ points: CallPoint[]; firstCallSec: number }> {
  const { spec } = transformer;
  const { textTokens } = model.settings;
  const mostTokens = usualTokens(model.settings, model.family.geometry);
  const start = clock();
  if (openTimes !== undefined) await transformer.sessions.session('plain');
  const openSec = clock() - start;
  const sizes = shares.map((share) => Math.max(16, Math.round(share * mostTokens)));
  const timed = await timeSizes(sizes, growth, limitSec, clock, signal, async (tokens) => {
    const rope = spec.rope({ frames: 1, rows: 1, cols: tokens });
    const denoiser = createDenoiser(transformer, {
      rope,
      control: gaussianNoise(1, tokens, tokens * spec.controlLength),
      texts: [gaussianNoise(2, tokens, textTokens * spec.textDim)],
      textTokens,
    });
    const noise = gaussianNoise(3, tokens, tokens * spec.tokenLength);
    return () => denoiser.run({ sample: noise, timestep: 500 });
  });
  return {
    points: timed.map(({ size, seconds }) => ({ streams: 1, tokens: size, seconds: seconds * times(size) })),
    firstCallSec: openTimes === undefined ? beyondOthers(timed[0]) : openTimes * openSec,
  };
}

/** Passes of one part of the VAE over their operations. */
async function timePasses(
  part: 'encode' | 'decode',
  model: ModelFolder,
  { codec }: LoadedModel,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ points: PassPoint[]; firstSec: number }> {
  const { spec } = model.vae;
  const flops = (size: VideoSize): number =>
    part === 'encode' ? spec.encodeFlops(size) : spec.decodeFlops(size);
  const timed = await timeSizes(
    videoSizes.map(({ latents, ...size }) => ({ ...size, frames: 1 + latents * spec.temporalFactor })),
    (from, to) => flops(to) / flops(from),
    (model.transformer.spec.probe === undefined ? budgetSec : largeBudgetSec)[part],
    clock,
    signal,
    async (size) => {
      const { frames, height, width } = size;
      if (part === 'encode') {
        const video = new Float32Array(spec.inChannels * frames * height * width);
        return () => codec.encode(video, size);
      }
      const latent = {
        frames: 1 + (frames - 1) / spec.temporalFactor,
        height: height / spec.spatialFactor,
        width: width / spec.spatialFactor,
      };
      const latents = gaussianNoise(
        4,
        frames,
        spec.latentChannels * latent.frames * latent.height * latent.width,
      );
      return () => codec.decode(latents, latent);
    },
  );
  return {
    points: timed.map(({ size, seconds }) => ({ flops: flops(size), seconds })),
    firstSec: beyondOthers(timed[0]),
  };
}

/** Opens a model and times it: about five seconds, fifteen of a large one, longer only where its smallest pass is slow. */
export async function measureNetwork(
  model: ModelFolder,
  sessions: SessionFactory,
  clock: Clock,
  signal: AbortSignal,
): Promise<NetworkCosts> {
  const start = clock();
  await driftOf(sessions, model, Float32Array.of(1000, 500));
  const loadSec = clock() - start;
  const loaded = loadModel(sessions, model);
  try {
    const { spec } = model.transformer;
    const { textTokens } = model.settings;
    const network = timedNetwork(model, loaded, sessions);
    const { points, firstCallSec } = await timeCalls(model, network, clock, signal).finally(() =>
      network.transformer.sessions.release(),
    );
    // A call's operations are constant + linear + square; two differences give the latter two.
    const flopsAt = (tokens: number): number => spec.flops({ tokens, textTokens, batch: 1 });
    const perTokenPairFlop = (flopsAt(2) - 2 * flopsAt(1) + flopsAt(0)) / 2;
    const perTokenFlop = flopsAt(1) - flopsAt(0) - perTokenPairFlop;
    const encode = await timePasses('encode', model, loaded, clock, signal);
    const decode = await timePasses('decode', model, loaded, clock, signal);
    return {
      call: fitCallCost(points, { perTokenFlop, perTokenPairFlop }),
      encode: fitPassCost(encode.points),
      decode: fitPassCost(decode.points),
      firstCallSec,
      firstEncodeSec: encode.firstSec,
      firstDecodeSec: decode.firstSec,
      loadSec,
    };
  } finally {
    await loaded.release();
  }
}

/** Side of the picture that is worked on, in pixels. */
const probePx = 192;

/** How this machine does the program's own picture work, as a share of the reference machine's time. */
export function measurePictureFactor(clock: Clock): number {
  const size = { channels: 3, height: probePx, width: probePx };
  const picture = gaussianNoise(5, 0, 3 * probePx * probePx);
  const mask = Uint8Array.from({ length: probePx * probePx }, (_, i) => (i % 7 === 0 ? 255 : 0));
  const times = Array.from({ length: 9 }, () => {
    const start = clock();
    resizePlanar(pushPullFill(picture, mask, size), size, { height: probePx / 2, width: probePx / 2 });
    return clock() - start;
  });
  // The first runs are compiled as they go.
  return Math.min(...times) / referencePictureSec;
}
