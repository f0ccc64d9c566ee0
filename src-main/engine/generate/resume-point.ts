import { HetcutError } from '../../../src-shared/core/errors/index.ts';
import { windowStages, zeroSeconds, type StageSeconds } from '../../../src-shared/core/estimate/index.ts';
import { canonicalJson } from '../../../src-shared/core/json/index.ts';
import type { EditPlan, EditWindow } from '../../../src-shared/core/plan/index.ts';
import type { EditJob } from '../edit-job.ts';
import type { EditServices } from '../edit-services.ts';
import type { SampleState, Sampling, StepRecord } from './sampling-loop.ts';

/** What an earlier run of a job has left of its windows. */
export interface ResumePoint {
  /** The steps of each window that it finished; null for one that is still to be generated. */
  readonly finished: readonly (readonly StepRecord[] | null)[];
  /** Steps of the window that it was in. */
  readonly stepsOfNext: number;
  /** Where it was in that window; given once, as it may be large. */
  claimState(): SampleState | undefined;
}

/** What the steps of a window depend on that the key of its job does not tell apart. */
export function stepsOf(
  job: EditJob,
  { scheduler, guidanceScale, prompts, drift }: Sampling,
  window: EditWindow,
): string {
  return canonicalJson([
    window,
    job.method,
    job.seed,
    guidanceScale,
    prompts,
    [...scheduler.sigmas],
    [...drift.embedding],
    [...drift.projection],
  ]);
}

/** Steps that cannot be used are left aside with a note: the window starts again. */
export async function findResumePoint(
  job: EditJob,
  plan: EditPlan,
  sampling: Sampling,
  { store, onNote }: Pick<EditServices, 'store' | 'onNote'>,
): Promise<ResumePoint> {
  const finished = await Promise.all(plan.windows.map(({ index }) => store.windowSteps(index)));
  const next = plan.windows.find(({ index }) => finished[index] === null);
  let state: SampleState | undefined;
  if (next !== undefined) {
    try {
      state = (await store.readSteps(stepsOf(job, sampling, next))) ?? undefined;
    } catch (error) {
      if (!(error instanceof HetcutError)) throw error;
      onNote(`${error.message} ${error.hint}`);
    }
  }
  return {
    finished,
    stepsOfNext: state?.steps.length ?? 0,
    claimState() {
      const given = state;
      state = undefined;
      return given;
    },
  };
}

/** Share of each stage that the earlier run has done, 0…1. `stepsPerWindow`: of the sampling. */
export function resumedShares({ finished, stepsOfNext }: ResumePoint, stepsPerWindow: number): StageSeconds {
  const shares = zeroSeconds();
  if (finished.length === 0) return shares;
  const whole = finished.filter((steps) => steps !== null).length;
  for (const stage of windowStages) shares[stage] = whole / finished.length;
  shares.sample += stepsOfNext / stepsPerWindow / finished.length;
  return shares;
}
