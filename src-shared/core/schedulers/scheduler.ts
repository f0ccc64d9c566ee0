import type { PlainData } from '../plain-data/index.ts';

/**
 * A flow-matching sampler: turns the network's velocities into a sample, step by step.
 *
 * The sample is x(σ) = (1 − σ)·x₀ + σ·noise and the network predicts the velocity dx/dσ = noise − x₀
 * (Lipman et al., "Flow Matching for Generative Modeling", arXiv:2210.02747). Everything is elementwise, so any
 * layout will do. A scheduler is a state machine over one sampling run: `reset` makes it as new.
 */
export interface Scheduler {
  /** Number of steps of a run from pure noise. */
  readonly steps: number;
  /** [steps], float32: what the network is told at each step, on the scale 0 … 1000. */
  readonly timesteps: Float32Array;
  /** [steps + 1], float32: noise level before each step and, last, after all of them (0). */
  readonly sigmas: Float32Array;
  /**
   * Goes from sigmas[stepIndex] to sigmas[stepIndex + 1].
   *
   * @param velocity  the network's output for `sample` at timesteps[stepIndex]
   * @param sample    same length; neither array is written to or kept
   * @returns a new array: the sample after the step
   * @throws RangeError where a step is out of turn: a run starts at any step and continues without gaps
   */
  step(velocity: Float32Array, sample: Float32Array, stepIndex: number): Float32Array;
  /** Forgets the run, so that the next one may start at any step; with what `save` gave, continues after that step. */
  reset(saved?: PlainData): void;
  /** What later steps need of the steps so far. */
  save(): PlainData;
}

/** What a run asks of a scheduler. */
export interface SchedulerRun {
  /** Number of steps, ≥ 1. More: slower and closer to the exact solution of the ODE. */
  readonly steps: number;
  /** Overrides the configuration's flow shift (> 0). Higher spends more of the steps at high noise. */
  readonly flowShift?: number;
  /** Latent tokens of the run; needed where the configuration shifts by the length (LTX). */
  readonly tokenCount?: number;
}

/**
 * Classifier-free guidance (Ho and Salimans, arXiv:2207.12598): uncond + scale·(cond − uncond), as a new array.
 *
 * @param scale  1 is `cond`; higher follows the prompt more closely at the price of variety and saturation
 */
export function guide(cond: Float32Array, uncond: Float32Array, scale: number): Float32Array {
  requireSameLength('guide', cond, uncond);
  return cond.map((value, i) => uncond[i] + scale * (value - uncond[i]));
}

/** The sample at noise level `sigma` of [0, 1]: (1 − σ)·clean + σ·noise, as a new array. */
export function noiseTo(clean: Float32Array, noise: Float32Array, sigma: number): Float32Array {
  requireSameLength('noiseTo', clean, noise);
  return clean.map((value, i) => (1 - sigma) * value + sigma * noise[i]);
}

/**
 * The step at which a run of this strength starts: the first whose noise level is no higher than `strength`, or the
 * last one where none is.
 *
 * @param strength  in (0, 1]: 1 starts from pure noise; lower keeps more of the given picture
 */
export function firstStepFor(scheduler: Pick<Scheduler, 'sigmas' | 'steps'>, strength: number): number {
  const found = scheduler.sigmas.findIndex((sigma) => sigma <= strength);
  return Math.min(found, scheduler.steps - 1);
}

/** Shared by the schedulers' `step`: the arrays match and the step exists. */
export function requireStep(
  scheduler: Pick<Scheduler, 'steps'>,
  velocity: Float32Array,
  sample: Float32Array,
  stepIndex: number,
): void {
  requireSameLength('step', velocity, sample);
  if (!Number.isInteger(stepIndex) || stepIndex < 0 || stepIndex >= scheduler.steps) {
    throw new RangeError(`Step ${stepIndex} of a run of ${scheduler.steps} steps.`);
  }
}

function requireSameLength(name: string, a: Float32Array, b: Float32Array): void {
  if (a.length !== b.length) {
    throw new RangeError(`${name}: arrays of ${a.length} and ${b.length} values.`);
  }
}
