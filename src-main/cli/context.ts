import type { StartHost } from '../host/message-loop.ts';
import type { OnProgress } from '../engine/progress.ts';

/** What every command gets: where things are, how to answer, and when to stop. */
export interface CliContext {
  /** HETCUT_HOME: models, settings, checkpoints. */
  readonly home: string;
  /** True with --json: one document on stdout, progress as JSON lines on stderr. */
  readonly json: boolean;
  /** Starts the process that computes. */
  readonly startHost: StartHost;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
  /** Progress bars on a terminal, plain lines elsewhere, JSON lines with --json. */
  readonly onProgress: OnProgress;
  /** The command's one answer: `result` with --json, `text` for people otherwise. */
  answer(result: unknown, text: string): void;
  /** Exit code 1 although there is an answer: it says what failed. */
  markFailed(): void;
  /** A remark for people (stderr); with --json a JSON line `{"note": …}` on stderr. */
  readonly note: (text: string) => void;
}
