import { cacheMethods } from '../../src-shared/core/caches/index.ts';
import { cancelledError, usageError } from '../../src-shared/core/errors/index.ts';
import type { MachineRates, StageWork } from '../../src-shared/core/estimate/index.ts';
import { stageSeconds, totalSeconds } from '../../src-shared/core/estimate/index.ts';
import { planWindows, type EditPlan, type EditWindow } from '../../src-shared/core/plan/index.ts';
import { presetSteps } from '../../src-shared/core/presets/index.ts';
import type { Scheduler } from '../../src-shared/core/schedulers/index.ts';
import type { EditJob, EditResult } from './edit-job.ts';
import { exportClip } from './export-clip.ts';
import type { ClipInfo, FrameSource, MaskSource, Media } from './frames.ts';
import { generateWindow, type Generator } from './generate-window.ts';
import { createJobMeter, type Clock, type JobMeter } from './job-meter.ts';
import { jobWork } from './job-work.ts';
import { scanMask } from './mask-scan.ts';
import type { ModelFolder } from './model-folder.ts';
import type { FramePatch, PatchStore, PlateSummary } from './patch-store.ts';
import { settlePlate, type OpenCameraTracker } from './plate-stage.ts';
import type { OnProgress } from './progress.ts';
import { openQualityMeter, outsideDifference } from './quality-meter.ts';
import { stepsToRun } from './sampling-loop.ts';
import { generatedCrop, settlePatch } from './settle-window.ts';
import { makeSheet } from './sheet-stage.ts';
import { assembleWindow, cropOpen, cropRgb, workingFrame, type WorkingFrame } from './window-picture.ts';

/** What the edit works with; each is an interface, so that the job can be run on other parts. */
export interface EditServices {
  readonly media: Media;
  readonly model: ModelFolder;
  /** Loads the text encoder, runs it, and releases it. One embedding per stream. */
  readonly encodePrompts: (prompts: readonly string[]) => Promise<Float32Array[]>;
  /** Loads transformer and VAE. */
  readonly openGenerator: () => Promise<
    Omit<Generator, 'texts' | 'textTokens'> & { release(): Promise<void> }
  >;
  readonly openTracker: OpenCameraTracker;
  readonly store: PatchStore;
  readonly rates: MachineRates;
  readonly clock: Clock;
  readonly peakMemoryMb: () => number;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  readonly onNote: (text: string) => void;
  readonly onPartialFile: (path: string) => void;
  /** Keeps what was measured for the next estimate. */
  readonly onMeasured: (work: StageWork, seconds: ReturnType<JobMeter['measured']>) => Promise<void>;
}

/** Everything the stages share. */
interface Run {
  readonly job: EditJob;
  readonly services: EditServices;
  readonly source: FrameSource;
  readonly mask: MaskSource;
  readonly meter: JobMeter;
}

/** Steps, guidance and streams of a job on its model. */
function samplingOf(
  job: EditJob,
  model: ModelFolder,
): { scheduler: Scheduler; guidanceScale: number; steps: number } {
  const { settings, scheduler } = model;
  const steps = presetSteps(job.preset, settings.recommendedSteps, job.steps);
  const guidanceScale = model.textEncoder === undefined ? 1 : (job.guidanceScale ?? settings.guidanceScale);
  const shift = settings.flowShift === undefined ? {} : { flowShift: settings.flowShift };
  return { scheduler: scheduler.create({ steps, ...shift }), guidanceScale, steps };
}

function planOf(summary: PlateSummary, clip: ClipInfo, model: ModelFolder, job: EditJob): EditPlan {
  if (job.plate.kind === 'only') return { windows: [] };
  const { workingPixels, maxWindowFrames, overlapFrames } = model.settings;
  return planWindows(summary.openBoxes, clip, {
    spatialMultiple: 16,
    temporalStride: 4,
    maxWindowFrames,
    workingPixels,
    overlapFrames,
  });
}

/** The newest patch of each frame: of the last window that finished it, else the plate's. */
function patchLookup(
  plan: EditPlan,
  store: PatchStore,
): (frame: number, before?: number) => Promise<FramePatch | null> {
  return async (frame, before = plan.windows.length) => {
    const owner = plan.windows.findLast(
      (w) => w.index < before && frame >= w.startFrame + w.knownFrames && frame < w.endFrame,
    );
    return owner === undefined ? store.readPlate(frame) : store.readWindow(owner.index, frame);
  };
}

interface WindowFrames {
  readonly working: WorkingFrame[];
  readonly known: { readonly rgb: Float32Array; readonly open: Uint8Array }[];
  readonly patches: (FramePatch | null)[];
}

async function readWindowFrames(
  run: Run,
  window: EditWindow,
  patchOf: (frame: number, before: number) => Promise<FramePatch | null>,
): Promise<WindowFrames> {
  const { source, services } = run;
  const frames: WindowFrames = { working: [], known: [], patches: [] };
  for await (const frame of source.frames(window.startFrame, window.endFrame, services.signal)) {
    const patch = await patchOf(frame.index, window.index);
    const rgb = cropRgb(frame, patch, source.info, window.crop);
    const open = cropOpen(patch, source.info, window.crop);
    frames.working.push(workingFrame(rgb, open, window, services.model.settings.fill));
    frames.known.push({ rgb, open });
    frames.patches.push(patch);
  }
  return frames;
}

