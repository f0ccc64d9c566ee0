import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, parse, relative, resolve, win32 } from 'node:path';
import { usageError } from '../../src-shared/core/errors/index.ts';
import { isDeviceName } from '../../src-shared/core/names/index.ts';

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

/**
 * Why a path is none that a page may name; undefined: it may be. Windows opens devices by their names in any folder, and
 * paths of other kinds (`\\?\`, `\\.\`) around its own rules.
 */
export function oddPath(path: string, platform: NodeJS.Platform): string | undefined {
  if (path.includes('\0')) return 'it holds a character that no path has';
  if (platform !== 'win32') return undefined;
  const { root } = win32.parse(path);
  if (/^[\\/]{2}[?.][\\/]/.test(path)) return 'it is a path to a device';
  const parts = path.slice(root.length).split(/[\\/]/);
  const device = parts.find(isDeviceName);
  if (device !== undefined) return `${device} is a device`;
  return parts.some((part) => part.includes(':')) ? 'it names a stream of a file' : undefined;
}

/** `folders`: all that is below them is allowed, but not what links in them lead to elsewhere. */
export function createPathRule(folders: readonly string[]): PathRule {
  const allowed = new Set<string>();
  // To look at a path of another computer tells that one who asks: those below are on the same.
  const mayBeBelow = (path: string, folder: string): boolean =>
    parse(path).root.toLowerCase() === parse(resolve(folder)).root.toLowerCase();
  return {
    allow: (path) => void allowed.add(resolve(path)),
    async require(path) {
      const reason = oddPath(path, process.platform);
      if (reason !== undefined) {
        throw usageError(
          'path-refused',
          `${JSON.stringify(path.slice(0, 200))}: ${reason}.`,
          'Choose another file.',
        );
      }
      const absolute = resolve(path);
      if (allowed.has(absolute)) return absolute;
      for (const folder of folders) {
        if (mayBeBelow(absolute, folder) && (await isInside(absolute, folder))) return absolute;
      }
      throw usageError('path-refused', `${path} was not chosen by you.`, 'Choose the file in the dialog.');
    },
  };
}
