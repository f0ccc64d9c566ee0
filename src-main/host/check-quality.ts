import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { differenceOf } from '../../src-shared/core/bench/index.ts';
import { createMethod, type MethodSpec } from '../../src-shared/core/caches/index.ts';
import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import type { EditWindow } from '../../src-shared/core/plan/index.ts';
import {
  compareWindows,
  encodeBenchWindow,
  regionFigures,
  runBenchWindow,
  videoBytes,
  windowFrame,
  type BenchResult,
  type BenchWindow,
} from '../engine/bench-windows.ts';
import type { CheckJob, CheckResult } from '../engine/check-job.ts';
import { rangeIn } from '../engine/clip-range.ts';
import { graphFor } from '../engine/denoiser.ts';
import { measureTimeDrift } from '../engine/drift-probe.ts';
import type { EditJob, FrameRange } from '../engine/edit-job.ts';
import type { ClipInfo, Media } from '../engine/frames.ts';
import { readWindowFrames } from '../engine/generate-clip.ts';
import type { Generator } from '../engine/generate-window.ts';
import { samplingOf, usesNetwork, type SamplerChoice } from '../engine/job-plan.ts';
import type { ModelFolder } from '../engine/model-folder.ts';
import { checkClip } from '../engine/run-edit.ts';
import { countCalls, stepsToRun, type StepRecord } from '../engine/sampling-loop.ts';
import { writeHomeFile } from '../jobs/whole-file.ts';
import { openWorkFolder } from '../jobs/work-folder.ts';
import { createMedia } from '../media/index.ts';
import { openModel } from '../models/index.ts';
import { createOrt } from '../ort/index.ts';
import { openCameraTracker } from '../vision/index.ts';
import { loadModel } from './load-model.ts';
import { openWindows } from './open-windows.ts';
import { encodePrompts, type JobHooks } from './run-job.ts';

/** Frames that a check generates where the clip and the model allow it: one window of the starter. */
const checkedFrames = 17;

const uncached: MethodSpec = { name: 'full', options: {} };
const clock = (): number => performance.now() / 1000;

/** Up to `length` frames around one, within the job's range. Throws `range`. */
export function rangeAround(
  clip: ClipInfo,
  within: FrameRange | undefined,
  frame: number,
  length: number,
): FrameRange {
  const { startFrame: first, endFrame: end } = rangeIn(clip, within);
  const count = Math.min(length, end - first);
  const startFrame = Math.min(Math.max(frame - Math.floor(count / 2), first), end - count);
  return { startFrame, endFrame: startFrame + count };
}

/** The window that holds the frame, else the one that is nearest to it. */
function nearestWindow(windows: readonly EditWindow[], frame: number): EditWindow {
  const distance = ({ startFrame, endFrame }: EditWindow): number =>
    Math.max(startFrame - frame, frame - (endFrame - 1), 0);
  return windows.reduce((best, window) => (distance(window) < distance(best) ? window : best));
}

/** The window around the frame with its pictures. The whole hole is open in it, as without a plate. */
async function openCheckedWindow(
  { edit, frame }: CheckJob,
  home: string,
  media: Media,
  model: ModelFolder,
  { signal, onProgress }: JobHooks,
) {
  const length = Math.min(checkedFrames, model.settings.maxWindowFrames);
  const patches = openWorkFolder(join(home, 'work', `check-${randomUUID()}`));
  try {
    const { source, services, plan, patchOf, range } = await openWindows(
      {
        clipPath: edit.clipPath,
        maskPath: edit.maskPath,
        rangeOf: (clip) => {
          checkClip(clip);
          return rangeAround(clip, edit.range, frame, length);
        },
      },
      { media, model, patches, openTracker: openCameraTracker, signal, onProgress },
    );
    const window = nearestWindow(plan.windows, frame - range.startFrame);
    return { window, range, frames: await readWindowFrames({ source, services }, window, patchOf) };
  } catch (error) {
    if (!(error instanceof HetcutError && error.code === 'mask-empty')) throw error;
    throw usageError(
      'check-empty',
      `Nothing is painted around frame ${frame}.`,
      'Move the playhead to where the mask is, then check again.',
    );
  } finally {
    await patches.clear();
  }
}

/** Throws where there is nothing to compare. */
function requireComparable({ method, plate }: EditJob): void {
  if (method.name === 'full') {
    throw usageError(
      'check-full',
      'The method “full” is the full run itself.',
      'Choose another method to compare it.',
    );
  }
  if (!usesNetwork({ plate } as EditJob)) {
    throw usageError(
      'check-no-network',
      'With this plate nothing is generated: there is no method to compare.',
      'Choose another plate.',
    );
  }
}

