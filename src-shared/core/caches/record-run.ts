import { gatherRows } from '../tokens/index.ts';
import {
  partialShares,
  sameConditions,
  type CalibratedSchedule,
  type PartialSchedules,
  type ScheduleConditions,
} from './calibrated-schedule.ts';
import { partialErrorsOf, type PartialProbe } from './partial-errors.ts';
import { searchPartials } from './partial-search.ts';
import { searchSchedules, type ScheduleFacts } from './schedule-search.ts';

const significantDigits = 7;
const rounded = (value: number): number => Number(value.toPrecision(significantDigits));

/** What one step’s error did to the result. */
export interface SensitivityProbe {
  readonly step: number;
  /** Root mean square of the change of the result, over that of the sample after the step. */
  readonly growth: number;
}

/**
 * The sensitivity of every step from those of some: the geometric mean of the probes of a step, straight lines of its
 * logarithm over the steps between, level beyond the first and the last. Without probes 1 each.
 */
export function spreadSensitivity(steps: number, probes: readonly SensitivityProbe[]): number[] {
  const logs = new Map<number, number[]>();
  for (const { step, growth } of probes) {
    if (growth > 0) logs.set(step, [...(logs.get(step) ?? []), Math.log(growth)]);
  }
  const known = [...logs]
    .map(([step, values]) => ({ step, log: values.reduce((sum, value) => sum + value, 0) / values.length }))
    .sort((a, b) => a.step - b.step);
  return Array.from({ length: steps }, (_, step) => {
    if (known.length === 0) return 1;
    const after = known.find((probe) => probe.step >= step) ?? known[known.length - 1];
    const before = known.findLast((probe) => probe.step <= step) ?? known[0];
    const share = after.step === before.step ? 0 : (step - before.step) / (after.step - before.step);
    return Math.exp(before.log + share * (after.log - before.log));
  });
}

/** The guided velocities of an uncached run, as far as its generative tokens go. */
export class RunRecord {
  readonly #generative: Int32Array;
  readonly #velocities: Float32Array[] = [];

  /** Of each step so far, [generative, rowLength]. */
  get velocities(): readonly Float32Array[] {
    return this.#velocities;
  }

  constructor(generative: Int32Array) {
    this.#generative = generative;
  }

  /** Takes the guided velocity of the next step, [n, rowLength]. */
  add(velocity: Float32Array, rowLength: number): void {
    this.#velocities.push(gatherRows(velocity, rowLength, this.#generative));
  }

  /** Mean products of each two steps, [steps][steps]. */
  gram(): number[][] {
    const velocities = this.#velocities;
    const gram = velocities.map(() => new Array<number>(velocities.length).fill(0));
    velocities.forEach((a, i) => {
      for (let j = 0; j <= i; j++) {
        const b = velocities[j];
        let sum = 0;
        for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
        gram[i][j] = gram[j][i] = sum / a.length;
      }
    });
    return gram;
  }
}

/**
 * The best schedules for the conditions under which these runs were recorded.
 *
 * @param grams  of each run; their mean is what is searched
 * @param sensitivity  as in `ScheduleFacts`
 * @param probes  of partial steps; none: the model has no graph for them
 */
export function calibrateSchedule(
  conditions: ScheduleConditions,
  grams: readonly (readonly (readonly number[])[])[],
  sensitivity: readonly number[],
  probes: readonly PartialProbe[] = [],
): CalibratedSchedule {
  const { guidanceScale } = conditions;
  const gram = grams[0].map((row, i) =>
    row.map((_, j) => grams.reduce((sum, one) => sum + one[i][j], 0) / grams.length),
  );
  const sigmas = Array.from(conditions.sigmas, rounded);
  const facts: ScheduleFacts = { gram, sigmas, sensitivity };
  return {
    guidanceScale,
    timesteps: Array.from(conditions.timesteps, rounded),
    sigmas,
    runs: grams.length,
    gram: gram.map((row, i) => row.slice(0, i + 1).map(rounded)),
    sensitivity: sensitivity.map(rounded),
    points: searchSchedules(facts, true).map((point) => ({ ...point, error: rounded(point.error) })),
    ...(probes.length > 0 && { partial: partialSchedules(facts, probes) }),
  };
}

function partialSchedules(facts: ScheduleFacts, probes: readonly PartialProbe[]): PartialSchedules {
  const found = partialErrorsOf(probes);
  // More than half of the steps no preset takes.
  const mostCost = facts.gram.length / 2;
  return {
    errors: { ...found, errors: found.errors.map((row) => row.map(rounded)) },
    curves: partialShares.map((share) => ({
      share,
      points: searchPartials(facts, found, share, mostCost).map((point) => ({
        ...point,
        error: rounded(point.error),
      })),
    })),
  };
}

/** The schedules with this one in the place of any of the same conditions. */
export function withSchedule(
  schedules: readonly CalibratedSchedule[],
  schedule: CalibratedSchedule,
): CalibratedSchedule[] {
  return [...schedules.filter((other) => !sameConditions(other, schedule)), schedule];
}
