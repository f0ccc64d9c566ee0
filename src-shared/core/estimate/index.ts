export {
  callSeconds,
  fitCallCost,
  fitPassCost,
  passSeconds,
  type CallCost,
  type CallPoint,
  type CallShape,
  type PassCost,
  type PassPoint,
} from './call-cost.ts';
export {
  refineCosts,
  rememberKinds,
  scheduleKey,
  stageCorrection,
  stageSeconds,
  type CostModel,
  type NetworkCosts,
  type StageVotes,
} from './cost-model.ts';
export { codecFlops, stepFlops, workFlops, type EditWork, type WindowWork } from './edit-work.ts';
export { jobMemory, memoryStages, type JobMemory, type MemoryStage } from './job-memory.ts';
export {
  callLiveBytes,
  cardArenaFactor,
  cardContextBytes,
  cpuArenaFactor,
  cpuWeightFactor,
  keepsPartsOpen,
  leanFactor,
  type StageMemory,
  type WeightBytes,
} from './part-memory.ts';
export {
  forecastSteps,
  hasFixedSchedule,
  type ForecastRun,
  type ForecastStep,
  type ScheduleFacts,
} from './forecast-steps.ts';
export { keptContextBytes, partialCost } from './kept-context.ts';
export { nonNegativeLeastSquares } from './least-squares.ts';
export {
  coveredCells,
  coverageGrid,
  coverFrame,
  type CoverageGrid,
  type FrameCoverage,
  type MaskCoverage,
} from './mask-coverage.ts';
export { forecastOpen, likelyOpen } from './open-forecast.ts';
export { referencePictureSec } from './picture-cost.ts';
export { allTokens, countKinds, type PlannedStep, type TokenCounts } from './planned-step.ts';
export {
  networkStages,
  remainingSeconds,
  shownSeconds,
  timedStages,
  totalSeconds,
  windowStages,
  zeroSeconds,
  type ShownSeconds,
  type StageSeconds,
  type TimedStage,
} from './stages.ts';
export { countTokens, tokensOfFrame, type FrameTokens } from './window-tokens.ts';
