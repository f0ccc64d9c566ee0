/** A video's size, in frames and pixels. */
export interface ClipSize {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
}

/** How a set of reference vectors compares on the provider. */
export interface ParityRow {
  /** Folder of the set. */
  readonly set: string;
  readonly precision: 'fp32' | 'fp16';
  readonly comparisons: number;
  readonly failed: number;
  /** The comparison that comes closest to its tolerance, or is furthest beyond it, and by how much of it. */
  readonly worst: string;
  /** null: nothing could be compared. */
  readonly worstShare: number | null;
}

/** Something that is timed by itself. `problem`: why it could not be done; then there are no seconds. */
export interface TimedRow {
  readonly name: string;
  readonly seconds?: number;
  /** Operations, in 10⁹. */
  readonly gflop?: number;
  /** Of the matrix-product peak. */
  readonly shareOfPeak?: number;
  /** Most bytes in use meanwhile: of the card beyond what others had, or of the process and all that it keeps. */
  readonly peakBytes?: number;
  /** What the plan says this takes, in bytes; on the processor beside what the program takes anyway. */
  readonly plannedBytes?: number;
  readonly problem?: string;
}

/** One run of a cache method. */
export interface MethodRow extends TimedRow {
  readonly steps: number;
  readonly calls?: Readonly<Record<'full' | 'partial' | 'reuse', number>>;
  /** Against the uncached run of as many steps, inside the mask, in dB; null: equal. */
  readonly maskPsnr?: number | null;
}

export interface GpuBenchReport {
  /** ISO 8601 day. */
  readonly date: string;
  /** Made at toy size: it says that the benchmark works, and nothing about a card. */
  readonly toy: boolean;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGb: number;
    readonly os: string;
    readonly onnxRuntime: string;
    readonly provider: string;
    readonly card?: { readonly name: string; readonly driver?: string; readonly memoryGb?: number };
  };
  readonly model: { readonly id: string; readonly synthetic: boolean; readonly precision: string };
  /** GFLOP/s of matrix products in `peakType` on the provider. */
  readonly peakGflops: number;
  readonly peakType: 'float32' | 'float16';
  readonly parity: readonly ParityRow[];
  readonly calls: readonly TimedRow[];
  readonly vae: readonly TimedRow[];
  readonly text: readonly TimedRow[];
  /** The one window of the methods, and the texts that it is computed with. */
  readonly methodSize: ClipSize;
  readonly streams: number;
  readonly methods: readonly MethodRow[];
}
