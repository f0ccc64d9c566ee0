import type { JobEstimate } from '../../src-shared/ipc/index.ts';
import type { EditMask, EditSettings, FrameRange } from '../../src-shared/project/index.ts';

/** What an estimate is of; everything that its figures depend on. */
export interface EstimateQuestion {
  readonly clipPath: string;
  readonly mask: EditMask;
  readonly settings: EditSettings;
  readonly range?: FrameRange;
}

export interface EstimateFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export interface EstimateState {
  /** The last answer, also while a newer one is on its way; null before the first, and where nothing is asked. */
  readonly estimate: JobEstimate | null;
  /** Whether an answer to a newer question is on its way. */
  readonly stale: boolean;
  readonly failure: EstimateFailure | null;
}

export const noEstimate: EstimateState = { estimate: null, stale: false, failure: null };

interface EstimatorParts {
  readonly ask: (question: EstimateQuestion) => Promise<JobEstimate>;
  readonly publish: (state: EstimateState) => void;
  readonly describe: (error: unknown) => EstimateFailure;
  readonly delayMs: number;
}

/**
 * Asks for an estimate once the questions have paused for `delayMs`. Of several answers only that to the newest
 * question counts, in whatever order they come. Null asks nothing.
 */
export function createEstimator({ ask, publish, describe, delayMs }: EstimatorParts) {
  let state = noEstimate;
  let newest = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function set(next: EstimateState): void {
    state = next;
    publish(next);
  }

  return (question: EstimateQuestion | null): void => {
    clearTimeout(timer);
    const number = ++newest;
    if (question === null) {
      set(noEstimate);
      return;
    }
    set({ ...state, stale: true });
    timer = setTimeout(() => {
      ask(question).then(
        (estimate) => {
          if (number === newest) set({ estimate, stale: false, failure: null });
        },
        (error: unknown) => {
          if (number === newest) set({ estimate: null, stale: false, failure: describe(error) });
        },
      );
    }, delayMs);
  };
}
