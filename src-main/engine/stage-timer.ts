import {
  remainingSeconds,
  timedStages,
  windowStages,
  zeroSeconds,
  type StageSeconds,
  type TimedStage,
} from '../../src-shared/core/estimate/index.ts';
import type { OnProgress, Stage } from './progress.ts';

/** Seconds since some moment; passed in, so that nothing here looks at a clock by itself. */
export type Clock = () => number;

/** Measures how long each stage takes and reports progress with the time that is left. */
export interface StageTimer {
  /** From now on time belongs to `stage`, until the next call. Every second of a job belongs to one stage. */
  enter(stage: TimedStage): void;
  report(
    stage: Stage,
    step: number,
    steps: number,
    unit: string,
    window?: { index: number; count: number },
  ): void;
  /**
   * Estimated seconds of the whole job; until they are known no time left is reported. May be given again. `resumed`:
   * shares (0…1) of the stages that an earlier run has done.
   */
  setEstimate(seconds: StageSeconds, resumed?: StageSeconds): void;
  /** Seconds of each stage so far; their sum is the time since the timer was made. */
  measured(): StageSeconds;
}

/** The stage whose estimated time a reported stage uses up. */
function timedStageOf(stage: Stage): TimedStage | undefined {
  return timedStages.find((timed) => timed === stage);
}

/**
 * Share of each stage that is done when `share` of `stage` is, in one of the windows. Stages run in the order of
 * `timedStages`, those of a window once for each window.
 */
function doneShares(
  stage: TimedStage,
  share: number,
  window: { index: number; count: number } | undefined,
): StageSeconds {
  const done = zeroSeconds();
  const reached = timedStages.indexOf(stage);
  const inWindow = windowStages.has(stage);
  timedStages.forEach((timed, place) => {
    const here = place < reached ? 1 : place === reached ? share : 0;
    done[timed] =
      inWindow && window !== undefined && windowStages.has(timed)
        ? (window.index + here) / window.count
        : here;
  });
  return done;
}

/** The timer starts in the stage `open`. */
export function createStageTimer(clock: Clock, onProgress: OnProgress): StageTimer {
  const seconds = zeroSeconds();
  let current: TimedStage = 'open';
  let since = clock();
  let estimated:
    { readonly seconds: StageSeconds; readonly resumed: StageSeconds; readonly atSec: number } | undefined;
  let doneAtEstimate: StageSeconds | undefined;
  const endLap = (): number => {
    const now = clock();
    seconds[current] += now - since;
    since = now;
    return now;
  };
  return {
    enter(stage) {
      endLap();
      current = stage;
    },
    report(stage, step, steps, unit, window) {
      const timed = timedStageOf(stage);
      let etaSec: number | undefined;
      if (estimated !== undefined && timed !== undefined) {
        const done = doneShares(timed, steps === 0 ? 1 : step / steps, window);
        for (const each of timedStages) done[each] = Math.max(done[each], estimated.resumed[each]);
        doneAtEstimate ??= done;
        etaSec = remainingSeconds(estimated.seconds, doneAtEstimate, done, clock() - estimated.atSec);
      }
      onProgress({
        stage,
        step,
        steps,
        unit,
        ...(window === undefined ? {} : { window: window.index + 1, windows: window.count }),
        ...(etaSec === undefined ? {} : { etaSec }),
      });
    },
    setEstimate(next, resumed = zeroSeconds()) {
      estimated = { seconds: next, resumed, atSec: clock() };
      doneAtEstimate = undefined;
    },
    measured() {
      endLap();
      return { ...seconds };
    },
  };
}
