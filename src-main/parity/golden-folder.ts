import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { openSafetensors, type TensorStore } from '../models/index.ts';

/** A folder that holds reference vectors, described by what is in it. */
export interface GoldenFolder {
  readonly path: string;
  /** Relative to where the search began, with `/`; the folder's own name where that is it. */
  readonly name: string;
  /** Names of its files. */
  readonly files: ReadonlySet<string>;
  /** Class of each subfolder's configuration, by subfolder: `transformer` → `WanVACETransformer3DModel`. */
  readonly classes: ReadonlyMap<string, string>;
  /** Names of the tensors in case.safetensors; none without that file. */
  readonly tensors: ReadonlySet<string>;
}

const caseFile = 'case.safetensors';

/** The class that a configuration file names: diffusers' `_class_name`, or transformers' architecture. */
async function readClass(folder: string): Promise<string | undefined> {
  for (const name of ['config.json', 'scheduler_config.json']) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const config = JSON.parse(text) as { _class_name?: string; architectures?: string[] };
    return config._class_name ?? config.architectures?.[0] ?? 'unknown';
  }
  return undefined;
}

async function tensorNames(path: string): Promise<Set<string>> {
  const store = await openSafetensors(path);
  await store.close();
  return new Set(store.tensors.keys());
}

async function describe(
  path: string,
  name: string,
  files: string[],
  folders: string[],
): Promise<GoldenFolder> {
  const classes = new Map<string, string>();
  for (const folder of folders) {
    const className = await readClass(join(path, folder));
    if (className !== undefined) classes.set(folder, className);
  }
  const tensors = files.includes(caseFile) ? await tensorNames(join(path, caseFile)) : new Set<string>();
  return { path, name, files: new Set(files), classes, tensors };
}

/** Opens the vectors themselves. */
export function openCase(folder: Pick<GoldenFolder, 'path'>): Promise<TensorStore> {
  return openSafetensors(join(folder.path, caseFile));
}

/** Where a search has got to: a folder with vectors, or one that could not be read. */
export type Found = { readonly folder: GoldenFolder } | { readonly name: string; readonly error: unknown };

/**
 * Every folder with a `case.safetensors` or `case.json` at `root` or below, in the order of their names.
 * Folders within such a folder are its own.
 */
export async function findGoldenFolders(root: string): Promise<Found[]> {
  const found: Found[] = [];
  const search = async (path: string): Promise<void> => {
    const entries = await readdir(path, { withFileTypes: true });
    const names = (isWanted: (entry: (typeof entries)[number]) => boolean): string[] =>
      entries
        .filter((entry) => isWanted(entry) && !entry.name.startsWith('.'))
        .map((entry) => entry.name)
        .sort();
    const files = names((entry) => entry.isFile());
    const folders = names((entry) => entry.isDirectory());
    if (!files.includes(caseFile) && !files.includes('case.json')) {
      for (const folder of folders) await search(join(path, folder));
      return;
    }
    const relativeName = relative(root, path).replaceAll('\\', '/');
    const name = relativeName === '' ? (path.split(/[\\/]/).at(-1) ?? path) : relativeName;
    try {
      found.push({ folder: await describe(path, name, files, folders) });
    } catch (error) {
      found.push({ name, error });
    }
  };
  await search(root);
  return found;
}
