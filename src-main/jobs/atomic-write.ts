import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HetcutError } from '../../src-shared/core/errors/index.ts';

/** Parts follow each other. */
type FileContent = Uint8Array | string | readonly Uint8Array[];

/** A failure to write in HETCUT_HOME, in words. */
export function homeError(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new HetcutError('disk-full', `The disk of HETCUT_HOME is full: ${dirname(path)} cannot grow.`, {
      hint: 'Free some space or set HETCUT_HOME to another disk, then run the same command again: finished work is kept.',
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR') {
    return new HetcutError('home-unwritable', `${path} cannot be written.`, {
      hint: 'Set HETCUT_HOME to a folder that you may write to.',
      cause: error,
    });
  }
  return error;
}

export interface WriteOptions {
  /** Also when the machine loses power right after; takes some milliseconds. Absent: true. */
  readonly flush?: boolean;
}

/** Writes a file so that it is there whole or not at all; its folder must exist. Throws what the system throws. */
export async function writeFileAtomic(
  path: string,
  content: FileContent,
  { flush = true }: WriteOptions = {},
): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await writeFile(partial, content, { flush });
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** As `writeFileAtomic`, for a file of HETCUT_HOME. Errors: disk-full, home-unwritable. */
export async function writeHomeFile(
  path: string,
  content: FileContent,
  options?: WriteOptions,
): Promise<void> {
  try {
    await writeFileAtomic(path, content, options);
  } catch (error) {
    throw homeError(path, error);
  }
}
