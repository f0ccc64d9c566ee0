import type { StepKind } from '../caches/index.ts';

/** What a method was run with, by the option's name on the command line. */
export type MethodOptions = Readonly<Record<string, string | number | boolean>>;

/** The parts that the time of a run is made of, in the order in which plots stack them. */
export const runParts = ['network', 'selection', 'bookkeeping', 'encode', 'decode'] as const;
export type RunPart = (typeof runParts)[number];

/**
 * Seconds of one run over all windows. `network`, `selection` and `bookkeeping` add up to the sampling: network calls,
 * choice of tokens, and all else that the loop does between them. `encode` and `decode` are the VAE's.
 */
export type RunSeconds = Readonly<Record<RunPart, number>>;

/**
 * How far a result is from another one, in dB of PSNR with peak 255. null: not one sample differs (an infinite PSNR,
 * which JSON cannot hold). Absent: there is no such pixel.
 */
export interface Difference {
  readonly maskPsnr: number | null;
  readonly maskSsim: number;
  /** Over several scales; absent in reports from before it was measured. */
  readonly maskMsSsim?: number;
  readonly marginPsnr?: number | null;
  readonly outsidePsnr?: number | null;
  /** True where no sample of any region differs. */
  readonly identical: boolean;
}

/** One method with one set of options, as it was measured: what a resumed benchmark reads back. */
export interface MeasuredRow {
  /** Name in the table of cache methods. */
  readonly method: string;
  /** Short name of the setting, `δ 0.10`; unique within the method, empty if it has no options. */
  readonly label: string;
  readonly options: MethodOptions;
  /** Steps by kind, summed over the windows. */
  readonly calls: Readonly<Record<StepKind, number>>;
  /** Floating-point operations of the sampling. */
  readonly flops: number;
  /** One entry for each time the method was run. */
  readonly runs: readonly RunSeconds[];
  readonly peakMemoryMb: number;
  /** Against the uncached run with the same seed and the same number of steps. */
  readonly vsFull: Difference;
  /** Against a clean picture of what is behind the mask; null where the clip has none. */
  readonly vsTruth: { readonly maskPsnr: number | null } | null;
  /** Index into the report's `sessions`: which uncached runs it is compared with. */
  readonly session: number;
}

/**
 * One go at the benchmark: the uncached run as timed at its beginning and, unless it was broken off, at its end.
 * A machine is not equally fast on two days, so rows are compared within their session only.
 */
export interface BenchSession {
  readonly fullRuns: readonly RunSeconds[];
}

/** A measured row and what follows from it. */
export interface BenchRow extends Omit<MeasuredRow, 'runs'> {
  /** Of sampling, all that the method costs: network, selection and bookkeeping. */
  readonly seconds: number;
  readonly networkSeconds: number;
  readonly selectionSeconds: number;
  readonly bookkeepingSeconds: number;
  readonly encodeSeconds: number;
  readonly decodeSeconds: number;
  /** Sampling, encode and decode. */
  readonly totalSeconds: number;
  /** The uncached run's seconds over this row's, both of the same session. */
  readonly speedup: number;
  readonly totalSpeedup: number;
  /** 1 − flops / flops of the uncached run. */
  readonly flopsSaved: number;
  /** Share of the saved operations that shows in the seconds; null where next to none were saved. */
  readonly realisedShare: number | null;
  /** How often the method was run. */
  readonly repeats: number;
}

export interface BenchMachine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly os: string;
  readonly node: string;
  readonly onnxRuntime: string;
  readonly provider: string;
  readonly matmulPeakGflops: number;
}

/** What `hetcut bench methods` answers with `--json` and writes as `report.json`. */
export interface BenchReport {
  /** Day of the report, ISO 8601. */
  readonly date: string;
  readonly machine: BenchMachine;
  readonly model: string;
  readonly clip: string;
  readonly mask: string;
  readonly frames: number;
  readonly windows: number;
  /** Of each window, on the transformer's token grid. */
  readonly tokensPerWindow: number;
  /** Of the uncached run. */
  readonly steps: number;
  /** Of all runs; absent in older reports, as are the next two. */
  readonly guidanceScale?: number;
  readonly prompt?: string;
  /**
   * How hard the model is to cache: PSNR inside the mask where every second call is left out and the last velocity stands
   * in, as in `Difference`. Published for Wan2.1-1.3B at twice the speed: 22.6 dB.
   */
  readonly twofoldReusePsnr?: number | null;
  readonly seed: number;
  readonly sessions: readonly BenchSession[];
  /** The uncached run first. */
  readonly rows: readonly BenchRow[];
}
