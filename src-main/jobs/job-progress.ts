import type { JobRow } from '../../src-shared/ipc/index.ts';
import type { ProgressEvent } from '../engine/progress.ts';

export type JobProgress = NonNullable<JobRow['progress']>;

/** What a list of jobs shows of a report: `window 2 of 3 · 14 of 20 calls`. */
export function describeProgress(event: ProgressEvent): JobProgress {
  const { stage, step, steps, unit, window, windows, etaSec } = event;
  const done = `${step} of ${steps} ${unit}`;
  return {
    stage,
    share: steps > 0 ? Math.min(1, Math.max(0, step / steps)) : 0,
    text: window === undefined || windows === undefined ? done : `window ${window} of ${windows} · ${done}`,
    ...(etaSec === undefined ? {} : { etaSec }),
  };
}
