import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fewSteps, withSchedule, type ModelCalibration } from '../../src-shared/core/caches/index.ts';
import { writeHomeFile } from '../jobs/atomic-write.ts';
import { openWorkFolder } from '../jobs/work-folder.ts';
import { createMedia } from '../media/index.ts';
import { calibrationPath, calibrationText, openModel } from '../models/index.ts';
import { createOrt } from '../ort/index.ts';
import type { OnProgress } from '../engine/progress.ts';
import { openCameraTracker } from '../vision/index.ts';
import { calibrateModel, type CalibrationClip } from './bench/calibrate-model.ts';
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

export interface CalibrateTask {
  readonly modelId: string;
  readonly clips: readonly CalibrationClip[];
  readonly runs: number;
  /** Absent: the model's own, or 50 where those are too few to leave any out. */
  readonly steps?: number;
  /** Absent: the model's own, and 1, with which a removal that says nothing runs. */
  readonly guidanceScale?: number;
}

export interface CalibrateResult {
  readonly id: string;
  readonly path: string;
  readonly steps: number;
  readonly guidanceScales: readonly number[];
  readonly calibration: ModelCalibration;
}

/** Measures a model and keeps what was found beside it, with what was found under other conditions before. */
export async function calibrate(
  task: CalibrateTask,
  home: string,
  hooks: { readonly signal: AbortSignal; readonly onProgress: OnProgress },
): Promise<CalibrateResult> {
  const sessions = createOrt();
  const model = await openModel(home, task.modelId, hooks);
  const { recommendedSteps, followsPrompt, guidanceScale: own } = model.settings;
  const steps = task.steps ?? (recommendedSteps > fewSteps ? recommendedSteps : finerSteps);
  const asked = task.guidanceScale === undefined ? [...new Set([own, 1])] : [task.guidanceScale];
  const guidanceScales = followsPrompt ? asked : [1];
  const loaded = loadModel(sessions, model);
  try {
    const media = await createMedia();
    let calibration = model.calibration;
    for (const guidanceScale of guidanceScales) {
      const { measured, schedule } = await calibrateModel(
        { clips: task.clips, runs: task.runs, steps, guidanceScale },
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
