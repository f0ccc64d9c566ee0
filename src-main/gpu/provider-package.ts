import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cancelledError, HetcutError } from '../../src-shared/core/errors/index.ts';
import { readArchive, type ArchiveEntry } from './archive.ts';
import { neededLibraries } from './cuda-libraries.ts';
import { readElf, x86_64 } from './elf.ts';
import { providerNames } from './runtime-place.ts';

/** A provider's libraries as they were unpacked. */
export interface UnpackedProvider {
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
  /** Major version of the CUDA that it is built for. */
  readonly cuda: number;
  /** What the libraries were compared with: a checksum in the package or one that HetCut knows. */
  readonly checksum: 'package' | 'known' | 'none';
}

/**
 * SHA-256 of libonnxruntime_providers_cuda.so, by version of ONNX Runtime, of the builds that were looked at: those of
 * the Python package onnxruntime-gpu. Others are not known, and then a package's own checksums count.
 */
const knownBuilds: Readonly<Record<string, readonly string[]>> = {
  '1.30.0': ['35da2e7ed0dd0d1aec5cdb16ce11a51d06c0c48cf62d1b1c9332946a4fae14fc'],
};

/** Small files by which a package says what it is. */
const textLimit = 2 ** 20;

interface Contents {
  readonly libraries: Map<
    string,
    { readonly bytes: number; readonly sha256: string; readonly entry: string }
  >;
  /** Version that the package states. */
  version: string | undefined;
  /** SHA-256 by file in the package. */
  readonly checksums: Map<string, string>;
  /** Libraries of other systems. */
  readonly foreign: string[];
}

async function readText({ content }: ArchiveEntry): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of content) {
    parts.push(part);
    bytes += part.length;
    if (bytes > textLimit) throw new Error('a file by which it says what it is, is too large');
  }
  return Buffer.concat(parts).toString('utf8');
}

async function copyOut(
  { name, content }: ArchiveEntry,
  target: string,
  signal: AbortSignal | undefined,
): Promise<{ bytes: number; sha256: string; entry: string }> {
  const handle = await open(target, 'wx');
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const part of content) {
      if (signal?.aborted === true) throw cancelledError();
      hash.update(part);
      bytes += part.length;
      await handle.writeFile(part);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { bytes, sha256: hash.digest('hex'), entry: name };
}

/** A wheel's RECORD: `path,sha256=<base64url>,<bytes>` a line. */
function readRecord(text: string, checksums: Map<string, string>): void {
  for (const [, path, digest] of text.matchAll(/^(.+),sha256=([A-Za-z0-9_-]{43}),\d+\r?$/gm)) {
    checksums.set(path, Buffer.from(digest, 'base64url').toString('hex'));
  }
}

/** Version in the small files of wheels, of NuGet's packages, and of the archives of releases. */
async function readStatement(entry: ArchiveEntry, contents: Contents): Promise<void> {
  const name = basename(entry.name);
  const depth = entry.name.split('/').length;
  if (/\.dist-info\/METADATA$/.test(entry.name)) {
    contents.version ??= /^Version: *(\S+)/m.exec(await readText(entry))?.[1];
  } else if (/\.dist-info\/RECORD$/.test(entry.name)) readRecord(await readText(entry), contents.checksums);
  else if (depth === 1 && name.endsWith('.nuspec')) {
    contents.version ??= /<version>([^<]+)<\/version>/.exec(await readText(entry))?.[1];
  } else if (depth <= 2 && name === 'VERSION_NUMBER') contents.version ??= (await readText(entry)).trim();
  else contents.version ??= /^libonnxruntime\.so\.(\d+\.\d+\.\d+)$/.exec(name)?.[1];
}

async function unpack(path: string, folder: string, signal: AbortSignal | undefined): Promise<Contents> {
  const contents: Contents = {
    libraries: new Map(),
    version: undefined,
    checksums: new Map(),
    foreign: [],
  };
  for await (const entry of readArchive(path)) {
    if (signal?.aborted === true) throw cancelledError();
    const name = basename(entry.name);
    const wanted = providerNames.find((one) => one === name);
    if (wanted !== undefined && !contents.libraries.has(name)) {
      contents.libraries.set(name, await copyOut(entry, join(folder, name), signal));
    } else if (/onnxruntime.*\.(?:dll|dylib)$/.test(name)) contents.foreign.push(name);
    else await readStatement(entry, contents);
  }
  return contents;
}

