import type { StepKind } from '../../src-shared/core/caches/index.ts';
import type { EditJob, EditResult, FrameRange } from './edit-job.ts';

/**
 * Compares a job on the few frames around one with its full run: all of the steps that the model recommends (or that the
 * job itself asks for), none of them cached, from the same noise. Plain data.
 */
export interface CheckJob {
  readonly kind: 'check';
  /** Its steps and method are what is compared. The pictures go where its result would. */
  readonly edit: EditJob;
  /** Of the clip. */
  readonly frame: number;
}

/** What a check has found. PSNRs in dB, of 8-bit RGB at the working size; null: nothing differs. */
export interface CheckResult {
  /** The frames that were generated. */
  readonly range: FrameRange;
  /** Frame of the clip that the pictures show. */
  readonly frame: number;
  readonly steps: number;
  readonly fullSteps: number;
  readonly calls: Readonly<Record<StepKind, number>>;
  readonly maskPsnr: number | null;
  /** Of the two tokens around the mask; absent where the mask leaves none. */
  readonly marginPsnr?: number | null;
  /** Seconds of sampling as asked, and of the full run: all that steps and method can change. */
  readonly seconds: number;
  readonly fullSeconds: number;
  /**
   * The file with the pictures: as asked and of the full run, each [height, width, 3] bytes, one after the other.
   */
  readonly picturesPath: string;
  readonly width: number;
  readonly height: number;
}

/** What an inference process is given to do. */
export type HostJob = EditJob | CheckJob;
export type HostResult<Job extends HostJob> = Job extends CheckJob ? CheckResult : EditResult;
