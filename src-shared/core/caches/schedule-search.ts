import { GapErrors, type Gap, type ScheduleFacts } from './gap-errors.ts';

export type { ScheduleFacts } from './gap-errors.ts';

/**
 * How each step of a run gets its velocity: `F` the network, `P` the network on the generative tokens alone, which look at
 * the kept context, `r` the last velocity, `f` a forecast from the last two.
 */
export type ScheduleLetters = string;

/** The best schedule found of so many calls. */
export interface SchedulePoint {
  readonly calls: number;
  readonly letters: ScheduleLetters;
  /** Root mean square of what the result is expected to be off by, in the units of the model's latents. */
  readonly error: number;
}

/** A way to get to a call: the mean square up to there, and the two calls before it. */
interface Way {
  readonly error: number;
  readonly last: number | undefined;
  readonly before: number | undefined;
}

/**
 * The best schedule for every number of calls, from 1 to the number of steps, by dynamic programming over the last two
 * calls: the error that a gap adds depends on nothing before them. The first step is always a call.
 *
 * @param mayForecast  whether steps between calls may also be forecast from the last two; the better of both for each gap
 * @throws RangeError where the sizes do not fit each other
 */
export function searchSchedules(facts: ScheduleFacts, mayForecast: boolean): SchedulePoint[] {
  const steps = facts.gram.length;
  requireSizes(facts, steps);
  const gaps = new GapErrors(facts);
  const known = new Map<number, Gap[]>();
  // Step −1 stands for "no call before".
  const gapsAfter = (last: number, before: number): Gap[] => {
    const pair = before < 0 || !mayForecast ? -1 : before;
    const key = last * (steps + 1) + pair + 1;
    const found = known.get(key) ?? gaps.after(last, pair < 0 ? undefined : pair, mayForecast);
    known.set(key, found);
    return found;
  };
  // ways[n]: of n + 1 calls, by last call · (steps + 1) + the one before + 1.
  const ways: Map<number, Way>[] = [new Map([[0, { error: 0, last: undefined, before: undefined }]])];
  for (let n = 1; n < steps; n++) {
    const next = new Map<number, Way>();
    for (const [key, { error }] of ways[n - 1]) {
      const last = Math.floor(key / (steps + 1));
      const before = (key % (steps + 1)) - 1;
      const after = gapsAfter(last, before);
      for (let call = last + 1; call < steps; call++) {
        const total = error + after[call - last - 1].error;
        // Without forecasts only the last call matters.
        const to = call * (steps + 1) + (mayForecast ? last + 1 : 0);
        const known = next.get(to);
        if (known === undefined || total < known.error) next.set(to, { error: total, last, before });
      }
    }
    ways.push(next);
  }
  return ways.map((_, n) => bestOf(ways, n, steps, gapsAfter));
}

function requireSizes({ sigmas, gram, sensitivity }: ScheduleFacts, steps: number): void {
  if (
    sigmas.length !== steps + 1 ||
    sensitivity.length !== steps ||
    gram.some((row) => row.length !== steps)
  ) {
    throw new RangeError(
      `a schedule of ${steps} steps: ${sigmas.length} noise levels, ${sensitivity.length} sensitivities`,
    );
  }
}

/** The best end of n + 1 calls, walked back to its beginning. */
function bestOf(
  ways: readonly Map<number, Way>[],
  n: number,
  steps: number,
  gapsAfter: (last: number, before: number) => Gap[],
): SchedulePoint {
  let error = Infinity;
  let key = 0;
  for (const [end, way] of ways[n]) {
    const last = Math.floor(end / (steps + 1));
    const total = way.error + gapsAfter(last, (end % (steps + 1)) - 1)[steps - last - 1].error;
    if (total < error) [error, key] = [total, end];
  }
  const letters = new Array<string>(steps).fill('r');
  let next = steps;
  for (let calls = n; calls >= 0; calls--) {
    const last = Math.floor(key / (steps + 1));
    const before = (key % (steps + 1)) - 1;
    const { letter } = gapsAfter(last, before)[next - last - 1];
    letters[last] = 'F';
    letters.fill(letter, last + 1, next);
    const way = ways[calls].get(key)!;
    if (way.last !== undefined) key = way.last * (steps + 1) + way.before! + 1;
    next = last;
  }
  return { calls: n + 1, letters: letters.join(''), error: Math.sqrt(error) };
}

/**
 * What a schedule is expected to be off by, as `SchedulePoint.error`: for schedules that were not searched.
 * @throws RangeError for letters that are no schedule of so many steps
 */
export function scheduleError(facts: ScheduleFacts, letters: ScheduleLetters): number {
  const steps = facts.gram.length;
  requireSizes(facts, steps);
  if (letters.length !== steps || letters[0] !== 'F' || /[^Frf]/.test(letters)) {
    throw new RangeError(`"${letters}" is no schedule of ${steps} steps`);
  }
  const gaps = new GapErrors(facts);
  let sum = 0;
  let last = 0;
  let before: number | undefined;
  for (let step = 1; step <= steps; step++) {
    if (step < steps && letters[step] !== 'F') continue;
    const forecast = letters[last + 1] === 'f';
    sum += forecast && before !== undefined ? gaps.of(last, before, step) : gaps.of(last, undefined, step);
    before = last;
    last = step;
  }
  return Math.sqrt(sum);
}
