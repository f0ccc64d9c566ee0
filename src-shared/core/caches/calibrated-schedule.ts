import type { Scheduler } from '../schedulers/index.ts';
import type { PartialErrors } from './partial-errors.ts';
import type { PartialPoint } from './partial-search.ts';
import type { ScheduleFacts, ScheduleLetters, SchedulePoint } from './schedule-search.ts';

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
  /** Schedules with partial steps; absent where the model has no graph for them, or an older HetCut measured it. */
  readonly partial?: PartialSchedules;
}

/** Schedules with partial steps that look at the kept context. */
export interface PartialSchedules {
  readonly errors: PartialErrors;
  /** By what a partial step costs of a full one, ascending; see `partialShares`. */
  readonly curves: readonly { readonly share: number; readonly points: readonly PartialPoint[] }[];
}

/**
 * What partial steps are searched for as if they cost, of a full one: it depends on how much of a window is its hole. Where
 * they cost more than half the distance beyond the last, too little is saved.
 */
export const partialShares = [0.2, 0.3, 0.4, 0.5, 0.6] as const;
export const mostPartialShare = 0.65;

/** The parts of a run that a schedule is found for, as in `CacheRun`. */
export interface ScheduleConditions {
  readonly guidanceScale: number;
  readonly timesteps: ArrayLike<number>;
  readonly sigmas: ArrayLike<number>;
}

/** The conditions of a run's last `steps` steps. */
export function conditionsOf(
  { timesteps, sigmas, steps: all }: Pick<Scheduler, 'timesteps' | 'sigmas' | 'steps'>,
  steps: number,
  guidanceScale: number,
) {
  const first = all - steps;
  return { timesteps: timesteps.subarray(first), sigmas: sigmas.subarray(first), guidanceScale };
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

/** A schedule that a run may take. */
export interface ScheduleChoice {
  /** In full calls. */
  readonly cost: number;
  readonly letters: ScheduleLetters;
  readonly error: number;
}

/**
 * All schedules for a run, from the cheapest. `partialCost`: of a partial step, of a full one; absent: it has none. They are
 * those of the nearest share, so that windows with about the same hole have the same schedule.
 */
export function choicesOf(
  { points, partial }: Pick<CalibratedSchedule, 'points' | 'partial'>,
  partialCost?: number,
): readonly ScheduleChoice[] {
  const full = points.map(({ calls, letters, error }) => ({ cost: calls, letters, error }));
  if (partial === undefined || partialCost === undefined || partialCost > mostPartialShare) return full;
  const { share, points: found } = partial.curves.reduce((near, curve) =>
    Math.abs(curve.share - partialCost) < Math.abs(near.share - partialCost) ? curve : near,
  );
  const withPartial = found.map((point) => ({
    cost: point.full + share * point.partial,
    letters: point.letters,
    error: point.error,
  }));
  return [...full, ...withPartial].sort((a, b) => a.cost - b.cost || a.error - b.error);
}

/** The cheapest whose expected error is at most `delta`; 0 is all steps. */
export function choiceWithin(choices: readonly ScheduleChoice[], delta: number): ScheduleChoice {
  return choices.find(({ error, cost }) => cost >= 2 && error <= delta) ?? choices[choices.length - 1];
}

/** The best that costs at most so much: more calls do not always come closer. */
function bestUpTo(choices: readonly ScheduleChoice[], cost: number): ScheduleChoice {
  return choices
    .filter((choice) => choice.cost <= cost)
    .reduce((best, choice) => (choice.error < best.error ? choice : best));
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
 * Of a calibrated model's choices one for each pace: as cheap as the pace's error allows, but no more than half of the
 * steps for `quality`, and each next one a factor of `paceRatio` below the one before. Where that leaves too few calls it is
 * the one before again.
 */
export function paceChoices(choices: readonly ScheduleChoice[]): Record<Pace, ScheduleChoice> {
  const steps = choices[0].letters.length;
  const at = (pace: Pace, most: number): ScheduleChoice =>
    bestUpTo(choices, Math.min(choiceWithin(choices, paceErrors[pace]).cost, most));
  const quality = at('quality', Math.floor(steps / 2));
  const balanced = next(quality, (most) => at('balanced', most));
  return { quality, balanced, fast: next(balanced, (most) => at('fast', most)) };
}

function next(before: ScheduleChoice, find: (most: number) => ScheduleChoice): ScheduleChoice {
  const most = before.cost / paceRatio;
  return most < fewestCalls ? before : find(most);
}

/** A schedule between the slowest and the fastest pace. */
export interface PaceStop {
  /** The δ that gives it: its expected error, rounded up as far as that leads to no other. */
  readonly delta: number;
  /** Where it is a pace's. */
  readonly pace?: Pace;
}

/** To two digits, as a person would write it: what is within the error is within this. */
function roundedUp(error: number): number {
  const unit = 10 ** (Math.floor(Math.log10(error)) - 1);
  return Number((Math.ceil(error / unit) * unit).toPrecision(2));
}

/** Every choice from that of `quality` to that of `fast` that no cheaper one comes as close as; from the slowest. */
export function paceStops(choices: readonly ScheduleChoice[]): PaceStop[] {
  const found = paceChoices(choices);
  const stops: PaceStop[] = [];
  let closest = Infinity;
  for (const { cost, error, letters } of choices) {
    if (cost < 2 || error >= closest) continue;
    const readable = roundedUp(error);
    const delta = readable < closest ? readable : error;
    closest = error;
    if (cost < found.fast.cost || cost > found.quality.cost) continue;
    const pace = paces.find((name) => found[name].letters === letters);
    stops.unshift({ delta, ...(pace === undefined ? {} : { pace }) });
  }
  return stops;
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
