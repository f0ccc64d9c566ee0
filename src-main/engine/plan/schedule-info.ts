import {
  distinctPaces,
  mostPartialShare,
  planSchedule,
  resolveMethod,
  type MethodSpec,
  type Pace,
  type PaceStop,
  type PlannedSchedule,
  type ScheduledRun,
} from '../../../src-shared/core/caches/index.ts';
import type { CalibrationProblem, ModelFolder } from '../network/model-folder.ts';

/** Where a job's network calls go, and why; of HetCache alone. */
export interface ScheduleInfo {
  /** `drift`: by how far the time embedding moves. For the others see `PlannedSchedule`. */
  readonly source: PlannedSchedule['source'] | 'drift';
  /** Of a calibrated schedule: expected error of the result, which is also the δ that gives it. */
  readonly error?: number;
  /** Of a calibrated schedule: δ asked for more than the curve has, or less. */
  readonly beyondCurve?: 'above' | 'below';
  /** Why it is not calibrated: never, under other conditions, or what is wrong with the file. */
  readonly missing?: 'never' | 'other-conditions' | CalibrationProblem;
  /** Seconds of calibrating the model for such a job, where it is not. */
  readonly calibrateSec?: number;
  /** The presets that differ, from the slowest. */
  readonly presets: readonly Pace[];
  /** Of a calibrated schedule: what there is between the presets, from the slowest. */
  readonly stops?: readonly PaceStop[];
  /** Of a calibrated schedule that may have partial steps. */
  readonly partial?: PartialInfo;
}

/** Steps that compute the hole alone and look at the context as it was kept. */
export interface PartialInfo {
  /** Of one window. */
  readonly steps: number;
  /** What one costs of a full step; absent where there can be none. */
  readonly cost?: number;
  /** Memory of what is kept, MiB; 0 without such steps. */
  readonly keptMb: number;
  /**
   * Why there are none: the model's family has no graph for them, what is kept does not fit into memory, the hole is too
   * large a part of the window, an older HetCut calibrated the model, or with as many calls whole ones come closer.
   */
  readonly missing?: 'graph' | 'memory' | 'hole' | 'calibration' | 'calls';
}

/** What is known of the partial steps of a job's largest window; see `PartialInfo`. */
export interface PartialFacts {
  readonly cost?: number;
  readonly keptBytes: number;
  readonly missing?: 'graph' | 'memory';
}

/** undefined where another method than HetCache runs. */
export function scheduleInfo(
  { name, options }: MethodSpec,
  run: ScheduledRun,
  model: Pick<ModelFolder, 'calibration' | 'calibrationProblem'>,
  fewSteps: boolean,
  facts?: PartialFacts,
): ScheduleInfo | undefined {
  if (name !== 'hetcache') return undefined;
  const all = resolveMethod({ name, options }).options;
  const delta = Number(all['delta']);
  const pace = all['pace'] as 'delta' | Pace;
  const schedule = all['schedule'] as 'calibrated' | 'drift';
  const partial = facts === undefined ? 'none' : 'auto';
  const planned = planSchedule(run, { schedule, pace, delta, partial });
  // A model of few steps has presets that differ by steps and size.
  const presets: readonly Pace[] = fewSteps ? ['quality', 'balanced', 'fast'] : distinctPaces(run, partial);
  if (planned === undefined || planned.source === 'even') {
    return { source: planned?.source ?? 'drift', missing: missingOf(model), presets };
  }
  const { source, error, stops } = planned;
  if (error === undefined) return { source, presets };
  const beyondCurve = pace === 'delta' ? beyond(run, delta) : undefined;
  return {
    source,
    error,
    presets,
    ...(stops === undefined || fewSteps ? {} : { stops }),
    ...(beyondCurve === undefined ? {} : { beyondCurve }),
    ...(facts === undefined ? {} : { partial: partialInfo(facts, planned) }),
  };
}

