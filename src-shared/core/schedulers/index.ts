export { firstStepFor, guide, noiseTo, type Scheduler, type SchedulerRun } from './scheduler.ts';
export {
  parseSchedulerConfig,
  schedulers,
  type SchedulerClass,
  type SchedulerConfig,
} from './scheduler-config.ts';
