import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { differenceOf } from '../../src-shared/core/bench/index.ts';
import { createMethod, type MethodSpec } from '../../src-shared/core/caches/index.ts';
import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import { keepsPartsOpen } from '../../src-shared/core/estimate/index.ts';
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
} from '../engine/generate/bench-windows.ts';
import type { CheckJob, CheckResult } from '../engine/check-job.ts';
import { rangeIn } from '../engine/scan/clip-range.ts';
import { graphFor, keptFormFor } from '../engine/network/denoiser.ts';
import { measureTimeDrift } from '../engine/network/drift-probe.ts';
import type { EditJob, FrameRange } from '../engine/edit-job.ts';
import type { Media } from '../engine/frames.ts';
import { readWindowFrames } from '../engine/generate/generate-clip.ts';
import type { Generator, OnUncached } from '../engine/generate/generate-window.ts';
import { samplingOf, workingChoice } from '../engine/plan/job-plan.ts';
import { isStanding, isTextured, plateOf, showsFill, usesNetwork } from '../engine/plan/fill-means.ts';
import type { ModelFolder } from '../engine/network/model-folder.ts';
import { readReference } from '../engine/generate/reference-picture.ts';
import { checkClip } from '../engine/run-edit.ts';
import { countCalls, stepsToRun, type StepRecord } from '../engine/generate/sampling-loop.ts';
import { writeHomeFile } from '../jobs/atomic-write.ts';
import { openWorkFolder } from '../jobs/work-folder.ts';
import { createMedia } from '../media/index.ts';
import { openModel } from '../models/index.ts';
import { createOrt } from '../ort/index.ts';
import { openCameraTracker } from '../vision/index.ts';
import { keepSchedule } from './keep-schedule.ts';
import { loadModel } from './load-model.ts';
import { openWindows } from './open-windows.ts';
import { encodePrompts } from './encode-prompts.ts';
import type { JobHooks } from './run-job.ts';

/** Frames that a check generates where the clip and the model allow it: one window of the starter. */
const checkedFrames = 17;

const uncached: MethodSpec = { name: 'full', options: {} };
const clock = (): number => performance.now() / 1000;

/** Up to `length` frames around one, within a range. */
export function rangeAround(
  { startFrame: first, endFrame: end }: FrameRange,
  frame: number,
  length: number,
): FrameRange {
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

/** The window around the frame with its pictures; open in it is what the job's plate leaves. */
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
          return rangeIn(clip, edit.range);
        },
        framesOf: (whole) => {
          const around = rangeAround(whole, frame, length);
          return {
            startFrame: around.startFrame - whole.startFrame,
            endFrame: around.endFrame - whole.startFrame,
          };
        },
        plate: plateOf(edit, model),
        working: workingChoice(edit, model),
        showsFill: isTextured(edit, model),
        whole: edit.kind === 'edit',
        standing: isStanding(edit, model),
        seed: edit.seed,
      },
      { media, model, patches, openTracker: openCameraTracker, signal, onProgress },
    );
    if (plan.windows.length === 0) {
      throw usageError(
        'check-nothing-generated',
        `Around frame ${frame} other frames show all of the hole: nothing is generated there.`,
        'Move the playhead to where something is generated, or choose another clean plate.',
      );
    }
    const window = nearestWindow(plan.windows, frame - range.startFrame);
    return {
      window,
      range,
      frames: await readWindowFrames(
        { source, services, showsFill: showsFill(edit, model) },
        window,
        patchOf,
      ),
    };
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
function requireComparable(edit: EditJob, model: ModelFolder): void {
  if (edit.method.name === 'full') {
    throw usageError(
      'check-full',
      'The method “full” is the uncached run itself.',
      'Choose another method to compare it.',
    );
  }
  if (!usesNetwork(edit, model)) {
    throw usageError(
      'check-no-network',
      'With this clean plate and this fill nothing is generated: there is no method to compare.',
      'Fill with the network, or choose another clean plate.',
    );
  }
}

