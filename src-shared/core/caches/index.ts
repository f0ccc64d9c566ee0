export type {
  CacheMethod,
  CacheNeeds,
  CacheRun,
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
export { calibrateFrom } from './calibrate.ts';
export { relativeL1, rowDrift } from './drift.ts';
export { cacheMethods, createMethod, resolveMethod, type MethodName, type MethodSpec } from './methods.ts';