function partialInfo(facts: PartialFacts, { letters, withPartial }: PlannedSchedule): PartialInfo {
  const { cost, keptBytes } = facts;
  const steps = [...letters].filter((letter) => letter === 'P').length;
  const known = { steps, keptMb: keptBytes / 2 ** 20, ...(cost === undefined ? {} : { cost }) };
  if (steps > 0) return known;
  if (facts.missing !== undefined) return { ...known, missing: facts.missing };
  if (withPartial !== true) return { ...known, missing: 'calibration' };
  return { ...known, missing: cost !== undefined && cost > mostPartialShare ? 'hole' : 'calls' };
}

function missingOf({
  calibration,
  calibrationProblem,
}: Pick<ModelFolder, 'calibration' | 'calibrationProblem'>): NonNullable<ScheduleInfo['missing']> {
  if (calibrationProblem !== undefined) return calibrationProblem;
  return (calibration.schedules ?? []).length === 0 ? 'never' : 'other-conditions';
}

/** Where δ lies outside of what the curve offers. */
function beyond(run: ScheduledRun, delta: number): ScheduleInfo['beyondCurve'] {
  const errorAt = (value: number): number =>
    planSchedule(run, { schedule: 'calibrated', pace: 'delta', delta: value, partial: 'none' })?.error ?? 0;
  if (delta > errorAt(Infinity)) return 'above';
  return delta > 0 && errorAt(delta) === 0 ? 'below' : undefined;
}

const missingTexts: Readonly<Record<NonNullable<ScheduleInfo['missing']>, string>> = {
  never: 'is not calibrated',
  'other-conditions': 'is calibrated for other steps or guidance, not for',
  damaged: 'has a damaged calibration, which is not used',
  newer: 'has a calibration by a newer HetCut, which is not used',
  'other-model': 'has a calibration of another model, which is not used',
};

/** What a user should know of the schedule; undefined where all is as it should be. */
export function scheduleNote(
  info: ScheduleInfo | undefined,
  modelId: string,
  { steps, guidanceScale }: { readonly steps: number; readonly guidanceScale: number },
): string | undefined {
  if (info === undefined) return undefined;
  const { source, missing, beyondCurve } = info;
  const conditions = `${steps} steps at guidance ${guidanceScale}`;
  if (source === 'few-steps') {
    return `${modelId} runs ${steps} steps, each of which changes too much to be left out: presets differ by steps and working size.`;
  }
  if (missing !== undefined) {
    const words = missing === 'other-conditions' ? ` ${conditions}` : '';
    return `${modelId} ${missingTexts[missing]}${words}: its calls are spread evenly. Calibrate it: hetcut model calibrate ${modelId} --steps ${steps}.`;
  }
  if (beyondCurve === 'above')
    return 'δ is above the largest error of the calibrated curve: the fewest calls are used.';
  if (beyondCurve === 'below')
    return 'δ is below the smallest error of the calibrated curve: every step is computed.';
  return undefined;
}

const noPartialTexts: Readonly<Record<NonNullable<PartialInfo['missing']>, string>> = {
  graph: 'the model has no graph for them: its family has none, or it was imported by an older HetCut',
  memory: 'there is no memory for what they look at',
  hole: 'the hole is so much of the window that they would save little',
  calibration: 'the model was calibrated without them; calibrate it again',
  calls: 'with so many calls whole ones come closer',
};

/** What a user should know of the partial steps; undefined where there is nothing to say. */
export function partialNote(info: ScheduleInfo | undefined): string | undefined {
  const partial = info?.partial;
  if (partial === undefined) return undefined;
  const { steps, cost, keptMb, missing } = partial;
  if (missing !== undefined) return `No partial steps: ${noPartialTexts[missing]}.`;
  const kept = keptMb < 10 ? keptMb.toFixed(1) : Math.round(keptMb);
  return `${steps} partial steps compute the hole alone, ${Math.round(100 * (cost ?? 1))} % of a full one each, and look at the rest as it was kept: ${kept} MB.`;
}
