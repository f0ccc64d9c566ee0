import type { StepKind, TimeDrift } from '../../../src-shared/core/caches/index.ts';
import {
  countKinds,
  jobMemory,
  memoryStages,
  shownSeconds,
  stageSeconds,
  workFlops,
  type CostModel,
  type MaskCoverage,
  type MemoryStage,
  type ShownSeconds,
} from '../../../src-shared/core/estimate/index.ts';
import type { FillMeans } from '../../../src-shared/core/fill/index.ts';
import type { EditRequest } from '../edit-job.ts';
import type { ClipInfo } from '../frames.ts';
import { calibrationSeconds } from './calibration-time.ts';
import { forecastPlan, jobSchedule, jobWork, memoryChoice, samplingOf, scheduleFacts } from './job-plan.ts';
import type { MemoryBudget } from './memory-choice.ts';
import { promptNotes } from '../text/prompt-notes.ts';
import { fillMeans } from './fill-means.ts';
import { partialNote, scheduleNote, type ScheduleInfo } from './schedule-info.ts';
import type { MaskScan } from '../scan/mask-scan.ts';
import type { ModelFolder } from '../network/model-folder.ts';

/** MiB. */
interface EstimatedMemory {
  readonly cardMb: number;
  readonly stages: Readonly<Record<MemoryStage, { readonly ramMb: number; readonly cardMb: number }>>;
}

/** The document that `estimate` answers with. */
export interface EditEstimate {
  readonly seconds: number;
  readonly stages: Omit<ShownSeconds, 'total'>;
  readonly calls: Readonly<Record<StepKind, number>>;
  readonly flops: number;
  /** The most of the machine's memory where the CPU computes, MiB. */
  readonly memoryMb: number;
  /** The same of a graphics card where one computes, and both for each stage. */
  readonly memory: EstimatedMemory;
  readonly windows: number;
  /** What fills what other frames do not show. */
  readonly fill: FillMeans;
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
  /** Memory for the model; absent: as if it were plenty. */
  readonly budget?: MemoryBudget;
  /** Prompts that were not encoded before. */
  readonly unknownTexts: number;
}

const mebibytes = (bytes: number): number => bytes / 2 ** 20;

/** What a job is likely to take, before anything of it has run. Pure and quick: no picture is looked at. */
export function estimateEdit(job: EditRequest, model: ModelFolder, facts: EstimateFacts): EditEstimate {
  const { clip, scan, costs, drift, cachedCoverage, budget, unknownTexts } = facts;
  const schedule = scheduleFacts(job, model, costs, drift);
  const open = forecastPlan(job, scan, clip, model, cachedCoverage);
  const choice = memoryChoice(job, open, model, budget);
  const work = jobWork(job, scan, open, clip, model, schedule, choice, unknownTexts);
  const memory = jobMemory(work);
  const { total, ...stages } = shownSeconds(stageSeconds(work, costs));
  const found = jobSchedule(job, model, work);
  const lacks = found?.missing !== undefined || found?.partial?.missing === 'calibration';
  const calibrateSec = lacks ? calibrationSeconds(job, model, scan.coverage, clip, costs) : undefined;
  const where = found && { ...found, ...(calibrateSec === undefined ? {} : { calibrateSec }) };
  const notes = [scheduleNote(where, model.id, samplingOf(job, model)), partialNote(where)];
  return {
    seconds: total,
    stages,
    calls: countKinds(work.windows.flatMap(({ steps }) => steps)),
    flops: workFlops(work),
    memoryMb: mebibytes(memory.ramBytes),
    memory: {
      cardMb: mebibytes(memory.vramBytes),
      stages: Object.fromEntries(
        memoryStages.map((stage) => {
          const { ramBytes, vramBytes } = memory.stages[stage];
          return [stage, { ramMb: mebibytes(ramBytes), cardMb: mebibytes(vramBytes) }];
        }),
      ) as EstimatedMemory['stages'],
    },
    windows: work.windows.length,
    fill: fillMeans(job, model),
    tokensPerWindow: work.windows.map(({ tokens }) => tokens),
    steps: work.windows.length === 0 ? [] : work.windows[0].steps.map(({ kind }) => kind),
    ...(where === undefined ? {} : { schedule: where }),
    notes: [...promptNotes(job, model), ...notes.filter((note) => note !== undefined)],
  };
}
