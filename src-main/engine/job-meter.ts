import {
  remainingSeconds,
  timedStages,
  type StageSeconds,
  type TimedStage,
} from '../../src-shared/core/estimate/index.ts';
import type { OnProgress, Stage } from './progress.ts';

/** Seconds since some moment; passed in, so that nothing here looks at a clock by itself. */
export type Clock = () => number;

/** Measures how long each stage takes and reports progress with the time that is left. */
export interface JobMeter {
  /** Adds the time `work` takes to `stage`. */
  time<T>(stage: TimedStage, work: () => Promise<T>): Promise<T>;
  addTime(stage: TimedStage, seconds: number): void;
  report(
    stage: Stage,
    step: number,
    steps: number,
    unit: string,
    window?: { index: number; count: number },
  ): void;
  /** Foreseen seconds, once the plan is known; until then no time left is reported. */
  foresee(seconds: StageSeconds): void;
  measured(): StageSeconds;
  elapsedSec(): number;
}

/** The stage whose foreseen time a reported stage uses up. */
function timedStageOf(stage: Stage): TimedStage | undefined {
  return stage === 'export' ? 'media' : timedStages.find((timed) => timed === stage);
}

export function createJobMeter(clock: Clock, onProgress: OnProgress): JobMeter {
  const start = clock();
  const zero = (): StageSeconds => ({ plate: 0, text: 0, encode: 0, sample: 0, decode: 0, media: 0 });
  const measured = zero();
  const done = zero();
  let foreseen: StageSeconds | undefined;
  const addTime = (stage: TimedStage, seconds: number): void => {
    measured[stage] += seconds;
  };
  return {
    addTime,
    async time(stage, work) {
      const from = clock();
      try {
        return await work();
      } finally {
        addTime(stage, clock() - from);
      }
    },
    report(stage, step, steps, unit, window) {
      const timed = timedStageOf(stage);
      const share = steps === 0 ? 1 : step / steps;
      const before = window === undefined ? 0 : window.index;
      const count = window === undefined ? 1 : window.count;
      if (timed !== undefined) done[timed] = (before + share) / count;
      onProgress({
        stage,
        step,
        steps,
        unit,
        ...(window === undefined ? {} : { window: window.index + 1, windows: window.count }),
        ...(foreseen === undefined ? {} : { etaSec: remainingSeconds(foreseen, done, clock() - start) }),
      });
    },
    foresee(seconds) {
      foreseen = seconds;
    },
    measured: () => ({ ...measured }),
    elapsedSec: () => clock() - start,
  };
}
