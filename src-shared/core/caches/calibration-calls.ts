/** Where along a run the sensitivity is measured, as shares of its steps. */
const sensitivityShares = [0.05, 0.15, 0.3, 0.5, 0.7, 0.9];
/** Full steps after which partial ones are tried, as shares of the steps, and how many steps later those come. */
const partialProbeShares = [0.08, 0.24, 0.4, 0.56, 0.72, 0.84, 0.92];
const probedAges = [1, 2, 4, 8];
/** Between the two full steps that kept the context, as a share of the steps. */
const gapShare = 0.08;

/** A full step, the one before it that kept the context as well, and the partial steps that follow. */
export interface ProbedSteps {
  readonly before: number;
  readonly last: number;
  readonly ages: readonly number[];
}

/** The steps of a run at which it is measured how an error grows to its end. */
export const sensitivitySteps = (steps: number): number[] => [
  ...new Set(sensitivityShares.map((share) => Math.max(1, Math.round(share * (steps - 1))))),
];

/** Where the errors of partial steps are measured in a run of so many steps. */
export function partialProbes(steps: number): ProbedSteps[] {
  const gap = Math.max(1, Math.round(gapShare * steps));
  const last = [...new Set(partialProbeShares.map((share) => Math.max(gap, Math.round(share * steps))))];
  return last
    .map((step) => ({
      before: step - gap,
      last: step,
      ages: probedAges.filter((age) => step + age < steps),
    }))
    .filter(({ ages }) => ages.length > 0);
}

/**
 * Network calls that a calibration makes on one clip: `runs` uncached runs of `steps` steps, one of them run again from
 * each step that is probed, and, where partial steps can be had, those.
 */
export function calibrationCalls(steps: number, runs: number, withPartials: boolean): number {
  const again = sensitivitySteps(steps).reduce((sum, step) => sum + steps - step, 0);
  const partial = partialProbes(steps).reduce((sum, { ages }) => sum + 2 + ages.length, 0);
  return runs * steps + again + (withPartials ? partial : 0);
}
