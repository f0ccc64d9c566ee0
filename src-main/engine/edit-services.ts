import type { MachineRates, StageSeconds, StageWork } from '../../src-shared/core/estimate/index.ts';
import type { OpenCameraTracker } from './camera-tracker.ts';
import type { Media } from './frames.ts';
import type { Generator } from './generate-window.ts';
import type { Clock } from './job-meter.ts';
import type { ModelFolder } from './model-folder.ts';
import type { PatchStore } from './patch-store.ts';
import type { OnProgress } from './progress.ts';

/** Transformer and VAE, loaded. */
export type LoadedModel = Omit<Generator, 'texts' | 'textTokens'> & { release: () => Promise<void> };

/** What an edit works with; each is an interface, so that the job can run on other parts. */
export interface EditServices {
  readonly media: Media;
  readonly model: ModelFolder;
  /** Loads the text encoder, runs it, and releases it. One embedding per prompt. */
  readonly encodePrompts: (prompts: readonly string[]) => Promise<Float32Array[]>;
  readonly loadModel: () => Promise<LoadedModel>;
  readonly openTracker: OpenCameraTracker;
  readonly store: PatchStore;
  /** What this machine does in a second, for the estimate; measured where no earlier job has. */
  readonly loadRates: () => Promise<MachineRates>;
  readonly clock: Clock;
  readonly peakMemoryMb: () => number;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  readonly onNote: (text: string) => void;
  /** A file that must go should this process be killed. */
  readonly onPartialFile: (path: string) => void;
  /** Keeps what was measured for the next estimate. */
  readonly onMeasured: (rates: MachineRates, work: StageWork, seconds: StageSeconds) => Promise<void>;
}
