/**
 * Everything a job does, in the order it is done. Every second of a job belongs to one stage:
 * - `open`: clip, mask and checkpoint are found and probed;
 * - `scan`: the mask is read once;
 * - `load`: the runtime starts, and the model says how its time embedding drifts;
 * - `measure`: this machine's speed, on its first use only;
 * - `plate`: background from other frames;
 * - `text`: the prompt's encoder is loaded and runs;
 * - for each window `read` (frames to the working size), `encode`, `sample`, `decode`, `settle` (back, and into the
 *   checkpoint);
 * - `export`: the result is written;
 * - `check`: the sheet, and a lossless export decoded again.
 */
export const timedStages = [
  'open',
  'scan',
  'load',
  'measure',
  'plate',
  'text',
  'read',
  'encode',
  'sample',
  'decode',
  'settle',
  'export',
  'check',
] as const;
export type TimedStage = (typeof timedStages)[number];
export type StageSeconds = Record<TimedStage, number>;

/** The stages that run once for each window. */
export const windowStages: ReadonlySet<TimedStage> = new Set([
  'read',
  'encode',
  'sample',
  'decode',
  'settle',
]);

/** The stages whose time depends on the model; the rest is picture work, the same for every model. */
export const networkStages = ['text', 'load', 'encode', 'sample', 'decode'] as const;
export type NetworkStage = (typeof networkStages)[number];
export type PictureStage = Exclude<TimedStage, NetworkStage | 'measure'>;

export function zeroSeconds(): StageSeconds {
  return Object.fromEntries(timedStages.map((stage) => [stage, 0])) as StageSeconds;
}

export function totalSeconds(seconds: StageSeconds): number {
  return timedStages.reduce((sum, stage) => sum + seconds[stage], 0);
}

/** Stage times as people are told them; together they are the total. */
export interface ShownSeconds {
  readonly total: number;
  readonly plate: number;
  readonly text: number;
  /** The runtime, and on the first use of a machine its measuring; graphs are opened by the stage that needs them. */
  readonly load: number;
  readonly encode: number;
  readonly sample: number;
  readonly decode: number;
  /** All reading and writing of pictures. */
  readonly media: number;
}

export function shownSeconds(seconds: StageSeconds): ShownSeconds {
  const { plate, text, encode, sample, decode, load, measure, open, scan, read, settle, check } = seconds;
  return {
    total: totalSeconds(seconds),
    plate,
    text,
    load: load + measure,
    encode,
    sample,
    decode,
    media: open + scan + read + settle + seconds.export + check,
  };
}

/**
 * Seconds left of a job that was estimated to take `estimated` when the shares `doneBefore` (0…1) of its stages were
 * done, and has reached the shares `done` in `elapsedSec` from then.
 */
export function remainingSeconds(
  estimated: StageSeconds,
  doneBefore: StageSeconds,
  done: StageSeconds,
  elapsedSec: number,
): number {
  let spent = 0;
  let left = 0;
  for (const stage of timedStages) {
    spent += estimated[stage] * (done[stage] - doneBefore[stage]);
    left += estimated[stage] * (1 - done[stage]);
  }
  // Early on a few per cent of progress say little: the correction grows with the share that is done.
  const share = spent / Math.max(spent + left, 1e-9);
  const pace = spent > 0 ? elapsedSec / spent : 1;
  return left * (1 + share * (pace - 1));
}
