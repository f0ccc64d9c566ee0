import type { CacheRun, NetworkOutput, StepDecision, StepView } from './cache-method.ts';

/**
 * What stands in for a network call: `velocity`: the last velocity; `residual`: the sample plus the last velocity − sample;
 * `forecast`: the straight line through the last two computed velocities over sigma.
 */
export const reuseModes = ['velocity', 'residual', 'forecast'] as const;
export type ReuseMode = (typeof reuseModes)[number];

/** A computed velocity of one stream and where it was computed. */
type Computed = {
  readonly velocity: Float32Array;
  readonly sample: Float32Array;
  readonly sigma: number;
};

/** The computed velocities of each stream: newest last, at most two. */
export type SavedVelocities = readonly (readonly Computed[])[];

/**
 * The last two velocities of each stream, [n, 4·C] float32. Valid within one run; every stream has arrays of its own.
 */
export class VelocityMemory {
  readonly #run: CacheRun;
  /** Newest last, at most two, for each stream. */
  readonly #computed: Computed[][];

  /** Empty, or with what was saved. */
  constructor(run: CacheRun, saved: SavedVelocities = Array.from({ length: run.streams }, () => [])) {
    this.#run = run;
    this.#computed = saved.map((computed) => [...computed]);
  }

  save(): SavedVelocities {
    return this.#computed.map((computed) => [...computed]);
  }

  /** Takes the output of a call on all tokens. */
  storeAll(step: StepView, decision: StepDecision, output: NetworkOutput): void {
    this.#store(
      step,
      this.#streams(decision, output, (velocity) => velocity),
    );
  }

  /**
   * Takes the output of a call on `tokens`; the others keep what they had. Of the tokens in `smoothed`, `weight` is
   * the share of the new value in what is kept (EMA); 1 forgets the old one.
   */
  storeTokens(
    step: StepView,
    decision: StepDecision,
    output: NetworkOutput,
    tokens: Int32Array,
    smoothed: { readonly tokens: Int32Array; readonly weight: number },
  ): void {
    const rowLength = step.sample.length / this.#run.partition.count;
    const blended = new Set(smoothed.weight < 1 ? smoothed.tokens : []);
    const velocities = this.#streams(decision, output, (rows, stream) => {
      const all = this.#last(stream).velocity.slice();
      tokens.forEach((token, row) => {
        const weight = blended.has(token) ? smoothed.weight : 1;
        const target = token * rowLength;
        const source = row * rowLength;
        for (let i = 0; i < rowLength; i++) {
          all[target + i] = weight * rows[source + i] + (1 - weight) * all[target + i];
        }
      });
      return all;
    });
    this.#store(step, velocities);
  }

  /** The velocities of the call that was stored last. */
  latest(): Float32Array[] {
    return this.#computed.map((_, stream) => this.#last(stream).velocity);
  }

  /** What each stream's velocity at this step is without a network call. */
  reuse(step: StepView, mode: ReuseMode): Float32Array[] {
    return this.#computed.map((computed, stream) => {
      const last = this.#last(stream);
      if (mode === 'residual') {
        const { velocity, sample } = last;
        return velocity.map((value, i) => value + step.sample[i] - sample[i]);
      }
      if (mode === 'forecast' && computed.length === 2) {
        const [before] = computed;
        const sigma = this.#run.sigmas[step.stepIndex];
        const reach = (sigma - last.sigma) / (last.sigma - before.sigma);
        return last.velocity.map((value, i) => value + reach * (value - before.velocity[i]));
      }
      return last.velocity;
    });
  }

  #last(stream: number): Computed {
    const computed = this.#computed[stream];
    return computed[computed.length - 1];
  }

  #store(step: StepView, velocities: readonly Float32Array[]): void {
    velocities.forEach((velocity, stream) => {
      const computed = this.#computed[stream];
      computed.push({ velocity, sample: step.sample, sigma: this.#run.sigmas[step.stepIndex] });
      if (computed.length > 2) computed.shift();
    });
  }

  /** The new velocities of both streams; of a conditional-only call the other one follows by the last difference. */
  #streams(
    decision: StepDecision,
    output: NetworkOutput,
    fill: (rows: Float32Array, stream: number) => Float32Array,
  ): Float32Array[] {
    const computed = output.velocities.map(fill);
    if (decision.conditionalOnly !== true || this.#run.streams === 1) return computed;
    const [conditional] = computed;
    const before = this.#last(0).velocity;
    const other = this.#last(1).velocity;
    return [conditional, conditional.map((value, i) => value + other[i] - before[i])];
  }
}

/**
 * The velocities with the exact one of `tokens`, whose source is known; as they are where the task does not keep the context.
 * Tokens that the network computed are left alone: it is the uncached run that is to be met, and its network is not exact.
 */
export function withKnownVelocity(
  { contextVelocity, partition }: CacheRun,
  velocities: Float32Array[],
  tokens: Int32Array,
): Float32Array[] {
  if (contextVelocity === undefined || tokens.length === 0) return velocities;
  const width = velocities[0].length / partition.count;
  return velocities.map((velocity) => {
    const result = velocity.slice();
    for (const token of tokens) {
      result.set(contextVelocity.subarray(token * width, (token + 1) * width), token * width);
    }
    return result;
  });
}
