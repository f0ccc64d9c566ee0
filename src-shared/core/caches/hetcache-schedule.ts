import {
  choicesOf,
  choiceWithin,
  evenCalls,
  evenLetters,
  fewSteps,
  paceChoices,
  paceStops,
  type PaceStop,
  paces,
  scheduleFor,
  type Pace,
} from './calibrated-schedule.ts';
import type { CacheRun } from './cache-method.ts';
import type { ScheduleLetters } from './schedule-search.ts';

/** HetCache's options that say where its calls go. */
export interface ScheduleOptions {
  readonly schedule: 'calibrated' | 'drift';
  readonly pace: 'delta' | Pace;
  readonly delta: number;
  /** How partial steps are done; only `auto` and `kv` have them in a calibrated schedule. */
  readonly partial: 'auto' | 'kv' | 'drop' | 'none';
}

/** The parts of a run that its schedule depends on. */
export type ScheduledRun = Pick<
  CacheRun,
  'steps' | 'timesteps' | 'sigmas' | 'guidanceScale' | 'calibration' | 'partialCost'
>;

/** Where the calls of a run go, and why there. */
export interface PlannedSchedule {
  /** `few-steps`: all are computed. `even`: nothing is known of the model under these conditions. */
  readonly source: 'calibrated' | 'even' | 'few-steps';
  readonly letters: ScheduleLetters;
  /** Of a calibrated one: expected root mean square error, in units of the latents. */
  readonly error?: number;
  /** Of a calibrated one: the calibration has schedules with partial steps. */
  readonly withPartial?: boolean;
  /** Of a calibrated one: what there is to choose from, from the slowest; see `paceStops`. */
  readonly stops?: readonly PaceStop[];
}

/** The schedule of a run before it starts; undefined where it goes by drift. */
export function planSchedule(run: ScheduledRun, options: ScheduleOptions): PlannedSchedule | undefined {
  const { steps, calibration, guidanceScale } = run;
  const { schedule, pace, delta } = options;
  if (schedule === 'drift') return undefined;
  if (pace !== 'delta' && steps <= fewSteps) return { source: 'few-steps', letters: 'F'.repeat(steps) };
  const calibrated = scheduleFor(calibration.schedules, run);
  if (calibrated !== undefined) {
    const looksBack = options.partial === 'auto' || options.partial === 'kv';
    const choices = choicesOf(calibrated, looksBack ? run.partialCost : undefined);
    const { letters, error } = pace === 'delta' ? choiceWithin(choices, delta) : paceChoices(choices)[pace];
    const withPartial = calibrated.partial !== undefined;
    return { source: 'calibrated', letters, error, withPartial, stops: paceStops(choices) };
  }
  if (pace === 'delta') return undefined;
  // A straight line through two velocities goes astray where guidance amplifies how they bend.
  return {
    source: 'even',
    letters: evenLetters(steps, evenCalls(steps, pace), guidanceScale === 1 ? 'f' : 'r'),
  };
}

/** The paces that differ from the ones before them, for a run of so many steps under its conditions. */
export function distinctPaces(run: ScheduledRun, partial: ScheduleOptions['partial'] = 'auto'): Pace[] {
  const lettersOf = (pace: Pace): string | undefined =>
    planSchedule(run, { schedule: 'calibrated', pace, delta: 0, partial })?.letters;
  return paces.filter((pace, i) => i === 0 || lettersOf(pace) !== lettersOf(paces[i - 1]));
}
