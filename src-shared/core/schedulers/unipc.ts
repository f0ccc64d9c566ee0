import type { ConfigFields } from '../json/index.ts';
import { linspace, shiftSigma } from './flow-sigmas.ts';
import { requireStep, type Scheduler, type SchedulerRun } from './scheduler.ts';

export interface UniPCConfig {
  readonly trainTimesteps: number;
  readonly flowShift: number;
  /** Highest order of predictor and corrector. */
  readonly solverOrder: 1 | 2;
  /** Steps whose result is not corrected at the next step. */
  readonly disableCorrector: readonly number[];
}

/** Reads a scheduler_config.json of UniPCMultistepScheduler set up for flow matching, as Wan 2.1 ships it. */
export function parseUniPC(fields: ConfigFields): UniPCConfig {
  // diffusers' defaults for these are a noise-prediction model's, so they must be spelled out.
  fields.require('prediction_type', ['flow_prediction']);
  fields.require('use_flow_sigmas', [true]);
  fields.only('solver_order', [1, 2]);
  fields.only('solver_type', ['bh2']);
  fields.only('predict_x0', [true]);
  fields.only('lower_order_final', [true]);
  fields.only('final_sigmas_type', ['zero']);
  fields.only('solver_p', [null]);
  fields.only('shift_terminal', [null]);
  for (const option of ['thresholding', 'use_dynamic_shifting', 'rescale_betas_zero_snr'] as const) {
    fields.only(option, [false]);
  }
  for (const option of ['use_karras_sigmas', 'use_exponential_sigmas', 'use_beta_sigmas'] as const) {
    fields.only(option, [false]);
  }
  return {
    trainTimesteps: fields.count('num_train_timesteps', 1000),
    flowShift: fields.positive('flow_shift', 1),
    solverOrder: fields.number('solver_order', 2) === 1 ? 1 : 2,
    disableCorrector: fields.numbers('disable_corrector', []),
  };
}

/** How far the first noise level stays below 1, where log(1 − σ) would be −∞. */
const topGap = 1e-6;

/** What a step leaves for the next one's corrector. */
type PreviousStep = {
  readonly stepIndex: number;
  /** Order its predictor had. */
  readonly order: number;
  /** The (corrected) sample that it started from. */
  readonly sample: Float32Array;
  /** Its prediction of the clean sample, and the one before. */
  readonly clean: Float32Array;
  readonly cleanBefore: Float32Array | undefined;
};

/**
 * UniPC with B(h) = e^h − 1 on predictions of the clean sample (Zhao et al., arXiv:2302.04867, algorithms 7 and 8):
 * a multistep predictor, and a corrector that improves the previous step with this step's network output.
 * Order 1 at a run's first step and at the last one, which goes to σ = 0. One network call a step.
 */
export class UniPC implements Scheduler {
  readonly steps: number;
  readonly timesteps: Float32Array;
  readonly sigmas: Float32Array;
  readonly #config: UniPCConfig;
  #previous: PreviousStep | undefined;

  constructor(config: UniPCConfig, run: SchedulerRun) {
    const shift = run.flowShift ?? config.flowShift;
    const grid = linspace(1, 1 / config.trainTimesteps, run.steps + 1).slice(0, -1);
    const sigmas = grid.map((sigma) => shiftSigma(sigma, shift));
    sigmas[0] -= topGap;
    this.steps = run.steps;
    this.sigmas = Float32Array.from([...sigmas, 0]);
    // Truncated from the unrounded levels: rounding to float32 first can move one across an integer.
    this.timesteps = Float32Array.from(sigmas, (sigma) => Math.trunc(sigma * config.trainTimesteps));
    this.#config = config;
  }