const samplingSeconds = (steps: readonly StepRecord[]): number =>
  steps.reduce((sum, { networkSec, selectionSec, restSec }) => sum + networkSec + selectionSec + restSec, 0);

/**
 * Generates one window of a clip twice from the same noise, as asked and in full, and compares the two.
 * Errors: those of a job, check-full, check-no-network, check-empty.
 */
export async function checkQuality(task: CheckJob, home: string, hooks: JobHooks): Promise<CheckResult> {
  const { edit, frame } = task;
  requireComparable(edit);
  const { signal, onProgress } = hooks;
  onProgress({ stage: 'probe', step: 0, steps: 1, unit: 'files' });
  const sessions = createOrt();
  const media = await createMedia(process.env, hooks.onToolProcess);
  const model = await openModel(home, edit.modelId, hooks);
  const { window, range, frames } = await openCheckedWindow(task, home, media, model, hooks);
  onProgress({ stage: 'probe', step: 1, steps: 1, unit: 'files' });

  const asked = samplingOf(edit, model);
  const whole = samplingOf({ ...edit, preset: 'quality' }, model);
  const { guidanceScale } = asked;
  const prompts = guidanceScale === 1 ? [edit.prompt] : [edit.prompt, edit.negativePrompt];
  const texts = await encodePrompts(sessions, model, prompts);
  const { release, ...loaded } = loadModel(sessions, model);
  const generator: Generator = { ...loaded, texts, textTokens: model.settings.textTokens };
  try {
    const { strength } = model.settings;
    const steps = stepsToRun(asked.scheduler, strength);
    const fullSteps = stepsToRun(whole.scheduler, strength);
    const sampling = {
      calibration: model.calibration,
      guidanceScale,
      strength,
      seed: edit.seed,
      clock,
      signal,
    };
    onProgress({ stage: 'encode', step: 0, steps: 1, unit: 'windows' });
    const bench = await encodeBenchWindow(generator, window, frames, sampling);
    const run = async (
      method: MethodSpec,
      { scheduler }: SamplerChoice,
      before: number,
    ): Promise<BenchResult> => {
      const drift = await measureTimeDrift(loaded.transformer, scheduler.timesteps);
      // Opened before the clock runs: reading the weights is no part of what is compared.
      await loaded.transformer.sessions.session(graphFor(createMethod(method).needs));
      const report = (step: number): void =>
        onProgress({ stage: 'sample', step: before + step, steps: steps + fullSteps, unit: 'steps' });
      report(0);
      return runBenchWindow(generator, bench, method, { ...sampling, scheduler, drift, onStep: report });
    };
    const cached = await run(edit.method, asked, 0);
    const full = await run(uncached, whole, steps);
    onProgress({ stage: 'check', step: 0, steps: 1, unit: 'windows' });
    const result = await compare(bench, cached, full, frame - range.startFrame, edit.outputPath);
    return {
      ...result,
      range,
      frame: range.startFrame + result.frame,
      steps,
      fullSteps,
      calls: countCalls(cached.steps),
      seconds: samplingSeconds(cached.steps),
      fullSeconds: samplingSeconds(full.steps),
    };
  } finally {
    await release();
  }
}

/** `frame`: of the range, as is the one that is answered. */
async function compare(
  bench: BenchWindow,
  cached: BenchResult,
  full: BenchResult,
  frame: number,
  picturesPath: string,
): Promise<Pick<CheckResult, 'maskPsnr' | 'marginPsnr' | 'picturesPath' | 'width' | 'height' | 'frame'>> {
  const { window } = bench;
  const { width, height } = bench.encoded.picture;
  const videos = [cached, full].map(({ video }) => videoBytes(video));
  const { maskPsnr, marginPsnr } = differenceOf(regionFigures(compareWindows(bench, videos[0], videos[1])));
  const shown = Math.min(Math.max(frame, window.startFrame), window.endFrame - 1);
  const pictures = videos.map((video) => windowFrame(bench, video, shown - window.startFrame));
  await writeHomeFile(picturesPath, Buffer.concat(pictures));
  return {
    maskPsnr,
    ...(marginPsnr === undefined ? {} : { marginPsnr }),
    picturesPath,
    width,
    height,
    frame: shown,
  };
}
