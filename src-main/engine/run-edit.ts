import { usageError } from '../../src-shared/core/errors/index.ts';
import { stageSeconds, totalSeconds } from '../../src-shared/core/estimate/index.ts';
import { planWindows, type EditPlan } from '../../src-shared/core/plan/index.ts';
import { presetSteps } from '../../src-shared/core/presets/index.ts';
import type { EditJob, EditResult } from './edit-job.ts';
import type { EditServices } from './edit-services.ts';
import { exportClip } from './export-clip.ts';
import type { ClipInfo, FrameSource } from './frames.ts';
import { generateClip, patchLookup, type Sampling } from './generate-clip.ts';
import { createJobMeter } from './job-meter.ts';
import { jobWork } from './job-work.ts';
import { scanMask } from './mask-scan.ts';
import type { ModelFolder } from './model-folder.ts';
import type { PlateSummary } from './patch-store.ts';
import { openQualityMeter, outsideDifference } from './quality-meter.ts';
import { countCalls, stepsToRun } from './sampling-loop.ts';
import { settlePlate } from './settle-plate.ts';
import { makeSheet } from './sheet-stage.ts';

/** Sampler and guidance of a job on its model. */
function samplingOf(job: EditJob, model: ModelFolder): Sampling & { steps: number } {
  const { settings, scheduler } = model;
  const steps = presetSteps(job.preset, settings.recommendedSteps, job.steps);
  // A model that follows no prompt has nothing to be guided away from.
  const guidanceScale = settings.followsPrompt ? (job.guidanceScale ?? settings.guidanceScale) : 1;
  const shift = settings.flowShift === undefined ? {} : { flowShift: settings.flowShift };
  return { scheduler: scheduler.create({ steps, ...shift }), guidanceScale, steps };
}

function planOf(job: EditJob, summary: PlateSummary, clip: ClipInfo, model: ModelFolder): EditPlan {
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

function checkClip(clip: ClipInfo): void {
  if (clip.ptsSec.length >= 2) return;
  throw usageError(
    'clip-too-short',
    `${clip.path} has one frame; HetCut edits video.`,
    'Give a clip of two frames or more.',
  );
}

/** What the decoder could not read, once the whole clip has been decoded. */
function damageWarning(source: FrameSource): string[] {
  const frames = source.damagedFrames();
  return frames.length === 0 ? [] : [`Damaged frames repeat the last good picture: ${frames.join(', ')}.`];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** One edit, from the clip to the finished file. Throws HetcutError; then the output is as it was before. */
export async function runEdit(job: EditJob, services: EditServices): Promise<EditResult> {
  const { media, model, store, signal } = services;
  const meter = createJobMeter(services.clock, services.onProgress);
  meter.report('probe', 0, 1, 'files');
  const source = await media.openClip(job.clipPath, signal);
  const clip = source.info;
  checkClip(clip);
  await media.checkExport(job.outputPath, clip, job.encode);
  const mask = await media.openMask(job.maskPath, clip, signal);
  const quality = await openQualityMeter(media, job.truthPath, clip, signal);
  const scan = await meter.time('media', () => scanMask(mask, clip, signal));
  meter.report('probe', 1, 1, 'files');

  if (job.fresh) await store.clear();
  if (!(await store.plateDone())) {
    await meter.time('plate', () => settlePlate({ choice: job.plate, source, mask, scan, services, meter }));
  }
  const summary = await store.plateSummary();
  const plan = planOf(job, summary, clip, model);
  const { steps, ...sampling } = samplingOf(job, model);
  const work = jobWork({
    model,
    clip,
    plan,
    stepsToRun: stepsToRun(sampling.scheduler, model.settings.strength),
    streams: sampling.guidanceScale === 1 ? 1 : 2,
    usesPlate: job.plate.kind !== 'off',
  });
  const rates = await services.loadRates();
  const foreseen = stageSeconds(work, rates);
  meter.foresee(foreseen);
  const generated = await generateClip({ job, services, source, meter, plan, sampling });

  const sink = await media.openSink(job.outputPath, clip, job.encode, signal);
  services.onPartialFile(sink.partialPath);
  const patchOf = patchLookup(plan, store);
  const onFrame = (done: number, frames: number): void => meter.report('export', done, frames, 'frames');
  await meter.time('media', () => exportClip({ source, mask, patchOf, sink, quality, signal, onFrame }));
  const sheet =
    job.sheetPath === undefined
      ? undefined
      : await makeSheet(media, job.sheetPath, source, mask, patchOf, scan);
  const outputOutsideMaxDiff =
    job.encode.quality === 'lossless'
      ? await outsideDifference(media, source, job.outputPath, mask, signal)
      : null;

  const measured = meter.measured();
  // A resumed run did only part of the work: its times say nothing about the whole.
  if (generated.resumedWindows === 0) await services.onMeasured(rates, work, measured);
  await store.clear();
  return {
    output: job.outputPath,
    frames: clip.ptsSec.length,
    width: clip.width,
    height: clip.height,
    model: model.id,
    method: job.method.name,
    methodOptions: job.method.options,
    steps,
    seed: job.seed,
    windows: plan.windows.length,
    resumedWindows: generated.resumedWindows,
    calls: countCalls(generated.steps),
    flops: work.text + work.encode + sum(generated.steps.map(({ flops }) => flops)) + work.decode,
    seconds: { total: meter.elapsedSec(), ...measured },
    estimateSeconds: totalSeconds(foreseen),
    peakMemoryMb: services.peakMemoryMb(),
    plateShare: summary.settledPixels / summary.maskedPixels,
    quality: { ...quality.result(), outputOutsideMaxDiff },
    ...(sheet === undefined ? {} : { sheet }),
    warnings: [...clip.warnings, ...summary.warnings, ...sink.warnings, ...damageWarning(source)],
  };
}
