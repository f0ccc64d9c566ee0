import { execFile } from 'node:child_process';
import { access, chmod, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';

export type Tool = 'ffmpeg' | 'ffprobe';

export interface Binary {
  readonly path: string;
  readonly source: 'environment' | 'system' | 'package' | 'npm';
  /** As the program states it: "5.1.9-0+deb12u1", or "N-47683-g0e8eb07980-static" for a build between releases. */
  readonly version: string;
  /** Major and minor version of its libavutil, the one number that orders release and snapshot builds alike. */
  readonly avutil: readonly [number, number];
}

/** A binary that was found and not taken, and why. */
export interface SkippedBinary {
  readonly tool: Tool;
  readonly path: string;
  readonly reason: string;
}

export interface Binaries {
  readonly ffmpeg: Binary;
  readonly ffprobe: Binary;
  readonly skipped: readonly SkippedBinary[];
}

/** libavutil 57 came with ffmpeg 5.0. */
const oldestSystemAvutil = 57;
const neededEncoders = ['libx264', 'ffv1', 'png'];
const run = promisify(execFile);

/** True from ffmpeg 5.1 on: `-fps_mode`, which replaces `-vsync`. */
export const hasFpsMode = ({ avutil: [major, minor] }: Binary): boolean =>
  major > 57 || (major === 57 && minor >= 28);

/** True from ffmpeg 5.0 on: `-movie_timescale` of the MP4 muxer. */
export const hasMovieTimescale = ({ avutil: [major] }: Binary): boolean => major >= oldestSystemAvutil;

/** What a binary says of itself. */
interface Inspected {
  readonly version: string;
  readonly avutil: Binary['avutil'];
  /** Names of the encoders that it was built with; whether they work here is another matter. None of an ffprobe. */
  readonly encoders: ReadonlySet<string>;
}

/** By tool, path, size and time: a distribution's ffmpeg loads two hundred libraries to say who it is. */
const inspected = new Map<string, Promise<Inspected>>();

/** Asks a binary once for its version and encoders. Throws with the reason where it does not run or is something else. */
async function inspect(tool: Tool, path: string): Promise<Inspected> {
  const { mtimeMs, size } = await stat(path);
  const key = [tool, path, mtimeMs, size].join();
  const answer = inspected.get(key) ?? ask(tool, path);
  inspected.set(key, answer);
  answer.catch(() => inspected.delete(key));
  return answer;
}

async function ask(tool: Tool, path: string): Promise<Inspected> {
  // In front of the list it says which version it is.
  const question = tool === 'ffmpeg' ? '-encoders' : '-version';
  const { stdout, stderr } = await run(path, [question], { timeout: 20_000, windowsHide: true });
  const said = `${stderr}\n${stdout}`;
  const version = new RegExp(`^${tool} version (\\S+)`, 'm').exec(said)?.[1];
  const avutil = /^\s*libavutil\s+(\d+)\.\s*(\d+)\./m.exec(said);
  if (version === undefined || avutil === null) throw new Error(`it is not ${tool}`);
  const encoders = new Set(stdout.split('\n').map((line) => line.trim().split(/\s+/)[1]));
  return { version, avutil: [Number(avutil[1]), Number(avutil[2])], encoders };
}

async function describe(tool: Tool, path: string, source: Binary['source']): Promise<Binary> {
  const { version, avutil } = await inspect(tool, path);
  return { path, source, version, avutil };
}

/** Names of the encoders that an ffmpeg was built with; whether they work here is another matter. */
export const listEncoders = async (path: string): Promise<ReadonlySet<string>> =>
  (await inspect('ffmpeg', path)).encoders;

async function missingEncoders(path: string): Promise<string[]> {
  const names = await listEncoders(path);
  return neededEncoders.filter((name) => !names.has(name));
}

async function searchPath(tool: Tool, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const name = process.platform === 'win32' ? `${tool}.exe` : tool;
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter(isAbsolute)) {
    const path = join(folder, name);
    const found = await stat(path).then(
      (entry) => entry.isFile(),
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}

/** npm may unpack without the executable bit, and one of the packages grants it to the owner only. */
export async function makeExecutable(path: string): Promise<void> {
  await access(path, constants.X_OK).catch(() => chmod(path, 0o755));
}

/** The path inside the npm package for this platform. The packages throw where they have none. */
async function npmBinary(tool: Tool): Promise<string> {
  const { path } =
    tool === 'ffmpeg'
      ? (await import('@ffmpeg-installer/ffmpeg')).default
      : (await import('@ffprobe-installer/ffprobe')).default;
  // In a package of the desktop program it is next to the archive, from which nothing can be run.
  const real = path.replace(/([\\/]app\.asar)(?=[\\/])/, '$1.unpacked');
  await makeExecutable(real);
  return real;
}

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).trim().split('\n')[0];

/** Where a package of the program has those that it carries: see `src-main/app/package-ffmpeg.mjs`. */
const carriedFolder = fileURLToPath(new URL('../../ffmpeg', import.meta.url));

async function carriedBinary(tool: Tool, folder: string): Promise<Binary | undefined> {
  const path = join(folder, process.platform === 'win32' ? `${tool}.exe` : tool);
  const isThere = await stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
  return isThere ? describe(tool, path, 'package') : undefined;
}

async function findBinary(
  tool: Tool,
  env: NodeJS.ProcessEnv,
  skipped: SkippedBinary[],
  carried = carriedFolder,
): Promise<Binary> {
  const variable = `${tool.toUpperCase()}_PATH`;
  const chosen = env[variable];
  if (chosen !== undefined && chosen !== '') {
    return describe(tool, resolve(chosen), 'environment').catch((error: unknown) => {
      throw usageError(
        'binary-unusable',
        `${variable} names ${chosen}, which cannot be used: ${reasonOf(error)}.`,
        `Set ${variable} to the full path of ${tool}, or unset it.`,
      );
    });
  }
  const system = await searchPath(tool, env);
  if (system !== undefined) {
    const reason = await describe(tool, system, 'system').then(
      async (binary) => {
        if (binary.avutil[0] < oldestSystemAvutil) return `version ${binary.version} is older than 5.0`;
        const missing = tool === 'ffmpeg' ? await missingEncoders(system) : [];
        return missing.length === 0 ? binary : `it lacks the encoders ${missing.join(', ')}`;
      },
      (error: unknown) => reasonOf(error),
    );
    if (typeof reason !== 'string') return reason;
    skipped.push({ tool, path: system, reason });
  }
  try {
    return (await carriedBinary(tool, carried)) ?? (await describe(tool, await npmBinary(tool), 'npm'));
  } catch (error) {
    throw new HetcutError('binary-missing', `No usable ${tool} was found: ${reasonOf(error)}.`, {
      hint: `Install ffmpeg 5 or newer, or set ${variable} to its full path.`,
      details: { skipped },
      cause: error,
    });
  }
}

/**
 * Chooses ffmpeg and ffprobe: `FFMPEG_PATH` / `FFPROBE_PATH`, then the system's (5.0 or newer, with the encoders
 * needed), then those that a package of the program carries, then the ones of npm packages. A variable that names
 * something unusable is an error. `carried`: the folder of the package's.
 */
export async function findBinaries(
  env: NodeJS.ProcessEnv = process.env,
  carried?: string,
): Promise<Binaries> {
  const skipped: [SkippedBinary[], SkippedBinary[]] = [[], []];
  const [ffmpeg, ffprobe] = await Promise.all([
    findBinary('ffmpeg', env, skipped[0], carried),
    findBinary('ffprobe', env, skipped[1], carried),
  ]);
  return { ffmpeg, ffprobe, skipped: skipped.flat() };
}

/** For `doctor`: what `findBinaries` would choose, and why it fails where it does. */
export interface BinaryReport {
  readonly ffmpeg?: Binary;
  readonly ffprobe?: Binary;
  readonly skipped: readonly SkippedBinary[];
  readonly problems: readonly string[];
}

export async function describeBinaries(env: NodeJS.ProcessEnv = process.env): Promise<BinaryReport> {
  const skipped: SkippedBinary[] = [];
  const problems: string[] = [];
  const find = (tool: Tool): Promise<Binary | undefined> =>
    findBinary(tool, env, skipped).catch((error: unknown) => {
      problems.push(reasonOf(error));
      return undefined;
    });
  const ffmpeg = await find('ffmpeg');
  const ffprobe = await find('ffprobe');
  return {
    ...(ffmpeg === undefined ? {} : { ffmpeg }),
    ...(ffprobe === undefined ? {} : { ffprobe }),
    skipped,
    problems,
  };
}
