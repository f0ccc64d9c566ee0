import type { HostJob, HostResult } from '../engine/check-job.ts';
import type { PreviewEvent, ProgressEvent } from '../engine/progress.ts';
import type { EventName, Events, FileKind, Handlers } from '../../src-shared/ipc/index.ts';

/** Runs one job in a process of its own; `runInHost` in a checkout, a utility process in the desktop program. */
export type JobRunner = <Job extends HostJob>(
  job: Job,
  home: string,
  callbacks: {
    readonly signal: AbortSignal;
    readonly onProgress: (event: ProgressEvent) => void;
    /** Absent: no previews are made. */
    readonly onPreview?: (event: PreviewEvent) => void;
    readonly onNote: (text: string) => void;
    /** Hears the command line of every program that the job starts. */
    readonly onCommand?: (command: string) => void;
  },
) => Promise<HostResult<Job>>;

/** What a native window can do and a browser cannot. */
export interface Dialogs {
  /** The chosen path, null where the dialog was closed. */
  choose(kind: FileKind, suggestedName?: string): Promise<string | null>;
  showInFolder(path: string): void;
}

export interface BackendOptions {
  /** HETCUT_HOME. */
  readonly home: string;
  readonly runJob: JobRunner;
  /** Absent in the browser. */
  readonly dialogs?: Dialogs;
  /** What `files.list` may show, and all below it may be opened or written; absent: nothing. */
  readonly browseFolder?: string;
  /** A remark for whoever runs the program; absent: nobody reads it. */
  readonly onNote?: (text: string) => void;
  readonly emit: <Name extends EventName>(name: Name, value: Events[Name]) => void;
}

/** An answer to a media address; the body is bytes, or a part of a file. */
export interface MediaAnswer {
  readonly status: 200 | 206 | 400 | 404 | 416 | 500;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The program behind the window, the same for Electron and for `serve`. */
export interface Backend {
  readonly handlers: Handlers;
  /** Answers a path that starts with `/media/`; only of clips that were opened. `range`: the Range header. */
  media(path: string, range?: string): Promise<MediaAnswer>;
  /**
   * Lets a path be opened or written: it came from a native dialog or a drop. Other paths are refused, but for those
   * under the folders that `files.list` may show and those that a project that was opened names.
   */
  allowPath(path: string): void;
  /** The page of that name, as the handlers heard it, is gone without having closed its project. */
  pageLeft(page: string): void;
  /** Cancels what runs and waits for it; the queue is on disk. */
  close(): Promise<void>;
}
