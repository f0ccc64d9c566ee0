import { stat } from 'node:fs/promises';
import { HetcutError } from '../../src-shared/core/errors/index.ts';

const importAgain =
  'Import the model again: `hetcut model import DIR --id ID`. `hetcut model verify ID` finds the damage.';

/** Throws HetcutError `graph-missing` or `graph-damaged` where `modelPath` is no file or an empty one. */
export async function checkGraphFile(modelPath: string): Promise<void> {
  const status = await stat(modelPath).catch(() => undefined);
  if (status === undefined || !status.isFile()) {
    throw new HetcutError('graph-missing', `${modelPath}: no such file.`, { hint: importAgain });
  }
  if (status.size === 0) {
    throw new HetcutError('graph-damaged', `${modelPath}: the file is empty (0 bytes).`, {
      hint: importAgain,
    });
  }
}

/** What went wrong when the library refused a graph file, in the user's terms. */
export function openError(modelPath: string, cause: unknown): HetcutError {
  const reason = firstLine(cause);
  if (/protobuf|not a valid model|no graph/i.test(reason)) {
    return new HetcutError('graph-damaged', `${modelPath}: not a readable ONNX graph (${reason}).`, {
      hint: importAgain,
      cause,
    });
  }
  if (/external|file_size|file_length|No such file|out of bounds|mmap|map file/i.test(reason)) {
    return new HetcutError(
      'weights-unreadable',
      `${modelPath}: its weights file is missing, cut short or unreadable (${reason}).`,
      { hint: importAgain, cause },
    );
  }
  if (isOutOfMemory(reason)) return outOfMemory(modelPath, reason, cause);
  return new HetcutError(
    'graph-refused',
    `${modelPath}: ONNX Runtime does not take this graph (${reason}).`,
    {
      hint: importAgain,
      cause,
    },
  );
}

/** What went wrong when a loaded graph did not run. */
export function runError(modelPath: string, cause: unknown): HetcutError {
  const reason = firstLine(cause);
  if (isOutOfMemory(reason)) return outOfMemory(modelPath, reason, cause);
  return new HetcutError('graph-run', `${modelPath}: the run failed (${reason}).`, {
    hint: 'Run `hetcut doctor`, then `hetcut model verify ID`.',
    cause,
  });
}

/** A provider that works on this machine did not take a graph, and nothing else was allowed to. */
export function providerFailed(name: string, modelPath: string, error: unknown, reason: string): HetcutError {
  // A full card is dealt with by asking for less.
  if (isOutOfMemory(reason)) return outOfMemory(modelPath, `${name}: ${reason}`, error);
  return new HetcutError('provider-failed', `${modelPath}: ${name} cannot take this graph (${reason}).`, {
    hint:
      '`hetcut doctor` says what is wrong with the graphics card. To go on with the CPU, which takes many times as long, ' +
      'run it again with --cpu-fallback (in the window: Advanced, If the graphics card fails).',
    cause: error,
  });
}

function outOfMemory(modelPath: string, reason: string, cause: unknown): HetcutError {
  return new HetcutError('out-of-memory', `${modelPath}: not enough memory (${reason}).`, {
    hint: 'Choose a smaller working size or shorter windows, or close other programs.',
    cause,
  });
}

function isOutOfMemory(reason: string): boolean {
  return /bad_alloc|out of memory|failed to allocate|allocation failed|_ALLOC_FAILED|E_OUTOFMEMORY|8007000E/i.test(
    reason,
  );
}

/** What the library itself said, without our wrapping: for notes that only mention a failure. */
export function rootReason(error: unknown): string {
  return firstLine(error instanceof HetcutError && error.cause !== undefined ? error.cause : error);
}

/**
 * The library's messages begin with places in its sources and end with a stack trace; wrong shapes of an input
 * follow its name line by line.
 */
function firstLine(cause: unknown): string {
  const [first, ...others] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
  const shapes = others.filter((line) => /^\s*index: \d/.test(line)).map((line) => line.trim());
  return [first, ...shapes]
    .join(' ')
    .replace(/^.*\.cc:\d+ \S+ /, '')
    .replace(/\.?\s*$/, '');
}
