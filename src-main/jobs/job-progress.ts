import type { JobRow, JobStage } from '../../src-shared/ipc/index.ts';
import type { ProgressEvent, Stage } from '../engine/progress.ts';

export type JobProgress = NonNullable<JobRow['progress']>;

/** The stage of a job under which a stage is shown: those that no job has are of reading. */
const jobStages: Readonly<Record<Stage, JobStage>> = {
  download: 'probe',
  import: 'probe',
  track: 'probe',
  select: 'probe',
  probe: 'probe',
  plate: 'plate',
  text: 'text',
  encode: 'encode',
  sample: 'sample',
  decode: 'decode',
  export: 'export',
  check: 'check',
};
/** Their units are the program's own; they are over too soon to be counted. */
const uncounted: ReadonlySet<Stage> = new Set(['probe', 'text', 'encode', 'decode']);

const shareOf = ({ step, steps }: ProgressEvent): number =>
  steps > 0 ? Math.min(1, Math.max(0, step / steps)) : 0;

/** What a list of jobs shows of a report. */
export function jobProgress(event: ProgressEvent): JobProgress {
  const { stage, step, steps, window, windows, etaSec } = event;
  return {
    stage: jobStages[stage],
    share: shareOf(event),
    ...(uncounted.has(stage) ? {} : { counted: { step, steps } }),
    // A single window goes without saying.
    ...(window === undefined || windows === undefined || windows === 1
      ? {}
      : { window: { number: window, count: windows } }),
    ...(etaSec === undefined ? {} : { etaSec }),
  };
}

/** What is shown while a model or a provider is downloaded, checked or taken in: what is done to it is said beside it. */
export function describeProgress(event: ProgressEvent): { readonly share: number; readonly text: string } {
  return { share: shareOf(event), text: `${event.step} of ${event.steps} ${event.unit}` };
}
