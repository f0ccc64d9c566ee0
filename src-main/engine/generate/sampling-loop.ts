import type {
  CacheMethod,
  CacheRun,
  NetworkOutput,
  StepDecision,
  StepKind,
  StepView,
  TimeDrift,
} from '../../../src-shared/core/caches/index.ts';
import { cancelledError } from '../../../src-shared/core/errors/index.ts';
import { firstStepFor, guide, noiseTo, type Scheduler } from '../../../src-shared/core/schedulers/index.ts';
import type { PlainData } from '../../../src-shared/core/plain-data/index.ts';
import { sampleQueries } from '../../../src-shared/core/tokens/index.ts';
import type { Denoiser, NetworkCall } from '../network/denoiser.ts';
import { requireFinite } from '../network/finite.ts';
import type { DriftProbe } from '../network/drift-probe.ts';
import type { Clock } from '../stage-timer.ts';

/** Is shown a step's sample, its velocity and its noise level: tokens [n, 64] that it neither keeps nor writes to. */
export type OnPrediction = (sample: Float32Array, velocity: Float32Array, sigma: number) => void;

/** How the windows of a job are sampled. */
export interface Sampling {
  readonly scheduler: Scheduler;
  readonly guidanceScale: number;
  /** One text for each stream. */
  readonly prompts: readonly string[];
  /** Of the scheduler's timesteps. */
  readonly drift: TimeDrift;
}

/**
 * Where a run is between two steps: all that the rest of it depends on besides its input, so that it can continue in another
 * process, bit for bit. Noise and choices are drawn by seed and step: there is no random state. Its arrays are never
 * written to.
 */
export interface SampleState {
  /** Tokens [n, 64]. */
  readonly sample: Float32Array;
  /** The steps so far, at least one. */
  readonly steps: readonly StepRecord[];
  readonly scheduler: PlainData;
  readonly method: PlainData;
}

export interface SamplingInput {
  readonly denoiser: Denoiser;
  readonly scheduler: Scheduler;
  readonly method: CacheMethod;
  /** What the method is told of the window besides the schedule. */
  readonly cache: Pick<CacheRun, 'partition' | 'drift' | 'calibration' | 'contextVelocity' | 'partialCost'>;
  /** Only for methods that look at the modulated input. */
  readonly probe?: DriftProbe;
  /** Gaussian noise, tokens [n, 64]. */
  readonly noise: Float32Array;
  /** Where a run of `strength` < 1 starts from: clean tokens [n, 64]. */
  readonly clean?: Float32Array;
  /** (0, 1]: 1 starts from pure noise; lower starts later, from the noised `clean`. */
  readonly strength: number;
  /** 1: one stream. Otherwise the denoiser returns [cond, uncond]. */
  readonly guidanceScale: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Where an interrupted run of the same input continues; absent: at its beginning. */
  readonly from?: SampleState | undefined;
  /** After each step from whose end a run can continue. */
  readonly onState?: (state: SampleState) => Promise<void>;
  /** After each network call: what went in and what came out. */
  readonly onOutput?: (view: StepView, output: NetworkOutput) => void;
  /** After each step: its place in the run and what it was. */
  readonly onStep?: (step: number, steps: number, kind: StepKind) => void;
  /** In each step, once its velocity is known. */
  readonly onPrediction?: OnPrediction;
}

/** What one step was, and what it took. */
export interface StepRecord {
  readonly kind: StepKind;
  /** Tokens of each stream in the network call; 0 without one. */
  readonly tokens: number;
  readonly streams: number;
  readonly flops: number;
  /** Seconds of the network call, and of choosing what it runs on. The step's other work is `restSec`. */
  readonly networkSec: number;
  readonly selectionSec: number;
  readonly restSec: number;
}

export interface SamplingResult {
  /** The sample after the last step, tokens [n, 64]. */
  readonly tokens: Float32Array;
  readonly steps: readonly StepRecord[];
}

/** How many steps a run of this strength computes. */
export function stepsToRun(scheduler: Pick<Scheduler, 'sigmas' | 'steps'>, strength: number): number {
  return scheduler.steps - firstStepFor(scheduler, strength);
}

/** Steps of each kind. */
export function countCalls(steps: readonly Pick<StepRecord, 'kind'>[]): Record<StepKind, number> {
  const calls = { full: 0, partial: 0, reuse: 0 };
  for (const { kind } of steps) calls[kind]++;
  return calls;
}

/**
 * Share of the operations of the uncached run that the steps of whole windows saved, 0…1. Every window begins with a
 * full step, which says what each of its steps would have taken. 0 where nothing was run.
 */
