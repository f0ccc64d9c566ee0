import {
  cacheMethods,
  createMethod,
  type MethodName,
  type MethodSpec,
  type ModelCalibration,
  type ModuleChoice,
  type StepKind,
  type TimeDrift,
} from '../caches/index.ts';
import { allTokens, type TokenCounts } from './planned-step.ts';

/** What a schedule depends on that neither job nor model folder says. */
export interface ScheduleFacts {
  /** Of the run's timesteps; see `measureTimeDrift`. */
  readonly drift: TimeDrift;
  /**
   * Kinds of the steps of an earlier run with the same method, options and steps. Only methods whose schedule depends
   * on content look at it; without it all their steps count as full, which is the most that they can take.
   */
  readonly seenKinds?: readonly StepKind[];
}

export interface ForecastRun extends ScheduleFacts {
  readonly method: MethodSpec;
  readonly steps: number;
  /** [steps], [steps + 1] float32, as in `CacheRun`. */
  readonly timesteps: Float32Array;
  readonly sigmas: Float32Array;
  readonly streams: number;
  readonly guidanceScale: number;
  readonly calibration: ModelCalibration;
  /** As in `CacheRun`, for the window whose steps are asked for. */
  readonly partialCost?: number;
}

export interface ForecastStep {
  readonly kind: StepKind;
  readonly tokens: number;
  readonly streams: number;
  /** Only for partial steps that look at tokens which were kept: how many. */
  readonly cached?: number;
  /** Only for partial steps that run all tokens through some of the modules. */
  readonly modules?: ModuleChoice;
}

/** Whether the schedule of a method is known before it runs. */
export function hasFixedSchedule({ name, options }: MethodSpec): boolean {
  return cacheMethods[name as MethodName].schedule === 'fixed' && options['drift'] !== 'content';
}

/**
 * The steps of a window of so many tokens: a dry run of the method, which computes nothing and remembers nothing.
 * Which context tokens partial steps keep is not known, but how many: every selection keeps `keptCount` of them.
 */
export function forecastSteps(run: ForecastRun, counts: TokenCounts): ForecastStep[] {
  const { method, steps, streams } = run;
  const n = allTokens(counts);
  if (!hasFixedSchedule(method)) {
    return Array.from({ length: steps }, (_, i) => ({
      kind: run.seenKinds?.[i] ?? 'full',
      tokens: n,
      streams,
    }));
  }
  const blind =
    'selection' in method.options
      ? { ...method, options: { ...method.options, selection: 'uniform' } }
      : method;
  const dry = createMethod(blind);
  dry.start({ ...run, partition: placeholderPartition(counts) });
  const sample = new Float32Array(0);
  return Array.from({ length: steps }, (_, stepIndex) => {
    const view = { stepIndex, sample };
    const { kind, conditionalOnly } = dry.decide(view);
    const call = { kind, tokens: n, streams: conditionalOnly === true ? 1 : streams };
    if (kind !== 'partial') return call;
    const part = dry.part(view);
    if ('modules' in part) return { ...call, modules: part.modules };
    const { tokens, cached } = part;
    return {
      ...call,
      tokens: tokens.length,
      ...(cached !== undefined && { cached: cached.tokens.length }),
    };
  });
}

/** A partition with these counts. Where its tokens are does not matter to a schedule. */
function placeholderPartition({ generative, margin, context }: TokenCounts) {
  const range = (start: number, length: number): Int32Array =>
    Int32Array.from({ length }, (_, i) => start + i);
  const count = generative + margin + context;
  return {
    grid: { frames: 1, rows: 1, cols: count },
    count,
    generative: range(0, generative),
    margin: range(generative, margin),
    context: range(generative + margin, context),
  };
}