/** Whether a library holds the text with zeros around it, as compilers store it. */
async function holdsText(path: string, text: string): Promise<boolean> {
  const wanted = Buffer.from(`\0${text}\0`, 'latin1');
  const handle = await open(path, 'r');
  try {
    let kept = Buffer.alloc(0);
    for await (const chunk of handle.createReadStream({ highWaterMark: 2 ** 22, autoClose: false })) {
      const part = Buffer.concat([kept, chunk as Buffer]);
      if (part.includes(wanted)) return true;
      kept = part.subarray(Math.max(0, part.length - wanted.length));
    }
    return false;
  } finally {
    await handle.close();
  }
}

function wrongVersion(path: string, found: string, version: string): HetcutError {
  return new HetcutError('provider-version', `${path}: ${found}, but this HetCut needs ${version}.`, {
    hint: `A provider works with the ONNX Runtime of its own version only. Get ${version}: pip download --no-deps onnxruntime-gpu==${version}, or \`hetcut gpu install\` with a connection.`,
  });
}

async function requirePlatform(path: string, folder: string, contents: Contents): Promise<number> {
  let cuda: number | undefined;
  for (const name of providerNames) {
    if (!contents.libraries.has(name)) {
      const foreign =
        contents.foreign.length > 0 ? `; it holds ${contents.foreign[0]}, which is for another system` : '';
      throw new HetcutError('provider-absent', `${path}: there is no ${name} in it${foreign}.`, {
        hint: 'Give the Linux x64 wheel of onnxruntime-gpu, the package Microsoft.ML.OnnxRuntime.Gpu.Linux, the release archive onnxruntime-linux-x64-gpu, or a folder with the libraries of one of them.',
      });
    }
    const elf = await readElf(join(folder, name));
    if (elf === undefined) {
      throw new HetcutError('provider-damaged', `${path}: ${name} is cut short or no library.`, {
        hint: 'Copy or download it again.',
      });
    }
    if (!elf.is64Bit || elf.machine !== x86_64) {
      const machine =
        elf.machine === 183 ? 'for ARM processors' : `for another processor (ELF machine ${elf.machine})`;
      throw new HetcutError('provider-platform', `${path}: ${name} is ${machine}, not for x86-64.`, {
        hint: 'Get the package for Linux on x86-64 (x64, amd64).',
      });
    }
    cuda ??= neededLibraries(elf.needed).cuda;
  }
  if (cuda === undefined) {
    throw new HetcutError(
      'provider-damaged',
      `${path}: ${providerNames[0]} names no CUDA library: it is no CUDA provider.`,
      {
        hint: 'Get the package again.',
      },
    );
  }
  return cuda;
}

/**
 * Unpacks a CUDA provider from a wheel, a NuGet package, a release archive or a folder into `folder`, and checks platform,
 * version and checksums. Throws HetcutError: provider-absent, -platform, -version, -damaged, package-unreadable.
 */
export async function unpackProvider(
  path: string,
  folder: string,
  version: string,
  signal?: AbortSignal,
): Promise<UnpackedProvider> {
  const contents = await unpack(path, folder, signal).catch((cause: unknown) => {
    if (cause instanceof HetcutError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    // The disk's own errors are not the package's.
    if (code !== undefined && ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS'].includes(code)) throw cause;
    const reason = code === 'ENOENT' ? 'there is no such file or folder' : message;
    throw new HetcutError('package-unreadable', `${path}: cannot be read (${reason}).`, {
      hint: 'Check the path; a package that is damaged has to be copied or downloaded again.',
      cause,
    });
  });
  const cuda = await requirePlatform(path, folder, contents);
  if (contents.version !== undefined && contents.version !== version) {
    throw wrongVersion(path, `it is of ONNX Runtime ${contents.version}`, version);
  }
  if (!(await holdsText(join(folder, providerNames[0]), version))) {
    throw wrongVersion(path, `its library does not say that it is of ONNX Runtime ${version}`, version);
  }
  const files = [...contents.libraries].map(([name, { bytes, sha256 }]) => ({ name, bytes, sha256 }));
  let checksum: UnpackedProvider['checksum'] = 'none';
  for (const [name, { sha256, entry }] of contents.libraries) {
    const stated = contents.checksums.get(entry);
    if (stated === undefined) continue;
    checksum = 'package';
    if (stated === sha256) continue;
    throw new HetcutError(
      'provider-damaged',
      `${path}: ${name} has the SHA-256 ${sha256}, not ${stated} as the package states.`,
      {
        hint: 'Copy or download the package again.',
      },
    );
  }
  const main = contents.libraries.get(providerNames[0])?.sha256 ?? '';
  if (knownBuilds[version]?.includes(main) === true) checksum = 'known';
  return { files, cuda, checksum };
}
