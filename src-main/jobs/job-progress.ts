import type { JobRow } from '../../src-shared/ipc/index.ts';
import type { ProgressEvent, Stage } from '../engine/progress.ts';

export type JobProgress = NonNullable<JobRow['progress']>;

/** What an editor reads of a stage. Those of a model have none: what is done to it is said beside them. */
const stageNames: Readonly<Partial<Record<Stage, string>>> = {
  probe: 'Reading the clip',
  plate: 'Clean plate',
  text: 'Reading the prompt',
  encode: 'Encoding',
  sample: 'Generating',
  decode: 'Decoding',
  export: 'Writing the result',
};
/** Their units are the program's own; they are over too soon to be counted. */
const uncounted: ReadonlySet<Stage> = new Set(['probe', 'text', 'encode', 'decode']);

/** What a list of jobs shows of a report: `Generating · 14 of 20 steps · window 2 of 3`. */
export function describeProgress(event: ProgressEvent): JobProgress {
  const { stage, step, steps, unit, window, windows, etaSec } = event;
  const parts = [
    stageNames[stage],
    uncounted.has(stage) ? undefined : `${step} of ${steps} ${unit}`,
    // A single window goes without saying.
    window === undefined || windows === undefined || windows === 1
      ? undefined
      : `window ${window} of ${windows}`,
  ];
  return {
    stage,
    share: steps > 0 ? Math.min(1, Math.max(0, step / steps)) : 0,
    text: parts.filter((part) => part !== undefined).join(' · '),
    ...(etaSec === undefined ? {} : { etaSec }),
  };
}
