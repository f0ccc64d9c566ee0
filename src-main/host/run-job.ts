import { join } from 'node:path';
import type { CalibratedSchedule } from '../../src-shared/core/caches/index.ts';
import type { EditJob, EditResult } from '../engine/edit-job.ts';
import type { OnPreview, OnProgress } from '../engine/progress.ts';
import type { EditServices } from '../engine/edit-services.ts';
import { runEdit } from '../engine/run-edit.ts';
import { modelState } from '../engine/network/model-folder.ts';
import { openPlateCoverageCache } from '../jobs/plate-coverage-cache.ts';
import { lockCheckpoint } from '../jobs/process-lock.ts';
import { programVersion } from '../jobs/program-version.ts';
import { jobKey, openWorkFolder, removeOldSteps } from '../jobs/work-folder.ts';
import { createMedia, type OnToolProcess } from '../media/index.ts';
import { openModel } from '../models/index.ts';
import { createOrt } from '../ort/index.ts';
import { openPlateWorkers } from '../threads/plate-workers.ts';
import { openCameraTracker } from '../vision/index.ts';
import { countUnknownTexts, encodePrompts } from './encode-prompts.ts';
import { keepSchedule } from './keep-schedule.ts';
import { driftOf, loadModel } from './load-model.ts';
import { memoryBudget } from './memory-budget.ts';
import { machineCosts } from './machine-costs.ts';

export interface JobHooks {
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  /** Absent where nobody looks. */
  readonly onPreview?: OnPreview;
  readonly onNote: (text: string) => void;
  readonly onPartialFile: (path: string) => void;
  /** A program was started, or has ended. */
  readonly onToolProcess?: OnToolProcess;
}

const clock = (): number => performance.now() / 1000;

/** Runs one job in this process on the machine's own parts; `openRuntime` opens the one that runs the networks. */
export async function runJob(
  job: EditJob,
  home: string,
  hooks: JobHooks,
  openRuntime: typeof createOrt = createOrt,
): Promise<EditResult> {
  const fallbacks: string[] = [];
  const sessions = openRuntime({
    cpuFallback: job.cpuFallback === true,
    onFallback(text) {
      fallbacks.push(text);
      hooks.onNote(text);
    },
  });
  const media = await createMedia(process.env, hooks.onToolProcess);
  const model = await openModel(home, job.modelId, hooks);
  const work = join(home, 'work');
  await removeOldSteps(work, Date.now());
  const key = await jobKey(job, modelState(model), await programVersion());
  const costs = machineCosts({ home, sessions, model, clock, ...hooks });
  const plates = openPlateCoverageCache(home);
  let learned: CalibratedSchedule | undefined;
  const services: EditServices = {
    ...hooks,
    media,
    model,
    ...costs,
    store: openWorkFolder(join(work, key)),
    openTracker: openCameraTracker,
    openComposer: openPlateWorkers,
    encodePrompts: (prompts) => encodePrompts(home, sessions, model, prompts),
    unknownTexts: (prompts) => countUnknownTexts(home, model, prompts),
    measureDrift: (timesteps) => driftOf(sessions, model, timesteps),
    loadModel: async (choice) => loadModel(sessions, model, choice),
    memoryBudget: () => memoryBudget(sessions),
    fallbacks: () => fallbacks,
    recallPlateCoverage: () => plates.recall(job),
    async keepSchedule(schedule) {
      learned = schedule;
    },
    rememberOpen: (open) => plates.remember(job, open),
    clock,
    peakMemoryMb: () => process.resourceUsage().maxRSS / 1024,
  };
  const unlock = await lockCheckpoint(join(work, key), hooks.signal);
  let result: EditResult;
  try {
    result = await runEdit(job, services);
  } finally {
    await unlock();
  }
  if (learned !== undefined) await keepSchedule(home, model.id, learned, hooks.onNote);
  return result;
}
