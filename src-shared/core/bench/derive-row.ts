import {
  runParts,
  type BenchRow,
  type BenchSession,
  type Difference,
  type MeasuredRow,
  type RunSeconds,
} from './bench-report.ts';

/** Below this share of saved operations, what shows of them in the seconds is noise. */
const minFlopsSaved = 0.02;

/** Seconds of sampling: all that a cache method can change. */
export function samplingSeconds(run: RunSeconds): number {
  return run.network + run.selection + run.bookkeeping;
}

const wholeSeconds = (run: RunSeconds): number => samplingSeconds(run) + run.encode + run.decode;

/**
 * The run whose sampling took the median time; of an even number, part by part the mean of the middle two. The parts
 * are those of real runs, so that they still add up. `runs` must not be empty.
 */
export function medianRun(runs: readonly RunSeconds[]): RunSeconds {
  const ordered = [...runs].sort((a, b) => samplingSeconds(a) - samplingSeconds(b));
  const upper = ordered[Math.floor(runs.length / 2)];
  const lower = ordered[Math.floor((runs.length - 1) / 2)];
  const middle = {} as Record<keyof RunSeconds, number>;
  for (const part of runParts) middle[part] = (lower[part] + upper[part]) / 2;
  return middle;
}

/** Figures of a row against the uncached run `full`, whose `runs` must be those of the row's own session. */
export function deriveRow(measured: MeasuredRow, full: MeasuredRow): BenchRow {
  const { runs, ...rest } = measured;
  const run = medianRun(runs);
  const fullRun = medianRun(full.runs);
  const seconds = samplingSeconds(run);
  const flopsSaved = 1 - measured.flops / full.flops;
  return {
    ...rest,
    seconds,
    networkSeconds: run.network,
    selectionSeconds: run.selection,
    bookkeepingSeconds: run.bookkeeping,
    encodeSeconds: run.encode,
    decodeSeconds: run.decode,
    totalSeconds: wholeSeconds(run),
    speedup: samplingSeconds(fullRun) / seconds,
    totalSpeedup: wholeSeconds(fullRun) / wholeSeconds(run),
    flopsSaved,
    realisedShare: flopsSaved < minFlopsSaved ? null : (1 - seconds / samplingSeconds(fullRun)) / flopsSaved,
    repeats: runs.length,
  };
}

/**
 * The rows of a report: the uncached run, then the others, each against the uncached runs of its own session. The
 * first row's own times are those of its session too, so that its speed-up is 1.
 */
export function deriveRows(
  full: MeasuredRow,
  others: readonly MeasuredRow[],
  sessions: readonly BenchSession[],
): BenchRow[] {
  const fullOf = (row: MeasuredRow): MeasuredRow => ({ ...full, runs: sessions[row.session].fullRuns });
  return [full, ...others].map((row) => deriveRow(row === full ? fullOf(full) : row, fullOf(row)));
}

/** A PSNR as `Difference` holds it. `psnr`: dB, Infinity where nothing differs. */
export function jsonPsnr(psnr: number): number | null {
  return psnr === Infinity ? null : psnr;
}

/**
 * Puts measured figures into JSON's terms. PSNR in dB: Infinity where nothing differs, NaN where the region is empty,
 * as `psnrOf` returns them; the mask is never empty.
 */
export function differenceOf(measured: {
  readonly maskPsnr: number;
  readonly maskSsim: number;
  readonly maskMsSsim?: number;
  readonly marginPsnr: number;
  readonly outsidePsnr: number;
}): Difference {
  const { maskPsnr, maskSsim, maskMsSsim, marginPsnr, outsidePsnr } = measured;
  return {
    maskPsnr: jsonPsnr(maskPsnr),
    maskSsim,
    ...(maskMsSsim === undefined ? {} : { maskMsSsim }),
    ...(Number.isNaN(marginPsnr) ? {} : { marginPsnr: jsonPsnr(marginPsnr) }),
    ...(Number.isNaN(outsidePsnr) ? {} : { outsidePsnr: jsonPsnr(outsidePsnr) }),
    identical: [maskPsnr, marginPsnr, outsidePsnr].every((psnr) => psnr === Infinity || Number.isNaN(psnr)),
  };
}
