import type { Handlers, RequestName } from '../../src-shared/ipc/index.ts';
import type { HostedEstimator } from '../host/hosted-estimator.ts';
import type { openHostedSelector } from '../host/hosted-selector.ts';
import type { JobQueue } from '../jobs/job-queue.ts';
import type { Media } from '../engine/frames.ts';
import type { HardwareFinding, PreviewMedia } from '../media/index.ts';
import type { BackendOptions } from './backend.ts';
import type { MaskFiles } from './edit-request.ts';
import type { ExportRuns } from './export-runs.ts';
import type { MediaServer } from './media-server.ts';
import type { PathRule } from './path-rule.ts';
import type { SettingsStore } from './program-settings.ts';
import type { ProjectStore } from './project-store.ts';

export type HandlersOf<Names extends RequestName> = Pick<Handlers, Names>;

/** What the handlers work with. */
export interface BackendParts extends BackendOptions {
  readonly paths: PathRule;
  readonly media: Media;
  readonly previews: PreviewMedia;
  readonly projects: ProjectStore;
  readonly queue: JobQueue;
  readonly masks: MaskFiles;
  readonly estimator: HostedEstimator;
  readonly settings: SettingsStore;
  readonly selector: ReturnType<typeof openHostedSelector>;
  readonly mediaServer: MediaServer;
  readonly exports: ExportRuns;
  /** Which hardware encoders work; found out once. */
  readonly findHardware: () => Promise<readonly HardwareFinding[]>;
  /** Aborts when the program ends. */
  readonly signal: AbortSignal;
}
