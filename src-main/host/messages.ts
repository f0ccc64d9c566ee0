import type { HostJob, HostResult } from '../engine/check-job.ts';
import type { EditRequest } from '../engine/edit-job.ts';
import type { FollowedPose, TrackedFrame } from '../../src-shared/project/mask/index.ts';
import type { SelectRequest } from '../engine/select/select-request.ts';
import type { PreviewEvent, ProgressEvent } from '../engine/progress.ts';

/** What a host that was started for questions is asked about an edit, any number of times. */
export type HostQuestion =
  /** Which execution providers work here: asked in a process of its own, for a broken one may end it. */
  | { readonly about: 'providers' }
  | { readonly about: 'estimate'; readonly job: EditRequest }
  | { readonly about: 'partition'; readonly job: EditRequest; readonly frame: number }
  | { readonly about: 'select'; readonly select: SelectRequest };

/** What the program asks of the inference host: one job, or questions. */
export type HostRequest =
  | {
      readonly type: 'run';
      readonly job: HostJob;
      readonly home: string;
      /** Whether to send previews. */
      readonly previews: boolean;
    }
  | { readonly type: 'ask'; readonly id: number; readonly question: HostQuestion; readonly home: string }
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
  | { readonly type: 'tracked'; readonly mask: TrackedFrame }
  | { readonly type: 'followed'; readonly pose: FollowedPose }
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
  | { readonly type: 'failed'; readonly failure: HostFailure }
  /** To the question of that number: what the estimator answers, as plain data. */
  | { readonly type: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly type: 'refused'; readonly id: number; readonly failure: HostFailure };
