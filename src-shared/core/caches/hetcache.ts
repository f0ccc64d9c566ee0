import { gatherRows, keptCount, kMeans, selections, type SelectionKind } from '../tokens/index.ts';
import type {
  CacheMethod,
  CacheRun,
  KeptStep,
  NetworkOutput,
  PartialCall,
  StepDecision,
  StepView,
} from './cache-method.ts';
import { embeddingDrift, modelPolynomial, relativeL1 } from './drift.ts';
import { paces } from './calibrated-schedule.ts';
import { evenThreshold } from './even-spacing.ts';
import { planSchedule } from './hetcache-schedule.ts';
import { KeptContext, keepingSteps, type SavedContext } from './kept-context.ts';
import type { OptionsOf } from './method-options.ts';
import { methodRow } from './method-table.ts';
import { deltaOption } from './shared-options.ts';
import {
  reuseModes,
  VelocityMemory,
  withKnownVelocity,
  type ReuseMode,
  type SavedVelocities,
} from './velocity-memory.ts';

/** Width of the projected features, and how far the warm-started clustering goes in one selection. */
const featureDims = 64;
const lloydIterations = 5;

const whole = (value: number, min: number, max: number, help: string) =>
  ({ kind: 'number', whole: true, min, max, default: value, help }) as const;
const share = (value: number, help: string) =>
  ({ kind: 'number', min: 0, max: 1, default: value, help }) as const;

const hetcacheOptions = {
  delta: deltaOption(
    0.1,
    100,
    'What may go wrong: on a calibrated model the expected error of the result, else the drift that may add up before something is computed. Higher: faster, coarser.',
  ),
  schedule: {
    kind: 'choice',
    values: ['calibrated', 'drift'],
    default: 'calibrated',
    help: 'Where calls go: as the model was calibrated for these steps and this guidance, by drift where it was not; or always by drift.',
  },
  pace: {
    kind: 'choice',
    values: ['delta', ...paces],
    default: 'delta',
    help: 'Which point of the calibrated curve: what delta allows, or what a preset takes. Not calibrated, a preset’s calls are even.',
  },
  rho: {
    kind: 'number',
    min: 1,
    max: 100,
    default: 2.5,
    help: 'The whole network runs once the drift since it last did is rho times delta. Higher: more partial steps.',
  },
  warmup: share(0.02, 'Share of the steps, from the first, that are full; at least one is. Higher: slower.'),
  partial: {
    kind: 'choice',
    values: ['auto', 'kv', 'drop', 'none'],
    default: 'auto',
    help: 'What partial steps do with the context that they leave out: look at it as the last full steps kept it (kv), or drop it, as the paper does; auto: kv where the calibration says that it pays.',
  },
  caches: {
    kind: 'choice',
    values: ['auto', 'float', 'int8'],
    default: 'auto',
    help: 'How kv keeps the context: as it is computed, in eight bits each, or auto: in eight bits where only that fits into memory.',
  },
  ahead: {
    kind: 'choice',
    values: ['forecast', 'last'],
    default: 'forecast',
    help: 'Whether kv carries what was kept on in a straight line over sigma, or takes it as it was.',
  },
  keep: share(0, 'Share of the context tokens that partial steps compute (r). Higher: closer, slower.'),
  clusters: whole(16, 1, 1024, 'Clusters of context tokens (k). Higher: finer shares.'),
  margin: whole(0, 0, 64, 'Rows and columns of margin around the hole, in tokens. Higher: closer, slower.'),
  marginTime: whole(0, 0, 64, 'Latent frames of margin before and after the hole. Higher: closer, slower.'),
  ema: share(1, 'Weight of the new value where a context token was computed before. Lower: smoother.'),
  context: {
    kind: 'choice',
    values: ['analytic', 'cached'],
    default: 'analytic',
    help: 'What context tokens get while they are dropped: the exact velocity of their known source, or their last one.',
  },
  reuse: {
    kind: 'choice',
    values: ['auto', ...reuseModes],
    default: 'auto',
    help: 'What stands in for a network call: as calibrated, else a forecast without guidance and the last velocity with it; or always the same.',
  },
  drift: {
    kind: 'choice',
    values: ['projection', 'embedding', 'content'],
    default: 'projection',
    help: 'What drift is measured by: the time embedding’s projection, the embedding itself (through the model’s polynomial), or the modulated input of a sample of tokens.',
  },
  weighting: {
    kind: 'choice',
    values: ['contribution', 'none'],
    default: 'none',
    help: 'Whether drift counts by how much of it reaches the result: little at high noise, much at low.',
  },
  spacing: {
    kind: 'choice',
    values: ['even', 'greedy'],
    default: 'even',
    help: 'Whether the calls that delta makes are spread evenly over the drift, or come as soon as it is reached.',
  },
  partialAbove: share(
    0.5,
    'Noise level (sigma) below which every computed step is full. Higher: slower, closer.',
  ),
  selection: {
    kind: 'choice',
    values: Object.keys(selections) as SelectionKind[],
    default: 'clusters+importance',
    help: 'How context tokens are chosen: the most important of every cluster, or an ablation of that.',
  },
  queries: whole(64, 1, 256, 'Generative tokens whose attention is sampled for the importance.'),
  unconditionalEvery: whole(
    1,
    1,
    100,
    'With guidance, the unconditional stream runs every so many computed steps.',
  ),
  anneal: share(0, 'How much of `keep` is given up by the last step. Higher: faster, coarser.'),
} as const;

