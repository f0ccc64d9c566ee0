import { createMethod } from '../../src-shared/core/caches/index.ts';
import { usageError } from '../../src-shared/core/errors/index.ts';
import {
  codecFlops,
  shownSeconds,
  stageSeconds,
  stepFlops,
  totalSeconds,
} from '../../src-shared/core/estimate/index.ts';
import type { EditJob, EditResult } from './edit-job.ts';
import type { EditServices } from './edit-services.ts';
import { exportClip } from './export/export-clip.ts';
import { copiedText } from './export/write-clip.ts';
import { rangeIn, rangeOfFrames, rangeOfMasks } from './scan/clip-range.ts';
import type { ClipInfo, FrameSource } from './frames.ts';
import { generateClip, patchLookup } from './generate/generate-clip.ts';
import { checkPlate } from './plate/plate-file.ts';
import { createStageTimer } from './stage-timer.ts';
import {
  forecastPlan,
  jobSchedule,
  jobWork,
  learnFrom,
  memoryChoice,
  noDrift,
  planOpen,
  samplingOf,
  scheduleFacts,
  workDone,
} from './plan/job-plan.ts';
import { partialNote, scheduleNote } from './plan/schedule-info.ts';
import { fillMeans, isStanding, isTextured, plateOf, usesNetwork } from './plan/fill-means.ts';
import { standingPatches } from './composite/standing-lookup.ts';
import { keepFrames, keepMasks } from './scan/kept-pictures.ts';
import { scanMask } from './scan/mask-scan.ts';
import { openQualityMeter, outsideDifference } from './export/quality-meter.ts';
import { requirePrompt, requireReader } from './text/job-words.ts';
import { promptNotes } from './text/prompt-notes.ts';
import { readReference } from './generate/reference-picture.ts';
import { requireGraphs } from './network/denoiser.ts';
import { countCalls, flopsSaved, stepsToRun } from './generate/sampling-loop.ts';
import { applyPlate } from './plate/apply-plate.ts';
import { makeSheet } from './export/sheet-stage.ts';
import { greyInfo } from './export/matte-clip.ts';
import { writeSourceMap } from './export/source-map.ts';
import { findResumePoint, resumedShares } from './generate/resume-point.ts';

/** Throws where a clip cannot be edited, whatever the mask. */
export function checkClip(clip: ClipInfo): void {
  if (clip.ptsSec.length >= 2) return;
  throw usageError(
    'clip-too-short',
    `${clip.path} has one frame; HetCut edits video.`,
    'Give a clip of two frames or more.',
  );
}

/** What the decoder could not read, once all frames have been decoded: frame 0 is the clip's `firstFrame`. */
function damageWarning(source: FrameSource, firstFrame: number): string[] {
  const frames = source.damagedFrames().map((frame) => firstFrame + frame);
  return frames.length === 0 ? [] : [`Damaged frames repeat the last good picture: ${frames.join(', ')}.`];
}

