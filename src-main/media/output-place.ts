import { open, readdir, realpath, rm, stat, statfs } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import { isDeviceName } from '../../src-shared/core/names/index.ts';
import type { ClipInfo, EncodeSettings } from '../engine/frames.ts';

/** Low guesses of bytes per pixel and frame: less space than this is surely too little. */
const leastBytesPerPixel: Readonly<Record<EncodeSettings['quality'], number>> = {
  'visually-lossless': 0.01,
  lossless: 0.2,
};
/** Flat grey compresses to next to nothing. */
const leastBytesPerGreyPixel = 0.0002;

let partialCount = 0;

/** `.NAME.partial-PID-N.EXT` next to `path`: hidden, on the same disk, and of the same kind. */
export function partialPathOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.partial-${process.pid}-${++partialCount}${extname(path)}`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, under another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Removes what killed processes left next to `path`. */
export async function removeStalePartials(path: string): Promise<void> {
  const prefix = `.${basename(path)}.partial-`;
  const names = await readdir(dirname(path)).catch(() => []);
  for (const name of names) {
    const pid = name.startsWith(prefix) ? /^(\d+)-\d+(\.|$)/.exec(name.slice(prefix.length)) : null;
    if (pid !== null && !isAlive(Number(pid[1]))) {
      await rm(join(dirname(path), name), { recursive: true, force: true });
    }
  }
}

/** What ffmpeg says when it cannot write, and the error code that stands for it. */
const writeFailures: readonly (readonly [RegExp, string])[] = [
  [/No space left on device|Disk quota exceeded/, 'ENOSPC'],
  [/File too large/, 'EFBIG'],
  [/Permission denied/, 'EACCES'],
  [/Read-only file system/, 'EROFS'],
];

/** The code of the failure to write that a line of ffmpeg's log speaks of, as `writeError` takes it. */
export function writeFailureIn(line: string): string | undefined {
  return writeFailures.find(([pattern]) => pattern.test(line))?.[1];
}

/** Turns a failure to write at `path` into words. */
export function writeError(path: string, code: string, cause?: unknown): HetcutError {
  const folder = dirname(path);
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(folder, cause);
  if (code === 'EFBIG') return diskFull(folder, cause, 'takes no larger file');
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'the folder does not exist',
    ENOTDIR: 'a part of its path is a file, not a folder',
    EACCES: 'the folder may not be written to',
    EPERM: 'the folder may not be written to',
    EROFS: 'the disk is read-only',
    ENAMETOOLONG: 'its name is too long',
  };
  return new HetcutError('output-folder', `${path} cannot be written: ${reasons[code] ?? code}.`, {
    hint: 'Choose another place for the output.',
    exitCode: 2,
    cause,
  });
}

function diskFull(folder: string, cause?: unknown, state = 'is full'): HetcutError {
  return new HetcutError('disk-full', `The disk of ${folder} ${state}.`, {
    hint: 'Free some space or choose another disk, then try again: finished work is kept.',
    cause,
  });
}

/** Errors: output-is-input, output-is-folder. */
export async function checkNotInput(path: string, clip: ClipInfo): Promise<void> {
  const [output, input] = await Promise.all([
    stat(path).catch(() => undefined),
    stat(clip.path).catch(() => undefined),
  ]);
  if (output?.isDirectory()) {
    throw usageError(
      'output-is-folder',
      `The output ${path} is a folder.`,
      'Name a file, for instance out.mp4 in it.',
    );
  }
  const same =
    output !== undefined && output.ino !== 0 && output.ino === input?.ino && output.dev === input.dev
      ? true
      : (await realpath(path).catch(() => path)) === (await realpath(clip.path).catch(() => clip.path));
  if (same) {
    throw usageError(
      'output-is-input',
      `The output ${path} is the clip itself.`,
      'Choose another name for the output.',
    );
  }
}

/** Checks by trial that a file can be made next to `path`. Errors: output-name, output-folder, disk-full. */
export async function checkWritable(path: string): Promise<void> {
  // Also where they would work: the file would be lost on the way to another system.
  if (isDeviceName(basename(path))) {
    throw usageError(
      'output-name',
      `${basename(path)} is a device of Windows.`,
      'Choose another name for the output.',
    );
  }
  const trial = partialPathOf(path);
  try {
    await (await open(trial, 'wx')).close();
  } catch (error) {
    throw writeError(path, (error as NodeJS.ErrnoException).code ?? String(error), error);
  } finally {
    await rm(trial, { force: true }).catch(() => undefined);
  }
}

/** A folder of pictures takes the place of nothing, or of an empty folder. Errors: output-is-file, output-folder-not-empty. */
async function checkFolder(path: string): Promise<void> {
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code !== 'ENOTDIR') throw writeError(path, error.code ?? error.message, error);
    throw usageError(
      'output-is-file',
      `The output ${path} is a file.`,
      'Name a new folder for the pictures.',
    );
  });
  if (names.length === 0) return;
  throw usageError(
    'output-folder-not-empty',
    `The folder ${path} is not empty.`,
    'Name a new folder, so that no older pictures are mixed with the new ones.',
  );
}

/** Bytes that this user may still write to the disk of `folder`. */
async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/**
 * Checks that `path` can be written and that the disk has room for a clip of this length; `freeBytes` says how much.
 * Errors: output-is-input, output-is-folder, output-is-file, output-folder-not-empty, output-folder, disk-full, which names
 * how many frames there would be room for.
 */
export async function checkPlace(
  path: string,
  clip: ClipInfo,
  settings: EncodeSettings,
  freeBytes = freeBytesOf,
): Promise<void> {
  await (settings.format === 'png' ? checkFolder(path) : checkNotInput(path, clip));
  await checkWritable(path);
  const folder = dirname(path);
  const perPixel = settings.grey === true ? leastBytesPerGreyPixel : leastBytesPerPixel[settings.quality];
  const perFrame = clip.width * clip.height * perPixel;
  const frames = clip.ptsSec.length;
  const free = await freeBytes(folder);
  if (free >= frames * perFrame) return;
  const inMb = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
  throw new HetcutError(
    'disk-full',
    `The disk of ${folder} has ${inMb(free)} MB free; ${frames} frames of ${clip.width}×${clip.height} take ` +
      `${inMb(frames * perFrame)} MB at least.`,
    {
      hint: `Free some space or choose another disk; there would be room for ${Math.floor(free / perFrame)} frames at most.`,
    },
  );
}
