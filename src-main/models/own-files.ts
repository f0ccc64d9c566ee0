import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { HetcutError } from '../../src-shared/core/errors/index.ts';

const isBelow = (path: string, folder: string): boolean => {
  const way = relative(folder, path);
  return way === '' || (!isAbsolute(way) && way.split(/[\\/]/)[0] !== '..');
};

/** A folder of Hugging Face's cache has links only, to `blobs` beside `snapshots`. */
const blobsOf = (folder: string): readonly string[] =>
  basename(dirname(folder)) === 'snapshots' ? [join(dirname(dirname(folder)), 'blobs')] : [];

/**
 * Throws `model-link` where a link in a model's folder, or in one of its folders, leads to what is not the model's: a folder
 * that somebody else made must not have other files of this machine read.
 */
export async function requireOwnFiles(folder: string): Promise<void> {
  const root = await realpath(folder).catch(() => undefined);
  if (root === undefined) return;
  const allowed = [root, ...blobsOf(root)];
  const check = async (place: string, depth: number): Promise<void> => {
    for (const entry of await readdir(place, { withFileTypes: true }).catch(() => [])) {
      const path = join(place, entry.name);
      if (entry.isDirectory() && depth > 0) await check(path, depth - 1);
      if (!entry.isSymbolicLink()) continue;
      // One that leads nowhere is a file that is missing, which is said where it is needed.
      const target = await realpath(path).catch(() => undefined);
      if (target === undefined || allowed.some((one) => isBelow(target, one))) continue;
      throw new HetcutError('model-link', `${path} is a link to ${target}, which is not in the model's folder.`, {
        hint: 'If it is yours, copy the file to where the link is, and import again.',
      });
    }
  };
  await check(folder, 1);
}
