import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { scheduleFor, withSchedule, type CalibratedSchedule } from '../../src-shared/core/caches/index.ts';
import { writeHomeFile } from '../jobs/atomic-write.ts';
import { calibrationPath, calibrationText, openModel } from '../models/index.ts';

/**
 * Keeps what an uncached run has taught of a model beside what was measured of it, where it has no schedule for these
 * conditions. Not while a job is unfinished: its checkpoint holds for the schedule that it began with.
 */
export async function keepSchedule(
  home: string,
  modelId: string,
  schedule: CalibratedSchedule,
  onNote: (text: string) => void,
): Promise<void> {
  if ((await readdir(join(home, 'work')).catch(() => [])).length > 0) return;
  // As it is now: it may have been calibrated since the run began.
  const model = await openModel(home, modelId);
  const known = model.calibration.schedules ?? [];
  if (scheduleFor(known, schedule) !== undefined) return;
  const calibration = { ...model.calibration, schedules: withSchedule(known, schedule) };
  await writeHomeFile(calibrationPath(model.path), calibrationText(model.fingerprint, calibration));
  onNote(
    `This uncached run says where ${modelId} needs its calls: runs of ${schedule.timesteps.length} steps at guidance ${schedule.guidanceScale} go by that from now on.`,
  );
}