export type HetCacheOptions = OptionsOf<typeof hetcacheOptions>;

/**
 * HetCache: full, partial and reuse steps, by the calibrated schedule or by the drift since the last full and the last
 * computed step; partial steps run on generative, margin and selected context tokens only. Specification: the HetCache
 * paper's three kinds of step and of token, with the thresholds and the choices of the project. Its departure from the
 * paper: the tokens that a partial step leaves out are not missing from what the others look at (`kv`).
 *
 * Valid for one run: the selection is made from the last full step and shared by the partial steps that follow.
 * Both streams share the selection, which is made from the conditional one, and keep velocities of their own.
 */
class HetCache implements CacheMethod<Memory> {
  readonly needs: CacheMethod['needs'];
  readonly #options: HetCacheOptions;
  #state!: RunState;

  constructor(options: HetCacheOptions) {
    this.#options = options;
    const { margin, marginTime, queries, drift, partial, keep, caches } = options;
    const usesImportance = selections[options.selection].usesImportance;
    this.needs = {
      margin: { space: margin, time: marginTime },
      modulatedInput: drift === 'content',
      ...(partial !== 'none' &&
        (partial === 'drop' || keep > 0) && { selection: { queries: usesImportance ? queries : 0 } }),
      ...(looksBack(options) && { cached: { form: caches, keep } }),
    };
  }

  start(run: CacheRun, memory?: Memory): void {
    this.#state = new RunState(run, this.#options, memory);
  }

  save(): Memory {
    return this.#state.save();
  }

  kept(nextStep: number): readonly KeptStep[] {
    return this.#state.kept(nextStep);
  }

  decide(step: StepView): StepDecision {
    return this.#state.decide(step);
  }

  part(step: StepView): PartialCall {
    return this.#state.part(step);
  }

  observe(step: StepView, output: NetworkOutput): void {
    this.#state.observe(step, output);
  }

  velocities(step: StepView): Float32Array[] {
    return this.#state.velocities(step);
  }
}

/** Whether its partial steps look at the kept context. What is kept is of both streams, so both must run. */
function looksBack({ partial, unconditionalEvery }: HetCacheOptions): boolean {
  return (partial === 'auto' || partial === 'kv') && unconditionalEvery === 1;
}

