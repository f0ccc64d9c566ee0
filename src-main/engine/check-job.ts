import type { StepKind } from '../../src-shared/core/caches/index.ts';
import type { CalibrateJob, CalibrateResult } from './calibrate-job.ts';
import type { EditJob, EditResult, FrameRange } from './edit-job.ts';
import type { FollowJob, ShadowJob, TrackJob, TrackResult } from './track/track-job.ts';

/**
 * Compares a job on the few frames around one with its uncached run: the same steps from the same noise, over the same
 * plate and with the same reference picture, none of them cached. Plain data.
 */
export interface CheckJob {
  readonly kind: 'check';
  /** Its method is what is compared. The pictures go where its result would. */
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
  /** Of both runs. */
  readonly steps: number;
  readonly calls: Readonly<Record<StepKind, number>>;
  /** Of what is generated: the mask without what the plate shows. */
  readonly maskPsnr: number | null;
  /** Of the two tokens around that; absent where it leaves none. */
  readonly marginPsnr?: number | null;
  /** Seconds of sampling as asked, and of the uncached run: all that the method can change. */
  readonly seconds: number;
  readonly fullSeconds: number;
  /**
   * The file with the pictures: as asked and uncached, each [height, width, 3] bytes, one after the other.
   */
  readonly picturesPath: string;
  readonly width: number;
  readonly height: number;
}

/** What an inference process is given to do. */
export type HostJob = EditJob | CheckJob | FollowJob | TrackJob | ShadowJob | CalibrateJob;
export type HostResult<Job extends HostJob> = Job extends CheckJob
  ? CheckResult
  : Job extends FollowJob | TrackJob | ShadowJob
    ? TrackResult
    : Job extends CalibrateJob
      ? CalibrateResult
      : EditResult;
