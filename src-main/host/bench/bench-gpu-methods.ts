import type { ClipSize, MethodRow } from '../../../src-shared/core/bench/index.ts';
import { jsonPsnr } from '../../../src-shared/core/bench/index.ts';
import {
  calibrateFrom,
  calibrateSchedule,
  RunRecord,
  spreadSensitivity,
  type ModelCalibration,
  type StepKind,
} from '../../../src-shared/core/caches/index.ts';
import type { WindowPicture } from '../../../src-shared/core/families/index.ts';
import { addErrors, maskedSquaredError, noError, psnrOf } from '../../../src-shared/core/metrics/index.ts';
import { gaussianNoise } from '../../../src-shared/core/random/index.ts';
import { firstStepFor } from '../../../src-shared/core/schedulers/index.ts';
import { partitionTokens } from '../../../src-shared/core/tokens/index.ts';
import { parseBenchSpecs, type BenchSpec } from '../../bench/index.ts';
import { videoBytes } from '../../engine/generate/bench-windows.ts';
import { decodeWindow, encodeWindow, sampleWindow } from '../../engine/generate/generate-window.ts';
import type { StepRecord } from '../../engine/generate/sampling-loop.ts';
import { measureTimeDrift } from '../../engine/network/drift-probe.ts';
import { loadModel } from '../load-model.ts';
import { attempt, choiceFor, type GpuBenchParts, type GpuBenchPlan } from './bench-gpu-parts.ts';

const fullSpec = { label: '', method: { name: 'full', options: {} } } as const;
const guidanceScale = 5;
const streams = 2;
const seed = 0;

/** A soft moving pattern with a hole of a ninth of the picture that moves along. */
function benchPicture({ frames, height, width }: ClipSize): WindowPicture {
  const pixels = height * width;
  const video = new Float32Array(3 * frames * pixels);
  const mask = new Float32Array(frames * pixels);
  const [top, left] = [Math.round(height / 3), Math.round(width / 3)];
  for (let t = 0; t < frames; t++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = t * pixels + y * width + x;
        for (let c = 0; c < 3; c++) {
          video[c * frames * pixels + at] =
            0.6 * Math.sin((x + 2 * t) / (23 + 9 * c)) * Math.cos(y / (31 - 5 * c));
        }
        if (y >= top && y < 2 * top && x >= left + t && x < 2 * left + t) mask[at] = 1;
      }
    }
  }
  return { video, mask, frames, height, width };
}

/** In dB inside the mask, as 8-bit pictures. */
function maskPsnr({ mask, frames, height, width }: WindowPicture, a: Uint8Array, b: Uint8Array): number {
  const pixels = height * width;
  let error = noError;
  for (let t = 0; t < frames; t++) {
    const hole = Uint8Array.from(mask.subarray(t * pixels, (t + 1) * pixels), (value) => 255 * value);
    const picture = (video: Uint8Array): Uint8Array => {
      const rgb = new Uint8Array(3 * pixels);
      for (let i = 0; i < rgb.length; i++)
        rgb[i] = video[((i % 3) * frames + t) * pixels + Math.floor(i / 3)];
      return rgb;
    };
    error = addErrors(error, maskedSquaredError(picture(a), picture(b), hole));
  }
  return psnrOf(error);
}

function countKinds(steps: readonly StepRecord[]): Record<StepKind, number> {
  const calls: Record<StepKind, number> = { full: 0, partial: 0, reuse: 0 };
  for (const { kind } of steps) calls[kind]++;
  return calls;
}

/** The rows of one number of steps: the uncached run, which the others are calibrated on and compared with, first. */
async function benchSteps(steps: number, plan: GpuBenchPlan, parts: GpuBenchParts): Promise<MethodRow[]> {
  const { model, sessions, budget, signal } = parts;
  const { flowShift, textTokens } = model.settings;
  const { family, transformer } = model;
  const scheduler = model.scheduler.create({ steps, ...(flowShift !== undefined && { flowShift }) });
  const loaded = loadModel(sessions, model, choiceFor(model, plan.methodSize, budget));
  const length = textTokens * transformer.spec.textDim;
  const generator = {
    ...loaded,
    texts: Array.from({ length: streams }, (_, stream) => gaussianNoise(2, stream, length)),
    textTokens,
  };
  const picture = benchPicture(plan.methodSize);
  try {
    const drift = await measureTimeDrift(loaded.transformer, scheduler.timesteps);
    const window = await encodeWindow(generator, picture, false, signal);
    const partition = partitionTokens(picture.mask, picture, {
      referenceFrames: window.referenceFrames,
      geometry: family.geometry,
    });
    const samples: Float32Array[] = [];
    const velocities: Float32Array[] = [];
    const record = new RunRecord(partition.generative);
    let calibration: ModelCalibration = model.calibration;
    let reference: Uint8Array | undefined;
    const rows: MethodRow[] = [];
    const measure = async (spec: Pick<BenchSpec, 'label' | 'method'>): Promise<void> => {
      const isFull = reference === undefined;
      let more: Pick<MethodRow, 'calls' | 'maskPsnr'> = {};
      const name = [spec.method.name, spec.label].filter((text) => text !== '').join(' ');
      const row = await attempt(name, parts, async () => {
        const { tokens, steps: done } = await sampleWindow(generator, window, {
          scheduler,
          method: spec.method,
          drift,
          calibration,
          guidanceScale,
          strength: 1,
          seed,
          noiseStream: 0,
          clock: () => performance.now() / 1000,
          signal,
          ...(isFull && {
            onOutput(view, output) {
              samples.push(view.sample.slice());
              velocities.push(output.velocities[0].slice());
            },
            onPrediction: (_, velocity) => record.add(velocity, velocity.length / partition.count),
          }),
        });
        const video = videoBytes(await decodeWindow(generator, window, tokens, { signal }));
        reference ??= video;
        more = { calls: countKinds(done), maskPsnr: jsonPsnr(maskPsnr(picture, video, reference)) };
        return {
          seconds: done.reduce((sum, step) => sum + step.networkSec + step.selectionSec + step.restSec, 0),
          gflop: done.reduce((sum, { flops }) => sum + flops, 0) / 1e9,
        };
      });
      rows.push({ ...row, steps, ...more });
    };
    await measure(fullSpec);
    if (reference === undefined) return rows;
    const first = firstStepFor(scheduler, 1);
    const conditions = {
      timesteps: scheduler.timesteps.subarray(first),
      sigmas: scheduler.sigmas.subarray(first),
      guidanceScale,
    };
    calibration = {
      ...calibrateFrom({ samples, velocities, embeddingDrift: drift.embedding.subarray(first) }),
      schedules: [calibrateSchedule(conditions, [record.gram()], spreadSensitivity(steps, []))],
      // What was measured of a real model on real clips says more than one run on a pattern.
      ...model.calibration,
    };
    for (const spec of parseBenchSpecs(plan.methods, steps)) await measure(spec);
    return rows;
  } finally {
    await loaded.release();
  }
}

/** Every method at every number of steps, on one window with guidance. */
export async function benchGpuMethods(
  plan: GpuBenchPlan,
  parts: GpuBenchParts,
): Promise<{ methods: MethodRow[]; streams: number }> {
  const methods: MethodRow[] = [];
  for (const steps of plan.steps) {
    parts.onNote(`cache methods, ${steps} steps`);
    methods.push(...(await benchSteps(steps, plan, parts)));
  }
  return { methods, streams };
}
