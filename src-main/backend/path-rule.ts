import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { usageError } from '../../src-shared/core/errors/index.ts';

/** Which files the window may have opened or written; it is a page, and what it says of paths is not trusted. */
export interface PathRule {
  /** From now on this path is allowed: a person chose it, or a document that was opened names it. */
  readonly allow: (path: string) => void;
  /** The absolute path. Throws `path-refused` where it is neither allowed nor under one of the folders. */
  readonly require: (path: string) => Promise<string>;
}

/** Where a path really is, links resolved; its last part need not be there. */
async function realPlace(path: string): Promise<string> {
  return realpath(path).catch(async () => {
    const folder = await realpath(dirname(path)).catch(() => dirname(path));
    return join(folder, basename(path));
  });
}

/** Whether `path` is `folder` or below it; both absolute, links resolved. */
function isUnder(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!isAbsolute(way) && way.split(/[\\/]/)[0] !== '..');
}

/** Whether a path is in a folder, whatever links lead there. */
export async function isInside(path: string, folder: string): Promise<boolean> {
  return isUnder(await realPlace(resolve(path)), await realPlace(resolve(folder)));
}

/** Throws `output-in-home` where something would be written among the program's own files. */
export async function requireOutside(home: string, path: string): Promise<void> {
  if (!(await isInside(path, home))) return;
  throw usageError(
    'output-in-home',
    `${path} lies in the folder where HetCut keeps its own files.`,
    'Choose another folder.',
  );
}

/** `folders`: all that is below them is allowed, but not what links in them lead to elsewhere. */
export function createPathRule(folders: readonly string[]): PathRule {
  const allowed = new Set<string>();
  return {
    allow: (path) => void allowed.add(resolve(path)),
    async require(path) {
      const absolute = resolve(path);
      if (allowed.has(absolute)) return absolute;
      for (const folder of folders) if (await isInside(absolute, folder)) return absolute;
      throw usageError('path-refused', `${path} was not chosen by you.`, 'Choose the file in the dialog.');
    },
  };
}
