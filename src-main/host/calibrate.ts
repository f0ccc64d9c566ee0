import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fewSteps, withSchedule } from '../../src-shared/core/caches/index.ts';
import { writeHomeFile } from '../jobs/atomic-write.ts';
import { openWorkFolder } from '../jobs/work-folder.ts';
import { createMedia } from '../media/index.ts';
import { calibrationPath, calibrationText, openModel } from '../models/index.ts';
import { createOrt } from '../ort/index.ts';
import type { OnProgress } from '../engine/progress.ts';
import { openCameraTracker } from '../vision/index.ts';
import type { CalibrateJob, CalibrateResult, CalibrationClip } from '../engine/calibrate-job.ts';
import type { EditRequest } from '../engine/edit-job.ts';
import type { ModelFolder } from '../engine/network/model-folder.ts';
import { samplingOf } from '../engine/plan/job-plan.ts';
import { calibrateModel } from './bench/calibrate-model.ts';
import { loadModel } from './load-model.ts';
import { encodePrompts } from './encode-prompts.ts';

/** A bundled clip: any real picture will do, and the benchmark's are not among them. */
export const bundledClip: CalibrationClip = {
  clipPath: fileURLToPath(new URL('../../assets/demo/bunny.mp4', import.meta.url)),
  maskPath: fileURLToPath(new URL('../../assets/demo/bunny-mask.json', import.meta.url)),
  prompt: 'a stone in the grass',
};

/** Where a model has few steps, what other caches want is measured on as many as this. */
const finerSteps = 50;

interface Conditions {
  readonly clips: readonly CalibrationClip[];
  readonly steps: number;
  readonly guidanceScales: readonly number[];
}

function conditionsOf(job: CalibrateJob, { settings }: ModelFolder): Conditions {
  const { recommendedSteps, followsPrompt, guidanceScale: own } = settings;
  const asked = job.guidanceScale === undefined ? [...new Set([own, 1])] : [job.guidanceScale];
  return {
    clips: job.clips ?? [bundledClip],
    steps: job.steps ?? (recommendedSteps > fewSteps ? recommendedSteps : finerSteps),
    guidanceScales: followsPrompt ? asked : [1],
  };
}

function editConditions(edit: EditRequest, model: ModelFolder): Conditions {
  const { clipPath, maskPath, prompt, range } = edit;
  const { steps, guidanceScale } = samplingOf(edit, model);
  const clip = { clipPath, maskPath, prompt, ...(range === undefined ? {} : { range }) };
  return { clips: [clip], steps, guidanceScales: [guidanceScale] };
}

/** Measures a model and keeps what was found beside it, with what was found under other conditions before. */
export async function calibrate(
  job: CalibrateJob,
  home: string,
  hooks: { readonly signal: AbortSignal; readonly onProgress: OnProgress },
): Promise<CalibrateResult> {
  const sessions = createOrt();
  const model = await openModel(home, job.modelId, hooks);
  const { clips, steps, guidanceScales } =
    job.edit === undefined ? conditionsOf(job, model) : editConditions(job.edit, model);
  const loaded = loadModel(sessions, model);
  try {
    const media = await createMedia();
    let calibration = model.calibration;
    for (const guidanceScale of guidanceScales) {
      const { measured, schedule } = await calibrateModel(
        { clips, runs: job.runs, steps, guidanceScale },
        {
          media,
          model,
          loaded,
          encodePrompts: (prompts) => encodePrompts(home, sessions, model, prompts),
          patches: openWorkFolder(join(home, 'work', `calibrate-${randomUUID()}`)),
          openTracker: openCameraTracker,
          ...hooks,
        },
      );
      const known = calibration.schedules ?? [];
      const schedules = schedule === undefined ? known : withSchedule(known, schedule);
      calibration = { ...calibration, ...measured, ...(schedules.length > 0 && { schedules }) };
    }
    const path = calibrationPath(model.path);
    await writeHomeFile(path, calibrationText(model.fingerprint, calibration));
    return { id: model.id, path, steps, guidanceScales, calibration };
  } finally {
    await loaded.release();
  }
}