/** What a run remembers besides the velocities. */
type OwnState = {
  modulatedBefore: Float32Array | undefined;
  driftSinceFull: number;
  driftSinceCompute: number;
  computedSteps: number;
  /** Of the last full step, as far as the method asks for them. */
  importance: Float32Array | undefined;
  features: Float32Array | undefined;
  centroids: Float32Array | undefined;
  /** Cluster of each context token, from the last full step; undefined until asked for. */
  assignment: Int32Array | undefined;
  /** Tokens of partial steps since the last full one, and the share that they were chosen with. */
  active: Int32Array | undefined;
  activeKeep: number;
  /** Context tokens that the last network call left out; empty after a full one. */
  dropped: Int32Array;
  /** Whether that call was partial. */
  wasPartial: boolean;
};
type Memory = {
  readonly velocities: SavedVelocities;
  readonly context: SavedContext;
  readonly own: OwnState;
};

const nothingYet = (): OwnState => ({
  modulatedBefore: undefined,
  driftSinceFull: 0,
  driftSinceCompute: 0,
  computedSteps: 0,
  importance: undefined,
  features: undefined,
  centroids: undefined,
  assignment: undefined,
  active: undefined,
  activeKeep: -1,
  dropped: new Int32Array(0),
  wasPartial: false,
});

class RunState {
  readonly #run: CacheRun;
  readonly #options: HetCacheOptions;
  readonly #memory: VelocityMemory;
  readonly #warmupSteps: number;
  /** Drift of each step, where it is known before the run. */
  readonly #fixedDrift: Float32Array | undefined;
  /** Weight of each step's drift. */
  readonly #weights: Float32Array;
  /** Drift at which something is computed: delta, or less where its calls are spread. */
  readonly #threshold: number;
  readonly #mapContent: (distance: number) => number;
  /** Where the schedule is planned: what each step is, as `ScheduleLetters`. */
  readonly #letters: string | undefined;
  /** Steps that keep the context if they are full; undefined: none. */
  readonly #keeping: ((stepIndex: number) => boolean) | undefined;
  readonly #context: KeptContext;
  readonly #own: OwnState;
  /** The context without the tokens of the last partial call. */
  #left: { readonly of: Int32Array; readonly rest: Int32Array } | undefined;
  /** Of the step under way. */
  #decision: StepDecision = { kind: 'full' };

  constructor(run: CacheRun, options: HetCacheOptions, memory: Memory | undefined) {
    this.#run = run;
    this.#options = options;
    this.#memory = new VelocityMemory(run, memory?.velocities);
    this.#own = memory === undefined ? nothingYet() : { ...memory.own };
    this.#warmupSteps = Math.max(1, Math.round(options.warmup * run.steps));
    this.#fixedDrift = fixedDrift(run, options.drift);
    this.#weights =
      options.weighting === 'none' ? new Float32Array(run.steps).fill(1) : contributionWeights(run);
    const partial = looksBack(options) ? options.partial : 'none';
    this.#letters = planSchedule(run, { ...options, partial })?.letters;
    this.#keeping = keepingOf(run, partial, this.#letters);
    this.#context = new KeptContext(run, memory?.context);
    this.#threshold = this.#thresholdOf(options);
    this.#mapContent = modelPolynomial(run.calibration);
  }

