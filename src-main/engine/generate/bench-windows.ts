import type { ModelCalibration, MethodSpec } from '../../../src-shared/core/caches/index.ts';
import { dilate } from '../../../src-shared/core/mask/index.ts';
import {
  addErrors,
  maskedSquaredError,
  maskedMsSsim,
  maskedSsim,
  noError,
  psnrOf,
  type SquaredError,
} from '../../../src-shared/core/metrics/index.ts';
import type { EditWindow } from '../../../src-shared/core/plan/index.ts';
import {
  decodeWindow,
  encodeWindow,
  sampleWindow,
  type EncodedWindow,
  type Generator,
  type OnUncached,
  type SamplingOptions,
} from './generate-window.ts';
import type { WindowFrames } from './generate-clip.ts';
import type { Clock } from '../stage-timer.ts';
import { referenceOnCanvas, type ReferencePicture } from './reference-picture.ts';
import type { SamplingInput, StepRecord } from './sampling-loop.ts';
import { generatedCrop } from '../composite/composite-window.ts';
import { assembleWindow } from './window-picture.ts';

/** A window that several methods generate from the same inputs. */
export interface BenchWindow {
  readonly window: EditWindow;
  readonly frames: WindowFrames;
  readonly encoded: EncodedWindow;
  readonly encodeSec: number;
  /** The clean picture of each of its frames at the crop, RGB bytes; absent where the clip has none. */
  readonly truth?: readonly Uint8Array[];
}

/** What one method made of a window. */
export interface BenchResult {
  /** [3, T, H, W] float32 in −1…1. */
  readonly video: Float32Array;
  readonly steps: readonly StepRecord[];
  readonly decodeSec: number;
}

/** How far a result is from a reference, region by region of the working picture. */
export interface RegionErrors {
  readonly mask: SquaredError;
  readonly margin: SquaredError;
  readonly outside: SquaredError;
  readonly ssimSum: number;
  readonly msSsimSum: number;
  readonly ssimFrames: number;
}

export const noRegionErrors: RegionErrors = {
  mask: noError,
  margin: noError,
  outside: noError,
  ssimSum: 0,
  msSsimSum: 0,
  ssimFrames: 0,
};

/** Pixels around the mask that count as its margin: two tokens. */
const marginPx = 32;

export async function encodeBenchWindow(
  generator: Generator,
  window: EditWindow,
  frames: WindowFrames,
  options: Pick<SamplingOptions, 'strength' | 'signal'> & {
    readonly clock: Clock;
    readonly reference?: ReferencePicture | undefined;
  },
): Promise<Omit<BenchWindow, 'truth'>> {
  const start = options.clock();
  const { reference } = options;
  const picture = {
    ...assembleWindow(frames.working, window),
    ...(reference === undefined ? {} : { references: [referenceOnCanvas(reference, window)] }),
  };
  const encoded = await encodeWindow(generator, picture, options.strength < 1, options.signal);
  return { window, frames, encoded, encodeSec: options.clock() - start };
}

/** Generates one window with one method. */
export async function runBenchWindow(
  generator: Generator,
  { window, encoded }: BenchWindow,
  method: MethodSpec,
  options: Omit<SamplingOptions, 'method' | 'noiseStream'> & {
    readonly calibration: ModelCalibration;
    readonly onUncached?: OnUncached;
  } & Pick<SamplingInput, 'onStep'>,
): Promise<BenchResult> {
  const { clock, signal } = options;
  const { tokens, steps } = await sampleWindow(generator, encoded, {
    ...options,
    method,
    noiseStream: window.index,
  });
  const start = clock();
  const video = await decodeWindow(generator, encoded, tokens, { signal });
  return { video, steps, decodeSec: clock() - start };
}

/** A decoded window as the bytes that an 8-bit picture would hold, in the video's own order [3, T, H, W]. */
export function videoBytes(video: Float32Array): Uint8Array {
  return Uint8Array.from(video, (value) => Math.round((Math.min(1, Math.max(-1, value)) + 1) * 127.5));
}

/** The frames of a window that it is the first to finish: those before are given, those after repeat the last. */
function* ownFrames({ window }: BenchWindow): IterableIterator<number> {
  for (let t = window.knownFrames; t < window.endFrame - window.startFrame; t++) yield t;
}

