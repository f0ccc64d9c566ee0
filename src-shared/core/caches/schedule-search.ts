/** What a schedule is searched from: one uncached run, or the mean over several, of the same steps. */
export interface ScheduleFacts {
  /** [steps + 1]: noise level before each step and, last, after all of them. */
  readonly sigmas: ArrayLike<number>;
  /**
   * [steps][steps], symmetric: mean over generative tokens of the product of the guided velocities of two steps. All that
   * the error of any velocity made of others can be worked out from.
   */
  readonly gram: readonly (readonly number[])[];
  /**
   * [steps]: how many times as large as it was an error of the sample after this step is in the result. 1 each: errors
   * neither grow nor fade.
   */
  readonly sensitivity: ArrayLike<number>;
}

/** How each step of a run gets its velocity: `F` the network, `r` the last velocity, `f` a forecast from the last two. */
export type ScheduleLetters = string;

/** The best schedule found of so many calls. */
export interface SchedulePoint {
  readonly calls: number;
  readonly letters: ScheduleLetters;
  /** Root mean square of what the result is expected to be off by, in the units of the model's latents. */
  readonly error: number;
}

interface Gap {
  /** Mean square that the steps between two calls add to the result. */
  readonly error: number;
  readonly letter: 'r' | 'f';
}

/**
 * Mean squares of the errors of gaps. An error e of the velocity of step k moves the result by w_k·e, with
 * w_k = (σ_k − σ_{k+1})·sensitivity_k. The errors of one gap add up before they are squared, as they point the same way;
 * those of different gaps are taken as independent.
 */
class GapErrors {
  readonly #gram: ScheduleFacts['gram'];
  readonly #sigmas: ArrayLike<number>;
  readonly #weights: Float64Array;

  constructor({ gram, sigmas, sensitivity }: ScheduleFacts) {
    this.#gram = gram;
    this.#sigmas = sigmas;
    this.#weights = Float64Array.from(gram, (_, k) => (sigmas[k] - sigmas[k + 1]) * sensitivity[k]);
  }

  /** The better way to fill each gap after the call at step `last`: entry d is of d steps without a call. */
  after(last: number, before: number | undefined, mayForecast: boolean): Gap[] {
    const reused = this.#errors(last, undefined);
    const forecast = mayForecast && before !== undefined ? this.#errors(last, before) : undefined;
    return reused.map((error, d) =>
      forecast !== undefined && forecast[d] < error
        ? { error: forecast[d], letter: 'f' }
        : { error, letter: 'r' },
    );
  }

  /** Of the gap from the call at `last` to the one at `next`, reused, or forecast with `before`. */
  of(last: number, before: number | undefined, next: number): number {
    return this.#errors(last, before)[next - last - 1];
  }

  /**
   * The sum of w_k·(v̂_k − v_k) over a gap is a·v_last + b·v_before − Σ w_k·v_k; its mean square by the Gram matrix, kept
   * up to date step by step. Without `before` the last velocity stands in, with it the straight line through both.
   */
  #errors(last: number, before: number | undefined): number[] {
    const gram = this.#gram;
    const errors = [0];
    let a = 0;
    let b = 0;
    // Products of Σ w_k·v_k with itself, with v_last and with v_before.
    let own = 0;
    let withLast = 0;
    let withBefore = 0;
    for (let k = last + 1; k < gram.length; k++) {
      const weight = this.#weights[k];
      const reach =
        before === undefined
          ? 0
          : (this.#sigmas[k] - this.#sigmas[last]) / (this.#sigmas[last] - this.#sigmas[before]);
      a += weight * (1 + reach);
      b -= weight * reach;
      let withOthers = 0;
      for (let j = last + 1; j < k; j++) withOthers += this.#weights[j] * gram[k][j];
      own += weight * (2 * withOthers + weight * gram[k][k]);
      withLast += weight * gram[k][last];
      if (before !== undefined) withBefore += weight * gram[k][before];
      let error = a * a * gram[last][last] - 2 * a * withLast + own;
      if (before !== undefined) {
        error += b * b * gram[before][before] + 2 * a * b * gram[last][before] - 2 * b * withBefore;
      }
      // Rounding may take a difference of nearly equal numbers below 0.
      errors.push(Math.max(0, error));
    }
    return errors;
  }
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