/** Generates every window that no earlier run has finished. Returns calls by kind and how many were resumed. */
async function generateAll(
  run: Run,
  plan: EditPlan,
): Promise<{ calls: EditResult['calls']; resumedWindows: number }> {
  const { job, services, source, meter } = run;
  const { store, model, signal } = services;
  const calls = { full: 0, partial: 0, reuse: 0 };
  const count = plan.windows.length;
  const finished = await Promise.all(plan.windows.map((window) => store.hasWindow(window.index)));
  if (finished.every(Boolean)) return { calls, resumedWindows: count };

  const { scheduler, guidanceScale } = samplingOf(job, model);
  meter.report('text', 0, 1, 'prompts');
  const prompts = guidanceScale === 1 ? [job.prompt] : [job.prompt, job.negativePrompt];
  const texts = await meter.time('text', () => services.encodePrompts(prompts));
  meter.report('text', 1, 1, 'prompts');
  const { release, ...loaded } = await services.openGenerator();
  const generator: Generator = { ...loaded, texts, textTokens: model.settings.textTokens };
  const patchOf = patchLookup(plan, store);
  try {
    for (const window of plan.windows) {
      if (finished[window.index]) continue;
      if (signal.aborted) throw cancelledError();
      const frames = await meter.time('media', () => readWindowFrames(run, window, patchOf));
      let stageStart = services.clock();
      const { video, calls: windowCalls } = await generateWindow(
        generator,
        assembleWindow(frames.working, window),
        {
          scheduler,
          method: cacheMethods[job.method](),
          guidanceScale,
          strength: model.settings.strength,
          seed: job.seed,
          noiseStream: window.index,
          signal,
          onStage: (stage, step, steps) => {
            const now = services.clock();
            if (step > 0) meter.addTime(stage, now - stageStart);
            stageStart = now;
            meter.report(stage, step, steps, stage === 'sample' ? 'steps' : 'passes', {
              index: window.index,
              count,
            });
          },
        },
      );
      const settled = new Map<number, FramePatch>();
      await meter.time('media', async () => {
        for (let t = window.knownFrames; t < frames.patches.length; t++) {
          const patch = frames.patches[t];
          if (patch === null) continue;
          const rgb = generatedCrop(video, t, window, frames.known[t]);
          settled.set(window.startFrame + t, settlePatch(patch, rgb, window.crop, source.info));
        }
        await store.writeWindow(window.index, settled);
      });
      calls.full += windowCalls.full;
      calls.partial += windowCalls.partial;
      calls.reuse += windowCalls.reuse;
    }
  } finally {
    await release();
  }
  return { calls, resumedWindows: finished.filter(Boolean).length };
}

function checkClip(clip: ClipInfo): void {
  if (clip.ptsSec.length < 2) {
    throw usageError(
      'clip-too-short',
      `${clip.path} has one frame; HetCut edits video.`,
      'Give a clip of two frames or more.',
    );
  }
}

/** One edit from clip to finished file. Throws HetcutError; then the output is as it was before. */
export async function runEdit(job: EditJob, services: EditServices): Promise<EditResult> {
  const { media, model, store, signal, clock } = services;
  const meter = createJobMeter(clock, services.onProgress);
  meter.report('probe', 0, 1, 'files');
  const source = await media.openClip(job.clipPath, signal);
  const clip = source.info;
  checkClip(clip);
  const mask = await media.openMask(job.maskPath, clip, signal);
  const quality = await openQualityMeter(media, job.truthPath, clip, signal);
  const scan = await meter.time('media', () => scanMask(mask, clip, signal));
  meter.report('probe', 1, 1, 'files');

  if (job.fresh) await store.clear();
  if (!(await store.plateDone())) {
    await meter.time('plate', () =>
      settlePlate({ choice: job.plate, media, source, mask, scan, services, meter }),
    );
  }
  const summary = await store.plateSummary();
  const plan = planOf(summary, clip, model, job);
  const { steps, scheduler, guidanceScale } = samplingOf(job, model);
  const work = jobWork({
    model,
    clip,
    plan,
    stepsToRun: stepsToRun(scheduler, model.settings.strength),
    streams: guidanceScale === 1 ? 1 : 2,
    usesPlate: job.plate.kind !== 'off',
  });
  const foreseen = stageSeconds(work, services.rates);
  meter.foresee(foreseen);

  const { calls, resumedWindows } = await generateAll(run(), plan);
  const sink = await media.openSink(job.outputPath, clip, job.encode, signal);
  services.onPartialFile(sink.partialPath);
  const patchOf = patchLookup(plan, store);
  await meter.time('media', () =>
    exportClip({
      source,
      mask,
      patchOf,
      sink,
      meter: quality,
      signal,
      onFrame: (done, frames) => meter.report('export', done, frames, 'frames'),
    }),
  );
  const sheet =
    job.sheetPath === undefined
      ? undefined
      : await makeSheet(media, job.sheetPath, source, mask, patchOf, scan);
  const outputOutsideMaxDiff =
    job.encode.quality === 'lossless'
      ? await outsideDifference(media, source, job.outputPath, mask, signal)
      : null;
  const measured = meter.measured();
  if (resumedWindows === 0) await services.onMeasured(work, measured);
  await store.clear();
  return {
    output: job.outputPath,
    frames: clip.ptsSec.length,
    width: clip.width,
    height: clip.height,
    model: model.id,
    method: job.method,
    steps,
    seed: job.seed,
    windows: plan.windows.length,
    resumedWindows,
    calls,
    flops: work.encode + work.sample + work.decode + work.text,
    seconds: { total: meter.elapsedSec(), ...measured },
    estimateSeconds: totalSeconds(foreseen),
    peakMemoryMb: services.peakMemoryMb(),
    plateShare: summary.settledPixels / summary.maskedPixels,
    quality: { ...quality.result(), outputOutsideMaxDiff },
    ...(sheet === undefined ? {} : { sheet }),
    warnings: [...clip.warnings, ...summary.warnings],
  };

  function run(): Run {
    return { job, services, source, mask, meter };
  }
}