/** One edit, from the clip to the finished file. Throws HetcutError; then the output is as it was before. */
export async function runEdit(job: EditJob, services: EditServices): Promise<EditResult> {
  const { media, model, store, signal, onNote } = services;
  requirePrompt(job);
  requireReader(job, model);
  promptNotes(job, model).forEach(onNote);
  const fill = fillMeans(job, model);
  const needsNetwork = usesNetwork(job, model);
  const plate = plateOf(job, model);
  const standing = isStanding(job, model);
  if (needsNetwork) requireGraphs(createMethod(job.method).needs, model.transformer.graphs);
  const timer = createStageTimer(services.clock, services.onProgress);
  timer.report('probe', 0, 1, 'files');
  const whole = await media.openClip(job.clipPath, signal);
  checkClip(whole.info);
  const range = rangeIn(whole.info, job.range);
  // From here on the range is the clip.
  const source = keepFrames(rangeOfFrames(whole, range));
  const clip = source.info;
  await media.checkExport(job.outputPath, clip, job.encode);
  if (job.sourcesPath !== undefined) {
    await media.checkExport(job.sourcesPath, greyInfo(clip), { quality: 'lossless' });
  }
  await checkPlate(media, job.plate, clip, range.endFrame, signal);
  const reference =
    job.referencePath === undefined ? undefined : await readReference(media, job.referencePath);
  const mask = keepMasks(rangeOfMasks(await media.openMask(job.maskPath, whole.info, signal), range), clip);
  const quality = await openQualityMeter(media, job.truthPath, clip, range, signal);
  timer.enter('scan');
  const scan = await scanMask(mask, clip, signal);
  timer.report('probe', 1, 1, 'files');

  timer.enter('load');
  const { steps, ...sampler } = samplingOf(job, model);
  const drift = needsNetwork ? await services.measureDrift(sampler.scheduler.timesteps) : noDrift;
  const known = await services.loadCosts(needsNetwork);
  timer.enter('measure');
  const costs = known ?? (await services.measureCosts(needsNetwork));
  const facts = scheduleFacts(job, model, costs, drift);
  const likely = forecastPlan(job, scan, clip, model, await services.recallPlateCoverage());
  const budget = needsNetwork ? await services.memoryBudget() : undefined;
  const likelyChoice = memoryChoice(job, likely, model, budget);
  // Before they are encoded: afterwards none is unknown.
  const unknownTexts = needsNetwork ? await services.unknownTexts(sampler.prompts) : 0;
  const likelyWork = jobWork(job, scan, likely, clip, model, facts, likelyChoice, unknownTexts);
  const estimated = stageSeconds(likelyWork, costs);
  const measuringSec = timer.measured().measure;
  timer.setEstimate({ ...estimated, measure: measuringSec });

  timer.enter('plate');
  if (job.fresh) await store.clear();
  const plateResumed = await store.plateDone();
  if (!plateResumed) {
    await applyPlate({
      choice: plate,
      range,
      source,
      mask,
      scan,
      services,
      timer,
      fill,
      textured: isTextured(job, model),
      whole: job.kind === 'edit' && needsNetwork,
      standing,
      seed: job.seed,
    });
  }
  const summary = await store.plateSummary();
  // What an edit leaves open says nothing of what other frames show.
  if (job.kind === 'remove' && (plate.kind === 'auto' || plate.kind === 'only')) {
    await services.rememberOpen(summary.open);
  }
  const openPlan = planOpen(job, summary.open, clip, model);
  const { plan } = openPlan;
  const choice = memoryChoice(job, openPlan, model, budget);
  const work = jobWork(job, scan, openPlan, clip, model, facts, choice, unknownTexts);
  const sampling = { ...sampler, drift };
  const where = jobSchedule(job, model, work);
  for (const note of [scheduleNote(where, model.id, { steps, ...sampler }), partialNote(where)]) {
    if (note !== undefined) services.onNote(note);
  }
  const stepsPerWindow = stepsToRun(sampler.scheduler, model.settings.strength);
  const resumePoint = await findResumePoint(job, plan, sampling, services);
  timer.setEstimate(
    { ...stageSeconds(work, costs), measure: measuringSec },
    resumedShares(resumePoint, stepsPerWindow),
  );
  const resumedWindows = resumePoint.finished.filter((known) => known !== null).length;
  const resumedSteps = resumedWindows * stepsPerWindow + resumePoint.stepsOfNext;
  const memoryWarnings: string[] = [];
  const allSteps = await generateClip({
    job,
    services,
    source,
    timer,
    plan,
    choice,
    onWarning(text) {
      onNote(text);
      memoryWarnings.push(text);
    },
    sampling,
    resumePoint,
    ...(reference === undefined ? {} : { reference }),
  });

  timer.enter('export');
  const things = summary.standing && standingPatches(summary.standing, plan, store, clip);
  const patchOf = things?.patchOf ?? patchLookup(plan, store);
  const shares = await things?.shares();
  const nothingPainted = (shares ?? []).flatMap(({ key, share }) =>
    share > 0
      ? []
      : `In frame ${range.startFrame + key} the model painted nothing that could be told from the background: only that is there. ` +
        'Try another seed, or words that the model knows.',
  );
  nothingPainted.forEach(onNote);
  const damaged = new Set(source.damagedFrames());
  const { warnings: sinkWarnings, ...written } = await exportClip({
    ...{ source, mask, patchOf, quality, media, signal, path: job.outputPath, settings: job.encode },
    featherPx: job.featherPx,
    // Each frame is measured against the truth.
    ...(job.truthPath === undefined && {
      changed: (frame) => scan.boxes[frame] !== null || damaged.has(frame),
    }),
    onFrame: (done, frames) => timer.report('export', done, frames, 'frames'),
    onPartialFile: (path) => services.onPartialFile(path),
  });
  const copied = copiedText(written);
  if (copied !== undefined) onNote(copied);
  timer.enter('check');
  const sheet =
    job.sheetPath === undefined
      ? undefined
      : await makeSheet(media, job.sheetPath, source, mask, patchOf, scan);
  if (job.sourcesPath !== undefined) {
    await writeSourceMap(media, job.sourcesPath, { clip, mask, patchOf, fill, signal });
  }
  const outputOutsideMaxDiff =
    job.encode.quality === 'lossless'
      ? await outsideDifference(media, source, job.outputPath, mask, signal)
      : null;

  await store.clear();
  const measured = timer.measured();
  // A resumed run did only part of the work: its times say nothing about the whole.
  if (!plateResumed && resumedSteps === 0) {
    const done = { ...workDone(work, allSteps, model), encodedFrames: written.encoded };
    await services.keepCosts(learnFrom(job, model, costs, done, measured));
  }
  return {
    output: job.outputPath,
    frames: clip.ptsSec.length,
    written,
    width: clip.width,
    height: clip.height,
    model: model.id,
    method: job.method.name,
    methodOptions: job.method.options,
    steps,
    seed: job.seed,
    windows: plan.windows.length,
    resumedWindows,
    resumedSteps,
    calls: countCalls(allSteps),
    flops: codecFlops(work) + stepFlops(allSteps),
    flopsSaved: flopsSaved(allSteps, stepsPerWindow),
    seconds: shownSeconds(measured),
    // As `estimate` would have said; the measuring of a first use is known by then, and part of the run.
    estimateSeconds: totalSeconds(estimated) + (known === undefined ? measuringSec : 0),
    peakMemoryMb: services.peakMemoryMb(),
    plateShare: summary.platePixels / summary.maskedPixels,
    fill,
    ...(shares && { thingShare: shares.reduce((sum, { share }) => sum + share, 0) / shares.length }),
    quality: { ...quality.result(), outputOutsideMaxDiff },
    ...(sheet === undefined ? {} : { sheet }),
    ...(job.sourcesPath === undefined ? {} : { sources: job.sourcesPath }),
    warnings: [
      ...clip.warnings,
      ...summary.warnings,
      ...services.fallbacks(),
      ...memoryWarnings,
      ...nothingPainted,
      ...sinkWarnings,
      ...damageWarning(source, range.startFrame),
    ],
  };
}
