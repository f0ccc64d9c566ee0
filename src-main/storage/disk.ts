import { statfs } from 'node:fs/promises';
import { HetcutError } from '../../src-shared/core/errors/index.ts';

/** Room left over, so that the disk is not filled to the last byte. */
const spareBytes = 64 * 2 ** 20;

/** Bytes that this user may still write to the file system of `folder`. */
export async function availableBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Throws HetcutError `disk-full` unless `bytes` and some spare room are free under `folder`, which exists. */
export async function requireDiskSpace(
  folder: string,
  bytes: number,
  freeBytes: (folder: string) => Promise<number>,
  hint: string,
): Promise<void> {
  const free = await freeBytes(folder);
  if (free >= bytes + spareBytes) return;
  const inGb = (count: number): string => (count / 1e9).toFixed(1);
  const message = `${folder}: ${inGb(bytes + spareBytes)} GB are needed, but only ${inGb(free)} GB are free.`;
  throw new HetcutError('disk-full', message, { hint });
}

/** The system's errors of a full or read-only disk, in the user's terms; any other error as it is. */
export function toUserError(error: unknown, path: string, hint: string): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new HetcutError('disk-full', `${path}: the disk is full.`, { hint, cause: error });
  }
  if (code === 'EFBIG') {
    const message = `${path}: the disk takes no file of this size.`;
    return new HetcutError('disk-full', message, { hint, cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR') {
    return new HetcutError('folder-unwritable', `${path}: cannot be written to.`, { hint, cause: error });
  }
  return error;
}
