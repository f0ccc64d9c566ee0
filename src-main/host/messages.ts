import type { HostJob, HostResult } from '../engine/check-job.ts';
import type { PreviewEvent, ProgressEvent } from '../engine/progress.ts';

/** What the program asks of the inference host. */
export type HostRequest =
  | {
      readonly type: 'run';
      readonly job: HostJob;
      readonly home: string;
      /** Whether to send previews. */
      readonly previews: boolean;
    }
  | { readonly type: 'cancel' };

/** A failure as it crosses the process border. */
export interface HostFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly exitCode: 1 | 2 | 130;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What the inference host says. */
export type HostReply =
  | { readonly type: 'progress'; readonly event: ProgressEvent }
  | { readonly type: 'preview'; readonly event: PreviewEvent }
  | { readonly type: 'note'; readonly text: string }
  /** A file that must be removed should the host be killed before it says `done` or `failed`. */
  | { readonly type: 'partial-file'; readonly path: string }
  /** A program that the host started, or that has ended: it must not outlive the host. */
  | {
      readonly type: 'tool-process';
      readonly pid: number;
      readonly running: boolean;
      /** Its command line, where it was started. */
      readonly command?: string;
    }
  | { readonly type: 'done'; readonly result: HostResult<HostJob> }
  | { readonly type: 'failed'; readonly failure: HostFailure };
