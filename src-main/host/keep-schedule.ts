import { scheduleFor, withSchedule } from '../../src-shared/core/caches/index.ts';
import type { OnUncached } from '../engine/generate/generate-window.ts';
import { writeHomeFile } from '../jobs/atomic-write.ts';
import { calibrationPath, calibrationText, openModel } from '../models/index.ts';

/** Keeps what uncached runs teach of a model beside what was measured of it; a calibration for the same conditions knows more. */
export function keepSchedule(home: string, modelId: string, onNote: (text: string) => void): OnUncached {
  return async (schedule) => {
    // As it is now: it may have been calibrated since the run began.
    const model = await openModel(home, modelId);
    const known = model.calibration.schedules ?? [];
    if (scheduleFor(known, schedule) !== undefined) return;
    const calibration = { ...model.calibration, schedules: withSchedule(known, schedule) };
    await writeHomeFile(calibrationPath(model.path), calibrationText(model.fingerprint, calibration));
    onNote(
      `This uncached run says where ${modelId} needs its calls: runs of ${schedule.timesteps.length} steps at guidance ${schedule.guidanceScale} go by that from now on.`,
    );
  };
}
