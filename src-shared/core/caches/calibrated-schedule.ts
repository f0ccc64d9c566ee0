import type { ScheduleFacts, SchedulePoint } from './schedule-search.ts';

/** The schedules that were found for a model, and what they hold for. Written by `hetcut model calibrate`. */
export interface CalibratedSchedule {
  readonly guidanceScale: number;
  /** [steps]: what the network was told at each step. */
  readonly timesteps: readonly number[];
  /** [steps + 1]: with the timesteps they say which scheduler, steps and shift it was. */
  readonly sigmas: readonly number[];
  /** Recorded runs that it is the mean of. */
  readonly runs: number;
  /** As in `ScheduleFacts`; a triangle: row i has the columns 0 … i. */
  readonly gram: readonly (readonly number[])[];
  readonly sensitivity: readonly number[];
  /** By number of calls, from 1 to all steps. */
  readonly points: readonly SchedulePoint[];
}

/** The parts of a run that a schedule is found for, as in `CacheRun`. */
export interface ScheduleConditions {
  readonly guidanceScale: number;
  readonly timesteps: ArrayLike<number>;
  readonly sigmas: ArrayLike<number>;
}

/** As far as values written down with seven digits are alike. */
const alike = (a: ArrayLike<number>, b: ArrayLike<number>): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (Math.abs(a[i] - b[i]) > 1e-5 * Math.max(1, Math.abs(b[i]))) return false;
  }
  return true;
};

export function sameConditions(a: ScheduleConditions, b: ScheduleConditions): boolean {
  return (
    Math.abs(a.guidanceScale - b.guidanceScale) < 1e-6 &&
    alike(a.timesteps, b.timesteps) &&
    alike(a.sigmas, b.sigmas)
  );
}

/** The schedule that was calibrated for exactly these conditions; undefined where none was. */
export function scheduleFor(
  schedules: readonly CalibratedSchedule[] | undefined,
  run: ScheduleConditions,
): CalibratedSchedule | undefined {
  return schedules?.find((schedule) => sameConditions(schedule, run));
}

/** What a schedule was searched from, the whole matrix again. */
export function factsOf({ gram, sigmas, sensitivity }: CalibratedSchedule): ScheduleFacts {
  return {
    sigmas,
    sensitivity,
    gram: gram.map((_, i) => gram.map((_, j) => (i >= j ? gram[i][j] : gram[j][i]))),
  };
}

/** The fewest calls whose expected error is at most `delta`; 0 is all of them. */
export function pointWithin({ points }: Pick<CalibratedSchedule, 'points'>, delta: number): SchedulePoint {
  return points.find(({ error, calls }) => calls >= 2 && error <= delta) ?? points[points.length - 1];
}

/** The best point of at most so many calls: more of them do not always come closer. */
function bestUpTo({ points }: Pick<CalibratedSchedule, 'points'>, calls: number): SchedulePoint {
  return points
    .filter((point) => point.calls <= calls)
    .reduce((best, point) => (point.error < best.error ? point : best));
}

/** How far a run goes for speed, from the slowest; see `paceCalls`. */
export const paces = ['quality', 'balanced', 'fast'] as const;
export type Pace = (typeof paces)[number];

/** Neighbouring paces differ by at least this factor of network calls. */
export const paceRatio = 1.5;

/** Expected error that each pace takes into account, in units of the latents, whose spread is about 1. */
const paceErrors: Readonly<Record<Pace, number>> = { quality: 0.03, balanced: 0.08, fast: 0.2 };

/** Share of the steps that are computed where nothing is known of the model. */
const evenShares: Readonly<Record<Pace, number>> = { quality: 1 / 2, balanced: 1 / 3, fast: 1 / 5 };

/** Up to so many steps all are computed: each changes too much for the one before to stand in for it. */
export const fewSteps = 8;
const fewestCalls = 3;

/**
 * Points of a calibrated curve for each pace: as few calls as the pace's error allows, but no more than half of the steps
 * for `quality`, and each next one a factor of `paceRatio` below the one before. Where that leaves too few calls the
 * point is the one before again.
 */
export function pacePoints(schedule: Pick<CalibratedSchedule, 'points'>): Record<Pace, SchedulePoint> {
  const steps = schedule.points.length;
  const at = (pace: Pace, most: number): SchedulePoint => {
    const calls = Math.min(pointWithin(schedule, paceErrors[pace]).calls, Math.floor(most));
    return bestUpTo(schedule, calls);
  };
  const quality = at('quality', steps / 2);
  const balanced = next(quality, (most) => at('balanced', most));
  return { quality, balanced, fast: next(balanced, (most) => at('fast', most)) };
}

function next(before: SchedulePoint, find: (most: number) => SchedulePoint): SchedulePoint {
  const most = before.calls / paceRatio;
  return most < fewestCalls ? before : find(most);
}

/** Calls of a pace where nothing is known of the model. */
export function evenCalls(steps: number, pace: Pace): number {
  return steps <= fewSteps ? steps : Math.max(2, Math.round(steps * evenShares[pace]));
}

/** Calls at equal distances, from the first step on. */
export function evenLetters(steps: number, calls: number, between: 'r' | 'f'): string {
  const letters = new Array<string>(steps).fill(between);
  for (let i = 0; i < calls; i++) letters[Math.floor((i * steps) / calls)] = 'F';
  return letters.join('');
}
