import type { MethodSpec, StepKind } from '../caches/index.ts';
import { callSeconds, passSeconds, type CallCost, type PassCost } from './call-cost.ts';
import type { EditWork } from './edit-work.ts';
import { bookkeepingSeconds, pictureSeconds } from './picture-cost.ts';
import { timedStages, zeroSeconds, type StageSeconds, type TimedStage } from './stages.ts';

/** What a model costs on one execution provider of one machine, measured on their first use. */
export interface NetworkCosts {
  readonly call: CallCost;
  readonly encode: PassCost;
  readonly decode: PassCost;
  /** What a job's first call and first passes take beyond the others: they open the graphs. */
  readonly firstCallSec: number;
  readonly firstEncodeSec: number;
  readonly firstDecodeSec: number;
  /** The stage `load`. */
  readonly loadSec: number;
}

/**
 * Votes of finished jobs on a stage, newest last: measured seconds over those that the first measurement estimates,
 * within 1/8 … 8.
 */
export type StageVotes = Partial<Record<TimedStage, readonly number[]>>;

/** What is known of this machine's speed for one model. Plain data. */
export interface CostModel {
  /** Speed of the program's own picture work, as a share of the reference machine's time: 2 takes twice as long. */
  readonly pictureFactor: number;
  /** Absent where nothing has needed the network yet: then a job without windows can be estimated, and no other. */
  readonly network?: NetworkCosts;
  readonly votes: StageVotes;
  /** Kinds of the steps that runs had whose schedule depends on content, by `scheduleKey`; newest last. */
  readonly seenKinds: Readonly<Record<string, readonly StepKind[]>>;
}

/** How many jobs have a vote: more resist noise better, fewer follow a changed machine sooner. */
const mostVotes = 7;
const furthestVote = 8;

/** Stages shorter than this say more about chance than about speed. */
const leastMeasuredSec = 0.1;

/**
 * What a stage takes relative to the first measurement: the median of the votes and of one for 1, the first
 * measurement's own. So it is right after two jobs that agree, a single odd job moves it at most half way (in the
 * middle of two, the geometric mean) and none once there are three others, and after a change of the machine it has
 * followed when most of the last seven jobs have seen the new speed.
 */
export function stageCorrection(votes: readonly number[] = []): number {
  const sorted = [1, ...votes].slice(-mostVotes).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : Math.sqrt(sorted[middle - 1] * sorted[middle]);
}

/** Seconds of each stage before corrections. */
function uncorrectedSeconds(work: EditWork, costs: CostModel): StageSeconds {
  const seconds: StageSeconds = { ...zeroSeconds(), ...pictureSeconds(work, costs.pictureFactor) };
  const { network } = costs;
  if (work.windows.length === 0) return seconds;
  if (network === undefined)
    throw new Error('a job with windows is estimated without the costs of its network');
  const { call, encode, decode, firstCallSec, loadSec } = network;
  seconds.load = loadSec;
  let calls = 0;
  let callFlops = 0;
  seconds.encode = network.firstEncodeSec;
  seconds.decode = network.firstDecodeSec;
  for (const window of work.windows) {
    seconds.encode += window.encodePasses * passSeconds(encode, window.encodeFlops);
    seconds.decode += passSeconds(decode, window.decodeFlops);
    seconds.sample += bookkeepingSeconds(window, costs.pictureFactor);
    for (const { kind, tokens, streams, flops, share } of window.steps) {
      if (kind === 'reuse') continue;
      calls += share * callSeconds(call, tokens, streams);
      callFlops += flops;
    }
  }
  seconds.sample += firstCallSec + calls;
  // Each operation of the text encoder takes what one of the transformer does; each byte loads as its bytes do.
  if (work.textFlops > 0 && callFlops > 0) {
    seconds.text =
      (work.textFlops * calls) / callFlops +
      (firstCallSec * work.weightBytes.textEncoder) / work.weightBytes.transformer;
  }
  return seconds;
}

/** Seconds of each stage of a job. `measure` is 0: it is the caller's to know. */
export function stageSeconds(work: EditWork, costs: CostModel): StageSeconds {
  const seconds = uncorrectedSeconds(work, costs);
  for (const stage of timedStages) seconds[stage] *= stageCorrection(costs.votes[stage]);
  return seconds;
}

/** The costs after a job that did `work`, all of it, in `measured` seconds: every stage long enough has a vote. */
export function refineCosts(costs: CostModel, work: EditWork, measured: StageSeconds): CostModel {
  const estimated = uncorrectedSeconds(work, costs);
  const votes: Partial<Record<TimedStage, readonly number[]>> = { ...costs.votes };
  for (const stage of timedStages) {
    if (estimated[stage] <= 0 || measured[stage] < leastMeasuredSec) continue;
    const vote = Math.min(furthestVote, Math.max(1 / furthestVote, measured[stage] / estimated[stage]));
    votes[stage] = [...(votes[stage] ?? []), vote].slice(-mostVotes);
  }
  return { ...costs, votes };
}

/** How many schedules are remembered. */
const mostSchedules = 32;

/** Names runs that are likely to have the same schedule. */
export function scheduleKey({ name, options }: MethodSpec, steps: number): string {
  return JSON.stringify([name, steps, options]);
}

/** The costs with the kinds of a run's steps remembered. */
export function rememberKinds(costs: CostModel, key: string, kinds: readonly StepKind[]): CostModel {
  const others = Object.entries(costs.seenKinds).filter(([other]) => other !== key);
  const kept = [...others, [key, kinds] as const].slice(-mostSchedules);
  return { ...costs, seenKinds: Object.fromEntries<readonly StepKind[]>(kept) };
}
