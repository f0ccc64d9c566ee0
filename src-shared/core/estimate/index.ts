export {
  guessRates,
  refineRates,
  remainingSeconds,
  stageSeconds,
  timedStages,
  totalSeconds,
  type MachineRates,
  type StageSeconds,
  type StageWork,
  type TimedStage,
} from './estimate.ts';
