export { firstStepFor, guide, noiseTo, type Scheduler, type SchedulerRun } from './scheduler.ts';
export { parseSchedulerConfig, type SchedulerConfig } from './scheduler-config.ts';