  step(velocity: Float32Array, sample: Float32Array, stepIndex: number): Float32Array {
    requireStep(this, velocity, sample, stepIndex);
    const previous = this.#previous;
    if (previous !== undefined && stepIndex !== previous.stepIndex + 1) {
      throw new RangeError(`Step ${stepIndex} after step ${previous.stepIndex}: reset between runs.`);
    }
    const sigma = this.sigmas[stepIndex];
    const clean = sample.map((value, i) => value - sigma * velocity[i]);
    const corrects = previous !== undefined && !this.#config.disableCorrector.includes(previous.stepIndex);
    const start = corrects ? this.#correct(previous, clean) : sample.slice();
    const order = Math.min(this.#config.solverOrder, this.steps - stepIndex, previous === undefined ? 1 : 2);
    const cleanBefore = previous?.clean;
    const next = this.#predict(stepIndex, order, start, clean, cleanBefore);
    this.#previous = { stepIndex, order, sample: start, clean, cleanBefore };
    return next;
  }

  reset(saved?: PreviousStep): void {
    this.#previous = saved;
  }

  save(): PreviousStep | undefined {
    return this.#previous;
  }

  /** x(σ of stepIndex + 1) from the sample and the clean predictions up to `stepIndex`. */
  #predict(
    stepIndex: number,
    order: number,
    sample: Float32Array,
    clean: Float32Array,
    cleanBefore: Float32Array | undefined,
  ): Float32Array {
    const { ofSample, ofClean, ofDifference } = this.#exponential(stepIndex);
    if (order === 1 || cleanBefore === undefined) {
      return sample.map((value, i) => ofSample * value + ofClean * clean[i]);
    }
    // Order 2: ρ = 1/2 whatever the step sizes.
    const slope = (0.5 * ofDifference) / this.#stepRatio(stepIndex);
    return sample.map(
      (value, i) => ofSample * value + ofClean * clean[i] + slope * (cleanBefore[i] - clean[i]),
    );
  }

  /** The sample at this step again, from the previous step's start, now that `clean` here is known. */
  #correct(previous: PreviousStep, clean: Float32Array): Float32Array {
    const { stepIndex, order, sample, clean: start, cleanBefore } = previous;
    const { ofSample, ofClean, ofDifference, minusH } = this.#exponential(stepIndex);
    if (order === 1 || cleanBefore === undefined) {
      const end = 0.5 * ofDifference;
      return sample.map((value, i) => ofSample * value + ofClean * start[i] + end * (clean[i] - start[i]));
    }
    // ρ solves [[1, 1], [r, 1]]·ρ = b, b_k = k!·φ_{k+1}(−h)·(−h)/B(h).
    const ratio = this.#stepRatio(stepIndex);
    const bh = Math.expm1(minusH);
    const phi2 = bh / minusH - 1;
    const phi3 = phi2 / minusH - 0.5;
    const rhoBefore = (phi2 - 2 * phi3) / bh / (1 - ratio);
    const rhoEnd = phi2 / bh - rhoBefore;
    const slope = (rhoBefore * ofDifference) / ratio;
    const end = rhoEnd * ofDifference;
    return sample.map(
      (value, i) =>
        ofSample * value +
        ofClean * start[i] +
        slope * (cleanBefore[i] - start[i]) +
        end * (clean[i] - start[i]),
    );
  }

  /** Factors of the exact exponential integrator over one step, with α = 1 − σ and h the step in λ = log(α/σ). */
  #exponential(stepIndex: number): {
    ofSample: number;
    ofClean: number;
    ofDifference: number;
    minusH: number;
  } {
    const from = this.sigmas[stepIndex];
    const to = this.sigmas[stepIndex + 1];
    const minusH = logSnr(from) - logSnr(to);
    const weight = -(1 - to) * Math.expm1(minusH);
    return { ofSample: to / from, ofClean: weight, ofDifference: weight, minusH };
  }

  /** r = (λ of the step before − λ here) / h, negative. */
  #stepRatio(stepIndex: number): number {
    const here = logSnr(this.sigmas[stepIndex]);
    return (logSnr(this.sigmas[stepIndex - 1]) - here) / (logSnr(this.sigmas[stepIndex + 1]) - here);
  }
}

/** λ = log(α/σ) of a flow level; +∞ at σ = 0. */
function logSnr(sigma: number): number {
  return Math.log(1 - sigma) - Math.log(sigma);
}
