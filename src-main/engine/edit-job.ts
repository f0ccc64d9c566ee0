import type { MethodSpec } from '../../src-shared/core/caches/index.ts';
import type { ShownSeconds } from '../../src-shared/core/estimate/index.ts';
import type { EditOptions } from '../../src-shared/project/index.ts';
import type { FillMeans } from '../../src-shared/core/fill/index.ts';
import type { EncodeSettings } from './frames.ts';

/** Where background for the hole comes from before the network is asked. */
export type PlateChoice =
  | { readonly kind: 'auto' }
  | { readonly kind: 'off' }
  | { readonly kind: 'only' }
  | { readonly kind: 'file'; readonly path: string };

/** Frames [startFrame, endFrame) of a clip. */
export interface FrameRange {
  readonly startFrame: number;
  readonly endFrame: number;
}

/** The options of an edit (`editOptions` says what each means) as the engine takes them; see `resolveOptions`. */
export type JobOptions = Omit<
  Readonly<EditOptions>,
  'plate' | 'platePath' | 'method' | 'methodOptions' | 'feather'
> & {
  readonly plate: PlateChoice;
  /** How the steps are computed. */
  readonly method: MethodSpec;
  /** The option `feather`. Absent: 4. */
  readonly featherPx?: number;
};

/** What the user asked. Plain data: it crosses process borders and is hashed to find its checkpoint. */
export interface EditJob extends JobOptions {
  readonly clipPath: string;
  readonly maskPath: string;
  readonly outputPath: string;
  /**
   * The result holds these frames of the clip and no others, and what the mask covers elsewhere does not matter.
   * Absent: the whole clip. Mask, plate and truth are those of the whole clip all the same.
   */
  readonly range?: FrameRange;
  /** A clean picture or clip to measure the result against; it never influences the result. */
  readonly truthPath?: string;
  readonly encode: EncodeSettings;
  /** Where to write a before/mask/after picture; absent: none. */
  readonly sheetPath?: string;
  /** Where to write a video whose greys say where each pixel comes from (`pixelSources`); absent: none. */
  readonly sourcesPath?: string;
  /** Start over instead of resuming from the checkpoint. */
  readonly fresh: boolean;
}

/** A job as far as its time, its memory and its picture depend on it: all but where the result goes. */
export type EditRequest = Omit<EditJob, 'outputPath' | 'fresh'>;

/** The document that `remove` and `edit` answer with. */
export interface EditResult {
  readonly output: string;
  readonly frames: number;
  /** How many of them are copied as the clip has them stored, and encoded; `reason`: why none is copied. */
  readonly written: { readonly copied: number; readonly encoded: number; readonly reason?: string };
  readonly width: number;
  readonly height: number;
  readonly model: string;
  readonly method: string;
  readonly methodOptions: MethodSpec['options'];
  readonly steps: number;
  readonly seed: number;
  readonly windows: number;
  /** Windows taken from the checkpoint of an interrupted run, and sampling steps, those of these windows among them. */
  readonly resumedWindows: number;
  readonly resumedSteps: number;
  /** Of the whole job, whichever run made them, as are `flops`; `seconds` are those of this run alone. */
  readonly calls: { readonly full: number; readonly partial: number; readonly reuse: number };
  readonly flops: number;
  /** Share of the sampling operations of a run without caching that were saved, 0…1. */
  readonly flopsSaved: number;
  readonly seconds: ShownSeconds;
  /** What `seconds.total` was estimated to be before the run. */
  readonly estimateSeconds: number;
  readonly peakMemoryMb: number;
  /** Share of the masked pixels that other frames, or the plate that was given, showed, 0…1; 0 with the plate off. */
  readonly plateShare: number;
  /** What filled the others. */
  readonly fill: FillMeans;
  /** Of an edit that puts one thing there: the share of its place that the thing takes, 0…1; the rest is background. */
  readonly thingShare?: number;
  readonly quality: {
    /** dB over masked pixels of all frames, RGB 8 bit, against the truth; null without one. */
    readonly maskPsnr: number | null;
    readonly maskSsim: number | null;
    readonly maskMsSsim: number | null;
    /** Detail in the hole, and gradient along its edge, beside what surrounds it: 1 is alike. Null without a truth. */
    readonly texture: number | null;
    readonly seam: number | null;
    /** Largest difference outside the mask between the source and the frames given to the encoder. */
    readonly outsideMaxDiff: number;
    /** The same, measured on the decoded output; only lossless exports are decoded again, else null. */
    readonly outputOutsideMaxDiff: number | null;
  };
  readonly sheet?: string;
  readonly sources?: string;
  readonly warnings: readonly string[];
}
