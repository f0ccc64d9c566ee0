import type { StartHost } from '../host/message-loop.ts';
import type { EventName, Events, FileKind, Handlers } from '../../src-shared/ipc/index.ts';

/** What a native window can do and a browser cannot. */
export interface Dialogs {
  /** The chosen path, null where the dialog was closed. */
  choose(kind: FileKind, suggestedName?: string): Promise<string | null>;
  showInFolder(path: string): void;
}

export interface BackendOptions {
  /** HETCUT_HOME. */
  readonly home: string;
  /** Jobs run in such processes, and estimates are made in one: neither may hold up the window. */
  readonly startHost: StartHost;
  /** Absent in the browser. */
  readonly dialogs?: Dialogs;
  /** What `files.list` may show, and all below it may be opened or written; absent: nothing. */
  readonly browseFolder?: string;
  /** A remark for whoever runs the program; absent: nobody reads it. */
  readonly onNote?: (text: string) => void;
  /** The page says in which language it is; absent: nothing but the page is shown. */
  readonly onLanguage?: (language: 'en' | 'de') => void;
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
   * Lets a path be opened or written: it came from a native dialog or a drop. Other paths are refused, except for those
   * under the folders that `files.list` may show and those that a project that was opened names.
   */
  allowPath(path: string): void;
  /** The page of that name, as the handlers were given it, is gone without having closed its project. */
  pageLeft(page: string): void;
  /** Cancels what runs and waits for it; the queue is on disk. */
  close(): Promise<void>;
}
