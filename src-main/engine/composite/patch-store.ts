import type { MaskCoverage } from '../../../src-shared/core/estimate/index.ts';
import type { Rect } from '../../../src-shared/core/plan/index.ts';
import type { Plane } from '../frames.ts';
import type { SampleState, StepRecord } from '../generate/sampling-loop.ts';

/**
 * What is known of one frame's hole: the planes of `rect` with every known pixel in place
 * (plate or generated), and the pixels that are still open.
 */
export interface FramePatch {
  /** On even pixels, inside the picture. */
  readonly rect: Rect;
  readonly planes: readonly [Plane, Plane, Plane];
  /** [rect.height, rect.width]; 255 = still to be generated. */
  readonly residual: Uint8Array;
  /** [rect.height, rect.width]; 255 = shown by no other frame, whatever has filled it since. */
  readonly unseen: Uint8Array;
}

/**
 * The checkpoint of one job. A patch or a window is there whole or not at all, and of the window under way its steps
 * are kept, so that a killed job loses little. Valid for one job, model and program version: its key says so.
 */
export interface PatchStore {
  /** Patches of the plate stage; null where the frame has no hole. */
  writePlate(frame: number, patch: FramePatch): Promise<void>;
  readPlate(frame: number): Promise<FramePatch | null>;
  /** True once every plate patch is written. */
  plateDone(): Promise<boolean>;
  markPlateDone(summary: PlateSummary): Promise<void>;
  plateSummary(): Promise<PlateSummary>;
  /** The finished frames of one window and the steps that it took, all or none; kept steps are removed. */
  writeWindow(
    window: number,
    patches: ReadonlyMap<number, FramePatch>,
    steps: readonly StepRecord[],
  ): Promise<void>;
  /** The steps that a finished window took; null for one that is not finished. */
  windowSteps(window: number): Promise<readonly StepRecord[] | null>;
  readWindow(window: number, frame: number): Promise<FramePatch | null>;
  /**
   * Keeps where the sampling of a window is, in place of what was kept before. `of`: a text that differs wherever the
   * window's steps may.
   */
  writeSteps(of: string, state: SampleState): Promise<void>;
  /**
   * What was kept under the same text; null where there is nothing.
   * @throws HetcutError `steps-stale` where it was kept under another text, `steps-damaged` where it cannot be read
   */
  readSteps(of: string): Promise<SampleState | null>;
  /** Removes the checkpoint; the job is done. */
  clear(): Promise<void>;
}

/** What the later stages need to know of the plate without reading it again. */
export interface PlateSummary {
  /** Masked pixels over all frames, and those of them that the plate showed. */
  readonly maskedPixels: number;
  readonly platePixels: number;
  /** What is still open, per frame. */
  readonly open: MaskCoverage;
  readonly warnings: readonly string[];
  /** Where one thing is generated that stands in the scene: each view of it. */
  readonly standing?: readonly StandingView[];
}

/** Frames of one view with something that stands in the scene, which is generated in one of them. Plain data. */
export interface StandingView {
  /** The frame in which it is generated. */
  readonly key: number;
  /** Its mask moves against the scene, and it goes with the mask. */
  readonly moves: boolean;
  /** `toKey`: where a pixel of the frame is in the key frame, a projective map [3, 3], row-major. */
  readonly frames: readonly { readonly index: number; readonly toKey: readonly number[] }[];
}
