/** The stages whose time is foreseen. */
export const timedStages = ['plate', 'text', 'encode', 'sample', 'decode', 'media'] as const;
export type TimedStage = (typeof timedStages)[number];
export type StageSeconds = Record<TimedStage, number>;

/** What a job has to do: floating-point operations for the network stages, pixels for the others. */
export type StageWork = Record<TimedStage, number>;

/** What this machine does in a second, stage by stage, in the units of `StageWork`. */
export type MachineRates = Record<TimedStage, number>;

/**
 * First guess of a machine's rates from its matrix-product peak (operations a second). The shares are those of
 * two AVX-512 cores: transformer 70 %, convolutions 45 %; pictures run at about 20 and 8 million pixels a second.
 * Every finished job replaces the guess by what it measured.
 */
export function guessRates(peakFlopPerSec: number): MachineRates {
  return {
    plate: 8e6,
    text: 0.5 * peakFlopPerSec,
    encode: 0.45 * peakFlopPerSec,
    sample: 0.7 * peakFlopPerSec,
    decode: 0.45 * peakFlopPerSec,
    media: 20e6,
  };
}

/** Seconds of each stage. */
export function stageSeconds(work: StageWork, rates: MachineRates): StageSeconds {
  const seconds = {} as StageSeconds;
  for (const stage of timedStages) seconds[stage] = work[stage] / rates[stage];
  return seconds;
}

export function totalSeconds(seconds: StageSeconds): number {
  return timedStages.reduce((sum, stage) => sum + seconds[stage], 0);
}

/** How far a new measurement moves a rate: 1 would forget all earlier jobs. */
const learningRate = 0.5;

/** Stages shorter than this say more about start-up than about speed. */
const minMeasuredSec = 0.2;

/** The rates after a job that did `work` in `measured` seconds. Harmonic mean: times are averaged, not speeds. */
export function refineRates(rates: MachineRates, work: StageWork, measured: StageSeconds): MachineRates {
  const refined = { ...rates };
  for (const stage of timedStages) {
    if (work[stage] <= 0 || measured[stage] < minMeasuredSec) continue;
    const seen = work[stage] / measured[stage];
    refined[stage] = 1 / ((1 - learningRate) / rates[stage] + learningRate / seen);
  }
  return refined;
}

/**
 * Seconds left: what each stage still has to do at the speed foreseen, corrected by how the job has gone so far.
 * `done`: share of each stage that is done, 0…1.
 */
export function remainingSeconds(
  foreseen: StageSeconds,
  done: Readonly<Record<TimedStage, number>>,
  elapsedSec: number,
): number {
  let spent = 0;
  let left = 0;
  for (const stage of timedStages) {
    spent += foreseen[stage] * done[stage];
    left += foreseen[stage] * (1 - done[stage]);
  }
  // Early on a few per cent of progress say little: the correction grows with the share that is done.
  const share = spent / Math.max(spent + left, 1e-9);
  const pace = spent > 0 ? elapsedSec / spent : 1;
  return left * (1 + share * (pace - 1));
}
