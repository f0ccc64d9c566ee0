import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { readElf, x86_64 } from './elf.ts';

/** Folders of shared libraries. */
export interface LibraryFolders {
  /** Where the system's loader looks. */
  readonly loader: readonly string[];
  /** Where CUDA often is, and the loader does not look by itself. */
  readonly other: readonly string[];
}

/** A library that the provider needs, and what was found of it. */
export interface LibraryFinding {
  readonly name: string;
  /** Absent: nowhere. */
  readonly path?: string;
  /** False: the loader has to be told of its folder. */
  readonly onLoaderPath: boolean;
  /** Only this was found, and it is no library for this machine. */
  readonly unusable?: string;
  /** Packages that bring it. */
  readonly get: { readonly apt?: string; readonly pip?: string; readonly other?: string };
}

/** Where a library comes from, for the CUDA of that major version. */
const sources: readonly {
  readonly stem: string;
  readonly apt: string;
  readonly pip12: string;
  readonly pip13: string;
}[] = [
  { stem: 'libcublasLt', apt: 'libcublas', pip12: 'nvidia-cublas-cu12', pip13: 'nvidia-cublas' },
  { stem: 'libcublas', apt: 'libcublas', pip12: 'nvidia-cublas-cu12', pip13: 'nvidia-cublas' },
  { stem: 'libcudart', apt: 'cuda-cudart', pip12: 'nvidia-cuda-runtime-cu12', pip13: 'nvidia-cuda-runtime' },
  { stem: 'libcurand', apt: 'libcurand', pip12: 'nvidia-curand-cu12', pip13: 'nvidia-curand' },
  { stem: 'libcufft', apt: 'libcufft', pip12: 'nvidia-cufft-cu12', pip13: 'nvidia-cufft' },
  { stem: 'libcudnn', apt: 'libcudnn9-cuda', pip12: 'nvidia-cudnn-cu12', pip13: 'nvidia-cudnn-cu13' },
  { stem: 'libnvrtc', apt: 'cuda-nvrtc', pip12: 'nvidia-cuda-nvrtc-cu12', pip13: 'nvidia-cuda-nvrtc' },
];

function howToGet(name: string, cuda: number): LibraryFinding['get'] {
  const stem = name.split('.so')[0];
  if (stem === 'libcuda') return { other: 'the NVIDIA driver' };
  const source = sources.find((one) => one.stem === stem);
  if (source === undefined) return { other: `CUDA ${cuda}` };
  // cuDNN's package is named by CUDA's major version, CUDA's own by major and minor.
  const suffix = stem === 'libcudnn' ? String(cuda) : `${cuda}-${cuda === 12 ? 9 : 0}`;
  return { apt: `${source.apt}-${suffix}`, pip: cuda === 12 ? source.pip12 : source.pip13 };
}

/**
 * The libraries of NVIDIA that a provider needs: those that it names, and cuDNN and cuFFT, which builds from CUDA 13 on
 * load by name at their first use (libcudnn.so.9; cuFFT's number is one below CUDA's).
 */
export function neededLibraries(named: readonly string[]): { cuda: number | undefined; names: string[] } {
  const own = named.filter((name) => /^lib(?:cu|nv)/.test(name));
  const [, major] = own.map((name) => /^lib(?:cudart|cublas)\.so\.(\d+)$/.exec(name)).find(Boolean) ?? [];
  const cuda = major === undefined ? undefined : Number(major);
  const lazy = cuda === undefined ? [] : ['libcudnn.so.9', `libcufft.so.${cuda - 1}`];
  const has = (name: string): boolean => own.some((one) => one.split('.so')[0] === name.split('.so')[0]);
  return { cuda, names: [...own, ...lazy.filter((name) => !has(name))].sort() };
}

async function loaderCache(): Promise<string[]> {
  const run = promisify(execFile);
  for (const tool of ['/sbin/ldconfig', 'ldconfig']) {
    const listed = await run(tool, ['-p'], { maxBuffer: 2 ** 24 }).catch(() => undefined);
    if (listed === undefined) continue;
    return [...listed.stdout.matchAll(/=> (\/.+)$/gm)].map(([, path]) => dirname(path));
  }
  return [];
}

/** Folders `<base>/<one of its folders>/<rest>` that are there. */
async function below(base: string, pattern: RegExp, rest: string): Promise<string[]> {
  const names = await readdir(base).catch((): string[] => []);
  // The newest first.
  const sorted = names
    .filter((name) => pattern.test(name))
    .sort()
    .reverse();
  return sorted.map((name) => join(base, name, rest));
}

/** Where `pip install --target` puts CUDA's libraries for HetCut. */
export function cudaFolder(home: string): string {
  return join(home, 'gpu', 'cuda');
}

export async function libraryFolders(home: string, environment: NodeJS.ProcessEnv): Promise<LibraryFolders> {
  const split = (text: string | undefined): string[] => (text ?? '').split(':').filter((part) => part !== '');
  const usual = [
    '/lib/x86_64-linux-gnu',
    '/usr/lib/x86_64-linux-gnu',
    '/lib64',
    '/usr/lib64',
    '/lib',
    '/usr/lib',
  ];
  const named = [environment['CUDA_HOME'], environment['CUDA_PATH']].flatMap((folder) =>
    folder ? [join(folder, 'lib64')] : [],
  );
  return {
    loader: [...new Set([...split(environment['LD_LIBRARY_PATH']), ...(await loaderCache()), ...usual])],
    other: [
      ...(await below(join(cudaFolder(home), 'nvidia'), /^/, 'lib')),
      ...named,
      ...(await below('/usr/local', /^cuda/, 'lib64')),
      '/opt/cuda/lib64',
      // The driver's in the Windows Subsystem for Linux.
      '/usr/lib/wsl/lib',
    ],
  };
}

/** Looks for one library; the first that is one for this machine is taken. */
export async function findLibrary(
  name: string,
  cuda: number,
  { loader, other }: LibraryFolders,
): Promise<LibraryFinding> {
  const get = howToGet(name, cuda);
  let unusable: string | undefined;
  for (const folder of [...loader, ...other]) {
    const path = join(folder, name);
    const isFile = await stat(path).then(
      (entry) => entry.isFile(),
      () => false,
    );
    if (!isFile) continue;
    const elf = await readElf(path);
    if (elf?.is64Bit === true && elf.machine === x86_64) {
      return { name, path, onLoaderPath: loader.includes(folder), get };
    }
    // Of another word size the loader passes over a library; a damaged one it stops at.
    unusable ??= path;
  }
  return { name, onLoaderPath: false, get, ...(unusable === undefined ? {} : { unusable }) };
}