const samplingSeconds = (steps: readonly StepRecord[]): number =>
  steps.reduce((sum, { networkSec, selectionSec, restSec }) => sum + networkSec + selectionSec + restSec, 0);

/**
 * Generates one window of a clip twice, with the steps, the noise, the plate and the reference picture of the job: with
 * its method, and uncached. Compares the two where something is generated.
 * Errors: those of a job, check-full, check-no-network, check-empty, check-nothing-generated.
 */
export async function checkQuality(task: CheckJob, home: string, hooks: JobHooks): Promise<CheckResult> {
  const { edit, frame } = task;
  const { signal, onProgress } = hooks;
  onProgress({ stage: 'probe', step: 0, steps: 1, unit: 'files' });
  const sessions = createOrt({ cpuFallback: edit.cpuFallback === true, onFallback: hooks.onNote });
  const media = await createMedia(process.env, hooks.onToolProcess);
  const model = await openModel(home, edit.modelId, hooks);
  requireComparable(edit, model);
  const reference =
    edit.referencePath === undefined ? undefined : await readReference(media, edit.referencePath);
  const { window, range, frames } = await openCheckedWindow(task, home, media, model, hooks);
  onProgress({ stage: 'probe', step: 1, steps: 1, unit: 'files' });

  const { guidanceScale, prompts, scheduler } = samplingOf(edit, model);
  const texts = await encodePrompts(home, sessions, model, prompts);
  const { release, ...loaded } = loadModel(sessions, model);
  const generator: Generator = { ...loaded, texts, textTokens: model.settings.textTokens };
  try {
    const { strength } = model.settings;
    const steps = stepsToRun(scheduler, strength);
    const drift = await measureTimeDrift(loaded.transformer, scheduler.timesteps);
    const sampling = {
      scheduler,
      drift,
      calibration: model.calibration,
      guidanceScale,
      strength,
      seed: edit.seed,
      clock,
      signal,
    };
    const oneStep = model.scheduler.create({ steps: 1 });
    const isShort = keepsPartsOpen(model.weightBytes) && stepsToRun(oneStep, strength) > 0;
    const warmUp = {
      ...sampling,
      scheduler: oneStep,
      drift: await measureTimeDrift(loaded.transformer, oneStep.timesteps),
    };
    onProgress({ stage: 'encode', step: 0, steps: 1, unit: 'windows' });
    const bench = await encodeBenchWindow(generator, window, frames, { ...sampling, reference });
    const run = async (
      method: MethodSpec,
      before: number,
      learning: { readonly onUncached?: OnUncached } = {},
    ): Promise<BenchResult> => {
      // Opened before the clock runs: reading the weights is no part of what is compared.
      const { needs } = createMethod(method);
      const form = keptFormFor(needs, loaded.transformer.keptForms);
      await loaded.transformer.sessions.session(graphFor(needs, form));
      // The first call of a graph at a size takes longer; of a small model that is a good part of the whole.
      if (isShort) await runBenchWindow(generator, bench, method, warmUp);
      const report = (step: number): void =>
        onProgress({ stage: 'sample', step: before + step, steps: 2 * steps, unit: 'steps' });
      report(0);
      return runBenchWindow(generator, bench, method, { ...sampling, ...learning, onStep: report });
    };
    const cached = await run(edit.method, 0);
    const full = await run(uncached, steps, {
      onUncached: (schedule) => keepSchedule(home, model.id, schedule, hooks.onNote),
    });
    onProgress({ stage: 'check', step: 0, steps: 1, unit: 'windows' });
    const result = await compare(bench, cached, full, frame - range.startFrame, edit.outputPath);
    return {
      ...result,
      range: {
        startFrame: range.startFrame + window.startFrame,
        endFrame: range.startFrame + window.endFrame,
      },
      frame: range.startFrame + result.frame,
      steps,
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
