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

/** The steps between two calls. */
export interface Gap {
  /** Mean square that the steps between two calls add to the result. */
  readonly error: number;
  readonly letter: 'r' | 'f';
  /** How much of an error of the call before the gap these steps take over: times it, in the result. */
  readonly weight: number;
}

/**
 * Mean squares of the errors of gaps. An error e of the velocity of step k moves the result by w_k·e, with
 * w_k = (σ_k − σ_{k+1})·sensitivity_k. The errors of one gap add up before they are squared, as they point the same way;
 * those of different gaps are taken as independent.
 */
export class GapErrors {
  readonly #gram: ScheduleFacts['gram'];
  readonly #sigmas: ArrayLike<number>;
  readonly #weights: Float64Array;

  /** w_k: how much of an error of step k's velocity is in the result. */
  get weights(): Float64Array {
    return this.#weights;
  }

  constructor({ gram, sigmas, sensitivity }: ScheduleFacts) {
    this.#gram = gram;
    this.#sigmas = sigmas;
    this.#weights = Float64Array.from(gram, (_, k) => (sigmas[k] - sigmas[k + 1]) * sensitivity[k]);
  }

  /** The ways to fill each gap after the call at step `last`: reused, and with the call before it forecast. */
  ways(last: number, before: number | undefined): readonly (readonly Gap[])[] {
    const reused = this.#errors(last, undefined);
    return before === undefined ? [reused] : [reused, this.#errors(last, before)];
  }

  /** The better way to fill each gap after the call at step `last`: entry d is of d steps without a call. */
  after(last: number, before: number | undefined, mayForecast: boolean): Gap[] {
    const [reused, forecast] = this.ways(last, mayForecast ? before : undefined) as [
      Gap[],
      Gap[] | undefined,
    ];
    return reused.map((gap, d) =>
      forecast !== undefined && forecast[d].error < gap.error ? forecast[d] : gap,
    );
  }

  /** Of the gap from the call at `last` to the one at `next`, reused, or forecast with `before`. */
  of(last: number, before: number | undefined, next: number): number {
    return this.#errors(last, before)[next - last - 1].error;
  }

  /**
   * The sum of w_k·(v̂_k − v_k) over a gap is a·v_last + b·v_before − Σ w_k·v_k; its mean square by the Gram matrix, kept
   * up to date step by step. Without `before` the last velocity stands in, with it the straight line through both.
   */
  #errors(last: number, before: number | undefined): Gap[] {
    const gram = this.#gram;
    const letter = before === undefined ? 'r' : 'f';
    const gaps: Gap[] = [{ error: 0, letter: 'r', weight: 0 }];
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
      gaps.push({ error: Math.max(0, error), letter, weight: a });
    }
    return gaps;
  }
}
