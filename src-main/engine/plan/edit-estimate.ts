import type { StepKind, TimeDrift } from '../../../src-shared/core/caches/index.ts';
import {
  countKinds,
  jobMemoryBytes,
  shownSeconds,
  stageSeconds,
  workFlops,
  type CostModel,
  type MaskCoverage,
  type ShownSeconds,
} from '../../../src-shared/core/estimate/index.ts';
import type { EditRequest } from '../edit-job.ts';
import type { ClipInfo } from '../frames.ts';
import { forecastPlan, jobSchedule, jobWork, samplingOf, scheduleFacts } from './job-plan.ts';
import { scheduleNote, type ScheduleInfo } from './schedule-info.ts';
import type { MaskScan } from '../scan/mask-scan.ts';
import type { ModelFolder } from '../network/model-folder.ts';

/** The document that `estimate` answers with. */
export interface EditEstimate {
  readonly seconds: number;
  readonly stages: Omit<ShownSeconds, 'total'>;
  readonly calls: Readonly<Record<StepKind, number>>;
  readonly flops: number;
  readonly memoryMb: number;
  readonly windows: number;
  /** Tokens of each window's full calls. */
  readonly tokensPerWindow: readonly number[];
  /** Kinds of the first window's steps, in order; empty without windows. */
  readonly steps: readonly StepKind[];
  /** Where the calls go and why; absent for other methods than HetCache, and where nothing is generated. */
  readonly schedule?: ScheduleInfo;
  /** What a user should know of that, each a sentence. */
  readonly notes: readonly string[];
}

/** What an estimate is made of besides the job and its model; each is measured once and kept. */
export interface EstimateFacts {
  /** Valid for as long as clip and mask do, whatever the other options are. */
  readonly clip: ClipInfo;
  readonly scan: MaskScan;
  /** Of the machine, refined by every job. */
  readonly costs: CostModel;
  /** Of the model at the timesteps of `samplingOf`; `noDrift` where the job uses no network. */
  readonly drift: TimeDrift;
  /** What an earlier job on this clip and mask found open. */
  readonly cachedCoverage: MaskCoverage | undefined;
}

/** What a job is likely to take, before anything of it has run. Pure and quick: no picture is looked at. */
export function estimateEdit(job: EditRequest, model: ModelFolder, facts: EstimateFacts): EditEstimate {
  const { clip, scan, costs, drift, cachedCoverage } = facts;
  const schedule = scheduleFacts(job, model, costs, drift);
  const work = jobWork(
    job,
    scan,
    forecastPlan(job, scan, clip, model, cachedCoverage),
    clip,
    model,
    schedule,
  );
  const { total, ...stages } = shownSeconds(stageSeconds(work, costs));
  const where = work.windows.length === 0 ? undefined : jobSchedule(job, model);
  const note = scheduleNote(where, model.id, samplingOf(job, model));
  return {
    seconds: total,
    stages,
    calls: countKinds(work.windows.flatMap(({ steps }) => steps)),
    flops: workFlops(work),
    memoryMb: jobMemoryBytes(work) / 2 ** 20,
    windows: work.windows.length,
    tokensPerWindow: work.windows.map(({ tokens }) => tokens),
    steps: work.windows.length === 0 ? [] : work.windows[0].steps.map(({ kind }) => kind),
    ...(where === undefined ? {} : { schedule: where }),
    notes: note === undefined ? [] : [note],
  };
}