  /** Only a drift that is known beforehand can be spread. */
  #thresholdOf({ delta, spacing }: HetCacheOptions): number {
    const known = this.#fixedDrift;
    if (spacing === 'greedy' || known === undefined) return delta;
    const drift = known.map((value, i) => value * this.#weights[i]);
    return evenThreshold({ drift, warmupSteps: this.#warmupSteps }, delta);
  }

  save(): Memory {
    return { velocities: this.#memory.save(), context: this.#context.save(), own: { ...this.#own } };
  }

  kept(nextStep: number): readonly KeptStep[] {
    return this.#context.stillNeeded(this.#letters, nextStep);
  }

  decide(step: StepView): StepDecision {
    const drift = this.#weights[step.stepIndex] * this.#driftOf(step);
    this.#own.driftSinceFull += drift;
    this.#own.driftSinceCompute += drift;
    const kind = this.#kindOf(step.stepIndex);
    if (kind !== 'reuse') this.#own.driftSinceCompute = 0;
    if (kind === 'full') this.#own.driftSinceFull = 0;
    if (kind !== 'reuse') this.#own.wasPartial = kind === 'partial';
    const skipsUnconditional =
      kind !== 'reuse' &&
      this.#run.streams === 2 &&
      this.#own.computedSteps % this.#options.unconditionalEvery !== 0;
    if (kind !== 'reuse') this.#own.computedSteps++;
    this.#decision = {
      kind,
      ...(skipsUnconditional && { conditionalOnly: true }),
      ...(kind === 'full' &&
        this.#keeping?.(step.stepIndex) === true && { keep: this.#run.partition.context }),
    };
    return this.#decision;
  }

  #kindOf(stepIndex: number): StepDecision['kind'] {
    const { delta, rho } = this.#options;
    if (this.#letters !== undefined) {
      const letter = this.#letters[stepIndex];
      return letter === 'F' ? 'full' : letter === 'P' ? 'partial' : 'reuse';
    }
    if (stepIndex < this.#warmupSteps || stepIndex === this.#run.steps - 1) return 'full';
    if (this.#own.driftSinceCompute < this.#threshold) return 'reuse';
    const mayBePartial = this.#run.sigmas[stepIndex] > this.#options.partialAbove;
    return mayBePartial && this.#own.driftSinceFull < rho * delta && this.#leavesOut(stepIndex)
      ? 'partial'
      : 'full';
  }

  /**
   * A partial step that keeps every token would be a full one in disguise. Of those that look at the kept context at most
   * one comes after each full one: what was kept is carried on no further.
   */
  #leavesOut(stepIndex: number): boolean {
    const { context } = this.#run.partition;
    const allowed = this.#keeping === undefined ? this.#options.partial === 'drop' : !this.#own.wasPartial;
    if (!allowed) return false;
    return keptCount(context.length, this.#keepAt(stepIndex)) < context.length;
  }

  #keepAt(stepIndex: number): number {
    const { keep, anneal } = this.#options;
    const progress = this.#run.steps === 1 ? 0 : stepIndex / (this.#run.steps - 1);
    return keep * (1 - anneal * progress);
  }

  #driftOf({ stepIndex, modulatedInput }: StepView): number {
    if (this.#fixedDrift !== undefined) return this.#fixedDrift[stepIndex];
    if (modulatedInput === undefined) throw new Error('hetcache: no modulated input for content drift');
    const before = this.#own.modulatedBefore;
    this.#own.modulatedBefore = modulatedInput;
    return before === undefined ? 0 : this.#mapContent(relativeL1(modulatedInput, before));
  }

  part(step: StepView): PartialCall {
    const tokens = this.#activeTokens(step);
    if (this.#keeping === undefined) return { tokens };
    const cached = this.#context.at(step, this.#without(tokens));
    return { tokens, cached: this.#options.ahead === 'last' ? { ...cached, reach: 0 } : cached };
  }

  /** The context without these. */
  #without(tokens: Int32Array): Int32Array {
    const { context } = this.#run.partition;
    if (this.#left?.of === tokens) return this.#left.rest;
    const computed = new Set(tokens);
    const rest = context.filter((token) => !computed.has(token));
    this.#left = { of: tokens, rest };
    return rest;
  }

  /** Generative, margin and the selected context tokens, ascending. */
  #activeTokens({ stepIndex }: StepView): Int32Array {
    const keep = this.#keepAt(stepIndex);
    if (this.#own.active !== undefined && this.#own.activeKeep === keep) return this.#own.active;
    const { generative, margin } = this.#run.partition;
    const kept = this.#selectContext(keep, stepIndex);
    this.#own.active = Int32Array.from([...generative, ...margin, ...kept]).sort();
    this.#own.activeKeep = keep;
    return this.#own.active;
  }

  #selectContext(keep: number, seed: number): Int32Array {
    const { context } = this.#run.partition;
    if (keptCount(context.length, keep) === 0) return new Int32Array(0);
    const selection = selections[this.#options.selection];
    const { importance, features } = this.#own;
    return selection.select({
      context,
      keep,
      seed,
      ...(selection.usesImportance && importance !== undefined && { importance }),
      ...(selection.usesClusters && features !== undefined && this.#clusters(features, context)),
    });
  }

  /** Clusters of the context tokens, begun from those of the full step before. */
  #clusters(features: Float32Array, context: Int32Array): { assignment: Int32Array; clusters: number } {
    const { clusters } = this.#options;
    if (this.#own.assignment === undefined) {
      const result = kMeans({
        features: gatherRows(features, featureDims, context),
        dims: featureDims,
        clusters,
        iterations: lloydIterations,
        ...(this.#own.centroids !== undefined && { start: this.#own.centroids }),
      });
      this.#own.centroids = result.centroids;
      this.#own.assignment = result.assignment;
    }
    return { assignment: this.#own.assignment, clusters };
  }

  observe(step: StepView, output: NetworkOutput): void {
    if (this.#decision.kind === 'full') {
      this.#memory.storeAll(step, this.#decision, output);
      this.#own.importance = output.importance;
      this.#own.features = output.features;
      this.#own.assignment = undefined;
      this.#own.active = undefined;
      this.#own.dropped = new Int32Array(0);
      const { keep } = this.#decision;
      if (keep !== undefined) this.#context.keep(step, keep);
      return;
    }
    const active = this.#activeTokens(step);
    this.#own.dropped = this.#without(active);
    this.#memory.storeTokens(step, this.#decision, output, active, {
      tokens: this.#run.partition.context,
      weight: this.#options.ema,
    });
  }

  #reuseMode({ stepIndex }: StepView): ReuseMode {
    const { reuse } = this.#options;
    if (reuse !== 'auto') return reuse;
    if (this.#letters !== undefined) return this.#letters[stepIndex] === 'f' ? 'forecast' : 'velocity';
    return this.#run.guidanceScale === 1 ? 'forecast' : 'velocity';
  }

  velocities(step: StepView): Float32Array[] {
    const velocities =
      this.#decision.kind === 'reuse'
        ? this.#memory.reuse(step, this.#reuseMode(step))
        : this.#memory.latest();
    return this.#options.context === 'cached'
      ? velocities
      : withKnownVelocity(this.#run, velocities, this.#own.dropped);
  }
}

/**
 * How much of an error of the velocity at each step reaches the result, [steps], mean 1 over the run. An error e at
 * sigma moves the sample by Δσ·e; what is left of it at the end is its share σ_end / σ, since a network that knows the
 * clean sample x₀ draws the sample towards it: (x − x₀) shrinks with σ. So the weight is Δσ / σ, in logarithms.
 */
function contributionWeights({ sigmas, steps }: CacheRun): Float32Array {
  const weights = new Float32Array(steps);
  let sum = 0;
  for (let i = 1; i < steps; i++) {
    weights[i] = Math.log(sigmas[i - 1] / sigmas[i]);
    sum += weights[i];
  }
  return weights.map((weight) => (sum === 0 ? 1 : (weight * (steps - 1)) / sum));
}

/** Which steps of a run keep the context, if they are full; undefined where no partial step looks at it. */
function keepingOf(
  { steps, partialCost }: CacheRun,
  partial: HetCacheOptions['partial'],
  letters: string | undefined,
): ((stepIndex: number) => boolean) | undefined {
  if (partialCost === undefined) return undefined;
  if (letters === undefined) return partial === 'kv' ? (stepIndex) => stepIndex < steps - 1 : undefined;
  if (!letters.includes('P')) return undefined;
  const keeping = keepingSteps(letters);
  return (stepIndex) => keeping[stepIndex];
}

/** Drift of each step where it depends on the model and the timesteps alone; undefined for `content`. */
function fixedDrift(run: CacheRun, source: HetCacheOptions['drift']): Float32Array | undefined {
  switch (source) {
    case 'content':
      return undefined;
    case 'projection':
      return run.drift.projection;
    case 'embedding':
      return embeddingDrift(run);
  }
}

export const hetcache = methodRow({
  name: 'hetcache',
  summary: 'full, partial and reuse steps; fewer tokens in partial ones',
  options: hetcacheOptions,
  schedule: 'fixed',
  exact: { delta: 0, unconditionalEvery: 1 },
  create: (options) => new HetCache(options),
});
