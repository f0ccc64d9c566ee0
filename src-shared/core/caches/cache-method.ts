import type { PlainData } from '../plain-data/index.ts';
import type { CalibratedSchedule } from './calibrated-schedule.ts';
import type { KeptForm } from '../graph/index.ts';
import type { MarginTokens, TokenPartition } from '../tokens/index.ts';

/**
 * What a step does: the whole network, a part of it (fewer tokens, or some of its modules), or no network call.
 */
export type StepKind = 'full' | 'partial' | 'reuse';

/** What the run of one window is, as far as caching is concerned: nothing remembered outlives it. */
export interface CacheRun {
  /** Steps that are run. */
  readonly steps: number;
  /** [steps], float32: what the network is told at each step, 0 … 1000. */
  readonly timesteps: Float32Array;
  /** [steps + 1], float32: noise level before each step and, last, after all of them. */
  readonly sigmas: Float32Array;
  /** Text streams: 1, or 2 with classifier-free guidance (conditional first). */
  readonly streams: number;
  /** 1 with one stream. */
  readonly guidanceScale: number;
  readonly partition: TokenPartition;
  readonly drift: TimeDrift;
  readonly calibration: ModelCalibration;
  /**
   * Velocity ε − x₀ of the known latents, [n, 4·C] float32, exact for context tokens (their source is known); absent
   * where the task does not keep the context. With x(σ) = (1 − σ)·x₀ + σ·ε, dx/dσ = ε − x₀ at every σ.
   */
  readonly contextVelocity?: Float32Array;
  /**
   * What a partial step that looks at the kept context costs, of a full one; absent: there can be none, for want of a graph
   * or of memory.
   */
  readonly partialCost?: number;
}

/**
 * How far the time embedding moves from step to step: relative L1 distances (`relativeL1`), [steps], the first 0.
 * They depend on the model and the timesteps alone.
 */
export interface TimeDrift {
  /** Of `temb` [D], which modulates the output. */
  readonly embedding: Float32Array;
  /** Of its projection [6, D], which modulates every block. */
  readonly projection: Float32Array;
}

/** What was measured of a model for caching; all of it optional. Written by `hetcut model calibrate`. */
export interface ModelCalibration {
  /**
   * Coefficients, highest power first, of the polynomial from the drift of the time embedding to that of the
   * network's output (TeaCache, arXiv:2411.19108), and the inputs it was fitted on.
   */
  readonly driftPolynomial?: readonly number[];
  readonly driftRange?: readonly [number, number];
  /** MagCache's γ: ratio of the mean size of v − x at each of evenly spaced steps to the one before, [steps]. */
  readonly magnitudeRatios?: readonly number[];
  /** HetCache's, one for each set of conditions that was calibrated. */
  readonly schedules?: readonly CalibratedSchedule[];
}

/** What a method may look at in a step. */
export interface StepView {
  /** From 0, counted from the first step that is run. */
  readonly stepIndex: number;
  /** The sample before the step, tokens [n, 4·C] float32. */
  readonly sample: Float32Array;
  /** First block's modulated input of the run's probe tokens, [m, D]; only where the method `needs` it. */
  readonly modulatedInput?: Float32Array;
}

/** What the schedule says of a step, before anything of it is computed. */
export interface StepDecision {
  readonly kind: StepKind;
  /** Only the conditional stream runs; the other one follows from the cached difference. */
  readonly conditionalOnly?: boolean;
  /** Of a full step: tokens that later partial steps look at without computing them; see `CachedTokens`. */
  readonly keep?: Int32Array;
}

/**
 * Tokens that a partial call looks at without computing them: those blocks make their keys and values of what the last
 * two full steps kept of them, in a straight line over sigma.
 */
export interface CachedTokens {
  /** Among those that were kept, ascending. */
  readonly tokens: Int32Array;
  /** (σ − σ_last) / (σ_last − σ_before) of the two steps that kept; 0 takes the last as it was. */
  readonly reach: number;
}

/** A full step that kept tokens. */
export type KeptStep = {
  readonly stepIndex: number;
  /** The sample before it, [n, 4·C]. */
  readonly sample: Float32Array;
  readonly keep: Int32Array;
};

/** The part of the network that a `partial` step runs. */
export type PartialCall =
  /**
   * These tokens alone, ascending: queries, keys, feed-forward, cross-attention and control blocks. They look at each
   * other, and at `cached`.
   */
  | { readonly tokens: Int32Array; readonly cached?: CachedTokens }
  /** All tokens, but the attention outputs of the call before where a module is not computed. */
  | { readonly modules: ModuleChoice };

/** Which attention modules of all blocks are computed; the others give what they gave last. */
export interface ModuleChoice {
  readonly selfAttention: boolean;
  readonly crossAttention: boolean;
}

/** What a network call gave. */
export interface NetworkOutput {
  /** Velocity [m, 4·C] of each stream that ran, m = tokens of the call. */
  readonly velocities: readonly Float32Array[];
  /**
   * Attention that a middle block's sampled generative queries pay to each token, softmax over all keys, summed over
   * heads and queries: [n]. Only after full steps of methods that need the selection.
   */
  readonly importance?: Float32Array;
  /** A middle block's output through a fixed random projection, [n, 64]; as `importance`. */
  readonly features?: Float32Array;
}

/** What a method needs beyond velocities. */
export interface CacheNeeds {
  /** `features` of full steps, and their `importance` from at most this many sampled queries (0: none). */
  readonly selection?: { readonly queries: number };
  /** How far the margin of the run's partition reaches, in tokens; absent: the partition's own default. */
  readonly margin?: MarginTokens;
  /** `modulatedInput` before each step. */
  readonly modulatedInput?: boolean;
  /** The graph whose attention modules can be skipped. */
  readonly modules?: boolean;
  /**
   * The graph that keeps the context for partial steps, in this form; `auto`: the best that fits. They compute the share
   * `keep` of it. Done without where it is not to be had: then `CacheRun.partialCost` is absent.
   */
  readonly cached?: { readonly form: KeptForm | 'auto'; readonly keep: number };
}

/**
 * Decides how each step is computed and remembers what later steps reuse: a pure state machine over the run of one
 * window. For each step in order: `decide`, then, unless it is a reuse, the network runs and `observe` is called, then
 * `velocities`. What is remembered holds for one window, mask, prompt and shape; `start` forgets everything.
 */
export interface CacheMethod<Memory extends PlainData = PlainData> {
  readonly needs: CacheNeeds;
  /**
   * Begins a run: as a fresh instance would. With the `memory` of an interrupted one it continues where that was saved,
   * bit for bit as if nothing had been in between; the run must be the same in everything.
   */
  start(run: CacheRun, memory?: Memory): void;
  /**
   * All that later steps need of the steps so far, between two steps: `nextStep` is the one that comes. undefined where
   * what that step reuses is not the method's own (attention outputs stay with the network): save before or after it.
   */
  save(nextStep: number): Memory | undefined;
  /**
   * After `start` with a memory: the full steps whose kept tokens the steps from `nextStep` on look at, in their order. What
   * was kept is large, and stays with the network: whoever continues a run computes these steps again. Absent: none.
   */
  kept?(nextStep: number): readonly KeptStep[];
  /** The step's kind. Depends on what was observed only for methods whose schedule is marked `content`. */
  decide(step: StepView): StepDecision;
  /** For a partial step: the part that runs. */
  part(step: StepView): PartialCall;
  /** Takes what the network gave for the step. */
  observe(step: StepView, output: NetworkOutput): void;
  /** The step's velocity [n, 4·C] of every stream. */
  velocities(step: StepView): Float32Array[];
}
