import type { ModelCalibration } from '../../src-shared/core/caches/index.ts';
import type { EditRequest, FrameRange } from './edit-job.ts';

/** A clip to run on. */
export interface CalibrationClip {
  readonly clipPath: string;
  readonly maskPath: string;
  readonly prompt: string;
  /** Absent: all of it. */
  readonly range?: FrameRange;
}

/** Finds a model's schedules from a few uncached runs. Plain data. */
export interface CalibrateJob {
  readonly kind: 'calibrate';
  readonly modelId: string;
  /**
   * The edit whose clip, steps and guidance are taken; else `clips`, and where they say nothing the model's own steps, or 50
   * where those are too few to leave any out, and its own guidance as well as 1, with which a removal runs that says nothing.
   */
  readonly edit?: EditRequest;
  /** Absent: a bundled one. */
  readonly clips?: readonly CalibrationClip[];
  /** Uncached runs of each clip. */
  readonly runs: number;
  readonly steps?: number;
  readonly guidanceScale?: number;
}

export interface CalibrateResult {
  readonly id: string;
  readonly path: string;
  readonly steps: number;
  readonly guidanceScales: readonly number[];
  readonly calibration: ModelCalibration;
}