export function flopsSaved(steps: readonly Pick<StepRecord, 'flops'>[], stepsPerWindow: number): number {
  let spent = 0;
  let uncached = 0;
  steps.forEach(({ flops }, i) => {
    spent += flops;
    if (i % stepsPerWindow === 0) uncached += stepsPerWindow * flops;
  });
  return uncached === 0 ? 0 : 1 - spent / uncached;
}

/** Lets the process handle what arrived during a network call, which blocks it. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** scheduler × cache method × denoiser. Cancels between network calls. */
export async function sampleLoop(input: SamplingInput): Promise<SamplingResult> {
  const { denoiser, scheduler, method, noise, clean, strength, guidanceScale, clock, signal, onStep } = input;
  const { from, onState } = input;
  const first = clean === undefined ? 0 : firstStepFor(scheduler, strength);
  const steps = scheduler.steps - first;
  let sample = from?.sample ?? (clean === undefined ? noise : noiseTo(clean, noise, scheduler.sigmas[first]));
  scheduler.reset(from?.scheduler);
  method.start(
    {
      ...input.cache,
      steps,
      timesteps: scheduler.timesteps.subarray(first),
      sigmas: scheduler.sigmas.subarray(first),
      streams: denoiser.streams,
      guidanceScale: denoiser.streams === 1 ? 1 : guidanceScale,
    },
    from?.method,
  );
  const records: StepRecord[] = [...(from?.steps ?? [])];
  if (from !== undefined) await keepAgain(input, first, records.length);
  for (let stepIndex = records.length; stepIndex < steps; stepIndex++) {
    await nextTurn();
    if (signal?.aborted) throw cancelledError();
    const start = clock();
    const timestep = scheduler.timesteps[first + stepIndex];
    const modulated = await input.probe?.modulatedInput(sample, timestep);
    const view: StepView = {
      stepIndex,
      sample,
      ...(modulated !== undefined && { modulatedInput: modulated }),
    };
    const decision = method.decide(view);
    const call = decision.kind === 'reuse' ? undefined : callFor(input, decision, view, timestep);
    const chosen = clock();
    if (call !== undefined) {
      const output = await denoiser.run(call);
      method.observe(view, output);
      input.onOutput?.(view, output);
    }
    const computed = clock();
    const [cond, uncond] = method.velocities(view);
    const velocity = uncond === undefined ? cond : guide(cond, uncond, guidanceScale);
    input.onPrediction?.(sample, velocity, scheduler.sigmas[first + stepIndex]);
    sample = scheduler.step(velocity, sample, first + stepIndex);
    requireFinite(sample, 'sampling', `, step ${stepIndex + 1} of ${steps}`);
    records.push({
      kind: decision.kind,
      tokens: call === undefined ? 0 : callTokens(call, input),
      streams: decision.conditionalOnly === true ? 1 : denoiser.streams,
      flops: call === undefined ? 0 : denoiser.flops(call),
      selectionSec: chosen - start,
      networkSec: computed - chosen,
      restSec: clock() - computed,
    });
    onStep?.(stepIndex + 1, steps, decision.kind);
    const memory = onState === undefined ? undefined : method.save(stepIndex + 1);
    if (memory !== undefined) {
      await onState?.({ sample, steps: [...records], scheduler: scheduler.save(), method: memory });
    }
  }
  return { tokens: sample, steps: records };
}

/** What the network kept before the run was interrupted, once more: the calls that kept it. */
async function keepAgain(
  { denoiser, scheduler, method, signal }: SamplingInput,
  first: number,
  nextStep: number,
): Promise<void> {
  for (const { stepIndex, sample, keep } of method.kept?.(nextStep) ?? []) {
    await nextTurn();
    if (signal?.aborted) throw cancelledError();
    await denoiser.run({ sample, timestep: scheduler.timesteps[first + stepIndex], keep });
  }
}

function callFor(
  { method, cache }: SamplingInput,
  decision: StepDecision,
  view: StepView,
  timestep: number,
): NetworkCall {
  const { selection } = method.needs;
  return {
    sample: view.sample,
    timestep,
    ...(decision.kind === 'partial' && { part: method.part(view) }),
    ...(decision.conditionalOnly === true && { conditionalOnly: true }),
    ...(decision.keep !== undefined && { keep: decision.keep }),
    ...(decision.kind === 'full' &&
      selection !== undefined && {
        queries: sampleQueries(cache.partition.generative, selection.queries, view.stepIndex),
      }),
  };
}

function callTokens({ part }: NetworkCall, { cache }: SamplingInput): number {
  return part !== undefined && 'tokens' in part ? part.tokens.length : cache.partition.count;
}
