import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { findLibrary, libraryFolders, neededLibraries, type LibraryFinding } from './cuda-libraries.ts';
import { readElf } from './elf.ts';
import { bundledRuntime, providerFolder, providerNames, runtimeVariable } from './runtime-place.ts';

export const installedName = 'hetcut-gpu.json';

const schema = z.object({
  version: z.string(),
  cuda: z.int(),
  /** The package that it came from, and what it was compared with. */
  source: z.string(),
  checksum: z.string(),
  files: z.array(z.object({ name: z.string(), bytes: z.int(), sha256: z.string() })),
});

/** A provider as it was installed. */
export type InstalledProvider = z.infer<typeof schema>;

/** What `gpu install` has left; undefined: nothing. `problem`: it cannot be used. */
export interface ProviderState {
  readonly folder: string;
  readonly installed: InstalledProvider;
  readonly problem?: { readonly kind: 'other-version' | 'damaged'; readonly reason: string };
}

export async function readProvider(home: string): Promise<ProviderState | undefined> {
  const folder = providerFolder(home);
  const text = await readFile(join(folder, installedName), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { version, binaries } = await bundledRuntime();
  const parsed = schema.safeParse(parseJson(text));
  const unknown = { version: 'unknown', cuda: 0, source: '', checksum: '', files: [] };
  if (!parsed.success) {
    const reason = `${installedName} cannot be read`;
    return { folder, installed: unknown, problem: { kind: 'damaged', reason } };
  }
  const installed = parsed.data;
  if (installed.version !== version) {
    const reason = `it is of ONNX Runtime ${installed.version}, the program has ${version}`;
    return { folder, installed, problem: { kind: 'other-version', reason } };
  }
  for (const { name, bytes } of installed.files) {
    const size = await stat(join(folder, binaries, name)).then(
      (entry) => entry.size,
      () => undefined,
    );
    if (size === bytes) continue;
    const reason = size === undefined ? `${name} is missing` : `${name} has ${size} bytes, not ${bytes}`;
    return { folder, installed, problem: { kind: 'damaged', reason } };
  }
  return { folder, installed };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The libraries that the installed provider needs, each looked for. */
export async function findProviderLibraries(
  { folder, installed }: ProviderState,
  home: string,
  environment: NodeJS.ProcessEnv,
): Promise<LibraryFinding[]> {
  const { binaries } = await bundledRuntime();
  const elf = await readElf(join(folder, binaries, providerNames[0]));
  const folders = await libraryFolders(home, environment);
  const { names } = neededLibraries(elf?.needed ?? []);
  return Promise.all(names.map((name) => findLibrary(name, installed.cuda, folders)));
}

/**
 * Makes this process and those that it starts load the runtime that was installed with its provider, where there is one
 * for this version of the program; else the bundled one. Folders of CUDA's libraries that the loader does not know by
 * itself are told to the processes that are started: a process that runs has its loader's already.
 * @returns whether there are such folders: this process itself would have to be started anew to compute with them
 */
export async function useProvider(
  home: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  const state = await readProvider(home);
  if (state === undefined || state.problem !== undefined) {
    delete environment[runtimeVariable];
    return false;
  }
  environment[runtimeVariable] = state.folder;
  const found = await findProviderLibraries(state, home, environment);
  const folders = found.flatMap(({ path, onLoaderPath }) =>
    path === undefined || onLoaderPath ? [] : [dirname(path)],
  );
  if (folders.length === 0) return false;
  const known = environment['LD_LIBRARY_PATH'];
  environment['LD_LIBRARY_PATH'] = [...new Set(folders), ...(known ? [known] : [])].join(':');
  return true;
}
