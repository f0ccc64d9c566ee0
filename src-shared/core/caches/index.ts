export type {
  CachedTokens,
  CacheMethod,
  CacheNeeds,
  CacheRun,
  KeptStep,
  ModelCalibration,
  ModuleChoice,
  NetworkOutput,
  PartialCall,
  StepDecision,
  StepKind,
  StepView,
  TimeDrift,
} from './cache-method.ts';
export { readOptionValue, type OptionValue } from './method-options.ts';
export type { KeptForm } from '../graph/index.ts';
export { calibrateFrom } from './calibrate.ts';
export { calibrationCalls, partialProbes, sensitivitySteps } from './calibration-calls.ts';
export {
  calibrateSchedule,
  RunRecord,
  spreadSensitivity,
  withSchedule,
  type SensitivityProbe,
} from './record-run.ts';
export { relativeL1, rowDrift } from './drift.ts';
export { cacheMethods, createMethod, resolveMethod, type MethodName, type MethodSpec } from './methods.ts';
export {
  conditionsOf,
  factsOf,
  fewSteps,
  mostPartialShare,
  paceRatio,
  type CalibratedSchedule,
  type Pace,
  type PaceStop,
  scheduleFor,
} from './calibrated-schedule.ts';
export { distinctPaces, planSchedule, type PlannedSchedule, type ScheduledRun } from './hetcache-schedule.ts';
export { KeptContext } from './kept-context.ts';
export type { PartialProbe } from './partial-errors.ts';
export { scriptedSchedule } from './scripted-schedule.ts';
export { scheduleError, type ScheduleFacts, type SchedulePoint } from './schedule-search.ts';
