/** What a schedule by drift depends on. */
export interface DriftSchedule {
  /** Drift of each step, [steps]; that of the first is not looked at. */
  readonly drift: ArrayLike<number>;
  /** First steps that are computed whatever the drift, at least 1. */
  readonly warmupSteps: number;
}

/** Steps that are computed if one is wherever the drift since the last has reached `threshold`, and at the end. */
function computedSteps({ drift, warmupSteps }: DriftSchedule, threshold: number): number {
  let computed = 0;
  let sum = 0;
  for (let i = 0; i < drift.length; i++) {
    sum += drift[i];
    if (i >= warmupSteps && i < drift.length - 1 && sum < threshold) continue;
    computed++;
    sum = 0;
  }
  return computed;
}

/** Halvings of the interval: enough for the last bit of a float32 drift. */
const halvings = 40;

/**
 * The smallest threshold that computes no more steps than `delta` does. As the run ends with a forced step, a
 * threshold taken as it is leaves a short gap there and longer ones before; this one makes the longest gap as short as
 * the same number of calls allows. 0 stays 0: everything is computed.
 */
export function evenThreshold(schedule: DriftSchedule, delta: number): number {
  const allowed = computedSteps(schedule, delta);
  let low = 0;
  let high = delta;
  if (computedSteps(schedule, 0) <= allowed) return 0;
  for (let i = 0; i < halvings; i++) {
    const middle = (low + high) / 2;
    if (computedSteps(schedule, middle) <= allowed) high = middle;
    else low = middle;
  }
  return high;
}
