import { cp, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { OnProgress } from '../engine/progress.ts';
import {
  availableBytes,
  downloadFile,
  hashFile,
  isProcessAlive,
  requireDiskSpace,
  toUserError,
  type DownloadOptions,
} from '../storage/index.ts';
import { installedName, type InstalledProvider } from './installed-provider.ts';
import { describeFeed, findInFeed, packageAt, requireSha512 } from './provider-feed.ts';
import { unpackProvider } from './provider-package.ts';
import { bundledRuntime, providerFolder, type BundledRuntime } from './runtime-place.ts';

export interface InstallRequest {
  readonly home: string;
  /** A wheel, NuGet package, release archive or folder that is here; absent: download. */
  readonly from?: string;
  /** Address of a NuGet feed's index, or of a package; absent: the feed that ONNX Runtime's own install step uses. */
  readonly source?: string;
  /** Hexadecimal SHA-256 that the package (not a folder) must have. */
  readonly sha256?: string;
  /** Of the system that it is for; absent: this one. */
  readonly platform?: string;
}

export interface InstallCallbacks extends Omit<DownloadOptions, 'onBytes'> {
  readonly onProgress?: OnProgress;
}

const megabyte = 2 ** 20;
const diskHint = 'Free some space, or set HETCUT_HOME to a folder with room that you may write to.';
/** What a provider's package and its libraries take at most, before they are known: 0.3 GB packed, 0.5 GB unpacked. */
const unpackedBytes = 600e6;

/** Throws `gpu-platform` where ONNX Runtime has no CUDA provider to be added. */
function requirePlatform(platform: string): void {
  if (platform === 'linux x64') return;
  const why = platform.startsWith('win32')
    ? 'On Windows ONNX Runtime comes with DirectML, which uses NVIDIA cards as well: nothing has to be installed'
    : 'There is a CUDA provider for Linux on x86-64 only';
  throw new HetcutError('gpu-platform', `${why} (this is ${platform}).`, {
    hint: '`hetcut doctor` says what is used on this machine.',
    exitCode: 2,
  });
}

/** Removes what ended installations left. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch((): string[] => [])) {
    const [, processId] = /^\.(?:installing|replaced)-(\d+)$/.exec(name) ?? [];
    if (
      processId !== undefined &&
      (Number(processId) === process.pid || !isProcessAlive(Number(processId)))
    ) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** The bundled runtime, copied: what it needs to run by itself, and where its provider will lie. */
async function copyRuntime(
  { folder, commonFolder, binaries }: BundledRuntime,
  target: string,
): Promise<string> {
  const binaryFolder = join(target, binaries);
  await mkdir(binaryFolder, { recursive: true });
  await cp(join(folder, 'package.json'), join(target, 'package.json'));
  await cp(join(folder, 'dist'), join(target, 'dist'), { recursive: true });
  // Not a provider that the install step of npm may have left there: it would not be checked.
  await cp(join(folder, binaries), binaryFolder, {
    recursive: true,
    filter: (path) => !basename(path).includes('_providers_'),
  });
  const common = join(target, 'node_modules', 'onnxruntime-common');
  await mkdir(common, { recursive: true });
  await cp(join(commonFolder, 'package.json'), join(common, 'package.json'));
  await cp(join(commonFolder, 'dist', 'cjs'), join(common, 'dist', 'cjs'), { recursive: true });
  return binaryFolder;
}

interface Package {
  readonly path: string;
  readonly label: string;
  readonly checksum?: string;
  /** It was downloaded for this installation only. */
  readonly isScratch: boolean;
}

async function fetchPackage(
  { home, source }: InstallRequest,
  { folder }: BundledRuntime,
  { onProgress, ...options }: InstallCallbacks,
): Promise<Package> {
  const downloads = join(home, 'downloads');
  const feed = describeFeed(folder);
  const isFile = source !== undefined && /\.(?:whl|nupkg|zip|tgz|tar\.gz)(?:[?#]|$)/i.test(source);
  const address = isFile
    ? packageAt(source)
    : await findInFeed({ ...feed, ...(source === undefined ? {} : { index: source }) }, downloads, options);
  const { url, fileName, bytes } = address;
  const path = join(downloads, fileName);
  const found = await downloadFile(
    { url, target: path, ...(bytes === undefined ? {} : { bytes }) },
    {
      ...options,
      onBytes: (done, total) =>
        onProgress?.({
          stage: 'download',
          step: Math.ceil(done / megabyte),
          steps: Math.ceil((total ?? done) / megabyte),
          unit: 'MB',
        }),
    },
  );
  await requireSha512(path, address).catch(async (error: unknown) => {
    await rm(path, { force: true });
    throw error;
  });
  const verified = address.sha512 !== undefined || found.verified === 'server-sha256';
  return { path, label: url, isScratch: true, ...(verified ? { checksum: 'server' } : {}) };
}

async function requireSha256(path: string, expected: string): Promise<void> {
  if ((await stat(path)).isDirectory()) {
    throw new HetcutError('checksum-of-folder', `${path} is a folder: --sha256 is of a package.`, {
      hint: 'Give the package itself, or leave --sha256 out.',
      exitCode: 2,
    });
  }
  const found = await hashFile(path);
  if (found === expected.toLowerCase()) return;
  throw new HetcutError('provider-damaged', `${path}: its SHA-256 is ${found}, not ${expected}.`, {
    hint: 'It is damaged or another file: copy or download it again.',
  });
}

/**
 * Adds the CUDA provider to a copy of the bundled ONNX Runtime under `home`, where the binding finds it: checked first,
 * then there as a whole or not at all. One that is there is replaced.
 * Throws HetcutError: gpu-platform, those of downloads and of `unpackProvider`, disk-full, folder-unwritable.
 */
export async function installProvider(
  request: InstallRequest,
  callbacks: InstallCallbacks = {},
): Promise<InstalledProvider> {
  const { home, from, sha256, platform = `${process.platform} ${process.arch}` } = request;
  requirePlatform(platform);
  const runtime = await bundledRuntime();
  const place = join(home, 'gpu');
  const staging = join(place, `.installing-${process.pid}`);
  try {
    await mkdir(place, { recursive: true });
    await sweep(place);
    await requireDiskSpace(place, unpackedBytes, callbacks.freeBytes ?? availableBytes, diskHint);
    const source: Package =
      from === undefined
        ? await fetchPackage(request, runtime, callbacks)
        : { path: resolve(from), label: resolve(from), isScratch: false };
    if (sha256 !== undefined) await requireSha256(source.path, sha256);
    const binaries = await copyRuntime(runtime, staging);
    const unpacked = await unpackProvider(source.path, binaries, runtime.version, callbacks.signal);
    const checksum =
      sha256 !== undefined ? 'given' : unpacked.checksum === 'none' ? source.checksum : unpacked.checksum;
    const installed: InstalledProvider = {
      version: runtime.version,
      cuda: unpacked.cuda,
      source: source.label,
      checksum: checksum ?? 'none',
      files: [...unpacked.files],
    };
    await writeFile(join(staging, installedName), `${JSON.stringify(installed, null, 2)}\n`);
    const target = providerFolder(home);
    const retired = join(place, `.replaced-${process.pid}`);
    await rename(target, retired).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rename(staging, target);
    await rm(retired, { recursive: true, force: true });
    if (source.isScratch) await rm(source.path, { force: true });
    return installed;
  } catch (error) {
    throw toUserError(error, place, diskHint);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Removes the provider. @returns whether there was one */
export async function removeProvider(home: string): Promise<boolean> {
  const target = providerFolder(home);
  const place = join(home, 'gpu');
  const retired = join(place, `.replaced-${process.pid}`);
  await sweep(place);
  const there = await rename(target, retired).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw toUserError(error, target, diskHint);
    },
  );
  await rm(retired, { recursive: true, force: true });
  return there;
}
