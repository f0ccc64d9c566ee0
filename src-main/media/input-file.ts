import { access, constants, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { usageError, type HetcutError } from '../../src-shared/core/errors/index.ts';

/** `what` in the messages: "clip", "mask", "picture". */
function missing(path: string, what: string): HetcutError {
  return usageError('file-not-found', `There is no ${what} at ${path}.`, 'Check the path.');
}

/**
 * Checks that `path` is a readable file with something in it and returns its absolute path.
 * Errors: file-not-found, not-a-file, file-empty, file-unreadable.
 */
export async function inputFile(path: string, what: string): Promise<string> {
  const absolute = resolve(path);
  const entry = await stat(absolute).catch(() => {
    throw missing(path, what);
  });
  if (entry.isDirectory()) {
    throw usageError('not-a-file', `${path} is a folder, not a ${what}.`, `Name the ${what} file itself.`);
  }
  // It is read several times over, from places all over it.
  if (!entry.isFile()) {
    throw usageError(
      'not-a-file',
      `${path} is a pipe or device, not a ${what}.`,
      `Save the ${what} as a file first.`,
    );
  }
  if (entry.size === 0) {
    throw usageError('file-empty', `${path} is empty (0 bytes).`, 'Copy or record it again.');
  }
  await access(absolute, constants.R_OK).catch(() => {
    throw usageError('file-unreadable', `${path} may not be read.`, 'Check its permissions.');
  });
  return absolute;
}

export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}
