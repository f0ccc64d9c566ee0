/** What a failed command exits with: 1 the work failed, 2 it was asked for wrongly, 130 it was cancelled. */
export type ExitCode = 1 | 2 | 130;

/**
 * Every failure that HetCut expects. `message` says what was wrong and names the file or field;
 * `hint` says what to do next. Anything else that is thrown is a defect of ours.
 */
export class HetcutError extends Error {
  override readonly name = 'HetcutError';
  /** Stable machine-readable name, kebab-case: `mask-size`, `file-not-found`. */
  readonly code: string;
  readonly hint: string;
  readonly exitCode: ExitCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    options: {
      hint: string;
      exitCode?: ExitCode;
      details?: Readonly<Record<string, unknown>>;
      cause?: unknown;
    },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 1;
    this.details = options.details ?? {};
  }
}

/** The request itself was wrong (a bad flag, a missing file, a mask of another size): exit code 2. */
export function usageError(code: string, message: string, hint: string): HetcutError {
  return new HetcutError(code, message, { hint, exitCode: 2 });
}

/** The user cancelled; nothing half-made is left. */
export function cancelledError(): HetcutError {
  return new HetcutError('cancelled', 'Cancelled.', {
    hint: 'Run the same command again to resume from the last finished window.',
    exitCode: 130,
  });
}
