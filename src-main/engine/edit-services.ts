import type { TimeDrift } from '../../src-shared/core/caches/index.ts';
import type { CostModel, MaskCoverage } from '../../src-shared/core/estimate/index.ts';
import type { OpenCameraTracker } from './plate/camera-tracker.ts';
import type { OpenPlateComposer } from './plate/plate-composer.ts';
import type { Media } from './frames.ts';
import type { Generator, OnUncached } from './generate/generate-window.ts';
import type { Clock } from './stage-timer.ts';
import type { MemoryBudget, MemoryChoice } from './plan/memory-choice.ts';
import type { ModelFolder } from './network/model-folder.ts';
import type { PatchStore } from './composite/patch-store.ts';
import type { OnPreview, OnProgress } from './progress.ts';

/** Transformer and VAE, loaded. */
export type LoadedModel = Omit<Generator, 'texts' | 'textTokens'> & { release: () => Promise<void> };

/** What an edit works with; each is an interface, so that the job can run on other parts. */
export interface EditServices {
  readonly media: Media;
  readonly model: ModelFolder;
  /** Loads the text encoder, runs it, and releases it. One embedding per prompt. */
  readonly encodePrompts: (prompts: readonly string[]) => Promise<Float32Array[]>;
  /** How many of them `encodePrompts` would have to run it for. */
  readonly unknownTexts: (prompts: readonly string[]) => Promise<number>;
  /** `choice`: how its parts are run. */
  readonly loadModel: (choice: MemoryChoice) => Promise<LoadedModel>;
  /** What the model's parts may take of memory; undefined: as if it were plenty. */
  readonly memoryBudget: () => Promise<MemoryBudget | undefined>;
  /** What ran on another device than was meant, for people; so far. */
  readonly fallbacks: () => readonly string[];
  /** How far the model's time embedding moves over these timesteps. */
  readonly measureDrift: (timesteps: Float32Array) => Promise<TimeDrift>;
  readonly openTracker: OpenCameraTracker;
  /** Absent: frames are composed one after the other, in this thread. */
  readonly openComposer?: OpenPlateComposer;
  readonly store: PatchStore;
  /** What this machine takes, as far as it is known; undefined where it must be measured, with the network or without. */
  readonly loadCosts: (withNetwork: boolean) => Promise<CostModel | undefined>;
  /** Measures what is not known, and keeps it. */
  readonly measureCosts: (withNetwork: boolean) => Promise<CostModel>;
  /** What the plate stage left open of this clip and mask in an earlier job; undefined where none has run. */
  readonly recallPlateCoverage: () => Promise<MaskCoverage | undefined>;
  readonly rememberOpen: (open: MaskCoverage) => Promise<void>;
  readonly clock: Clock;
  readonly peakMemoryMb: () => number;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  /** Absent where nobody looks: then none are made. */
  readonly onPreview?: OnPreview;
  readonly onNote: (text: string) => void;
  /** A file that must go should this process be killed. */
  readonly onPartialFile: (path: string) => void;
  /** Keeps a schedule that an uncached run has taught, where the model has none for these conditions. Absent: nothing is learned. */
  readonly keepSchedule?: OnUncached;
  /** Keeps what a job has taught for the next estimate. */
  readonly keepCosts: (costs: CostModel) => Promise<void>;
}
