interface Fraction {
  readonly num: number;
  readonly den: number;
}

/** True where pictures stray from an even grid by more than the rounding of their time stamps to one tick. */
export function isVariable(ticks: Float64Array): boolean {
  const last = ticks.length - 1;
  if (last < 2) return false;
  const spacing = (ticks[last] - ticks[0]) / last;
  return ticks.some((tick, index) => Math.abs(tick - (ticks[0] + index * spacing)) > 1);
}

/**
 * Frames per second. The first of `candidates` (what the file says) that agrees with the pictures' mean distance
 * within one part in 500; else that mean itself, to the thousandth. A single picture takes the first candidate, or 25.
 */
export function steadyRate(
  ticks: Float64Array,
  timeBase: Fraction,
  candidates: readonly Fraction[],
): Fraction {
  const last = ticks.length - 1;
  if (last < 1) return candidates[0] ?? { num: 25, den: 1 };
  const measured = (last * timeBase.den) / ((ticks[last] - ticks[0]) * timeBase.num);
  const agreeing = candidates.find(({ num, den }) => Math.abs(num / den / measured - 1) < 1 / 500);
  return agreeing ?? { num: Math.max(1, Math.round(measured * 1000)), den: 1000 };
}