/** Compares two results of a window, as `videoBytes`, at the working size. */
export function compareWindows(bench: BenchWindow, a: Uint8Array, b: Uint8Array): RegionErrors {
  const { width, height, frames, mask } = bench.encoded.picture;
  const pixels = width * height;
  let sum = noRegionErrors;
  for (const t of ownFrames(bench)) {
    const hole = Uint8Array.from(mask.subarray(t * pixels, (t + 1) * pixels), (value) =>
      value > 0 ? 255 : 0,
    );
    if (!hole.includes(255)) continue;
    const near = dilate(hole, width, height, marginPx);
    const margin = near.map((value, i) => (hole[i] === 0 ? value : 0));
    const outside = near.map((value) => 255 - value);
    const [pictureA, pictureB] = [a, b].map((video) => frameBytes(video, t, frames, pixels));
    sum = {
      mask: addErrors(sum.mask, maskedSquaredError(pictureA, pictureB, hole)),
      margin: addErrors(sum.margin, maskedSquaredError(pictureA, pictureB, margin)),
      outside: addErrors(sum.outside, maskedSquaredError(pictureA, pictureB, outside)),
      ssimSum: sum.ssimSum + maskedSsim(pictureA, pictureB, hole, { width, height }),
      msSsimSum: sum.msSsimSum + maskedMsSsim(pictureA, pictureB, hole, { width, height }),
      ssimFrames: sum.ssimFrames + 1,
    };
  }
  return sum;
}

export function addRegionErrors(a: RegionErrors, b: RegionErrors): RegionErrors {
  return {
    mask: addErrors(a.mask, b.mask),
    margin: addErrors(a.margin, b.margin),
    outside: addErrors(a.outside, b.outside),
    ssimSum: a.ssimSum + b.ssimSum,
    msSsimSum: a.msSsimSum + b.msSsimSum,
    ssimFrames: a.ssimFrames + b.ssimFrames,
  };
}

/** The figures of a report: PSNR in dB (Infinity: equal, NaN: no such pixel) and mean SSIM inside the mask. */
export function regionFigures({ mask, margin, outside, ssimSum, msSsimSum, ssimFrames }: RegionErrors) {
  return {
    maskPsnr: psnrOf(mask),
    maskSsim: ssimFrames === 0 ? 1 : ssimSum / ssimFrames,
    maskMsSsim: ssimFrames === 0 ? 1 : msSsimSum / ssimFrames,
    marginPsnr: psnrOf(margin),
    outsidePsnr: psnrOf(outside),
  };
}

/** Squared error of a result's open pixels against the truth, at the clip's own size. */
export function truthError(bench: BenchWindow, video: Float32Array): SquaredError | null {
  const { truth, window, frames } = bench;
  if (truth === undefined) return null;
  let error = noError;
  for (const t of ownFrames(bench)) {
    const rgb = generatedCrop(video, t, window, frames.known[t]);
    const pixels = rgb.length / 3;
    const bytes = new Uint8Array(rgb.length);
    for (let i = 0; i < bytes.length; i++) {
      bytes[i] = Math.round(255 * Math.min(1, Math.max(0, rgb[(i % 3) * pixels + Math.floor(i / 3)])));
    }
    error = addErrors(error, maskedSquaredError(bytes, truth[t], frames.known[t].open));
  }
  return error;
}

/** Frame `t` of a window's result, as `videoBytes`: [H, W, 3] at the working size. */
export function windowFrame({ encoded }: BenchWindow, video: Uint8Array, t: number): Uint8Array {
  const { width, height, frames } = encoded.picture;
  return frameBytes(video, t, frames, width * height);
}

/** Frame `t` of [3, T, H, W] bytes as [H, W, 3]. */
function frameBytes(video: Uint8Array, t: number, frames: number, pixels: number): Uint8Array {
  const picture = new Uint8Array(3 * pixels);
  for (let c = 0; c < 3; c++) {
    const from = (c * frames + t) * pixels;
    for (let i = 0; i < pixels; i++) picture[3 * i + c] = video[from + i];
  }
  return picture;
}
