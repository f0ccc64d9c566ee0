import { createHash, type Hash } from 'node:crypto';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cancelledError, HetcutError } from '../../src-shared/core/errors/index.ts';
import { availableBytes, requireDiskSpace, toUserError } from './disk.ts';
import { failureOf, statusFailure } from './download-errors.ts';
import { readPartState, writePartState, type PartState } from './download-state.ts';
import { hashOf } from './hash-file.ts';
import { openHttp, type HttpAnswer } from './http-request.ts';
import { describeAnswer, type Statement } from './server-statement.ts';

export interface DownloadRequest {
  readonly url: string;
  /** Where the file will be; its folder is made. */
  readonly target: string;
  /** Hexadecimal, where it is known from elsewhere than the server. */
  readonly sha256?: string;
  /** Size in bytes, where it is known from elsewhere. */
  readonly bytes?: number;
}

export interface DownloadOptions {
  /** Bytes that are there, and how many there will be (undefined: the server does not say). */
  readonly onBytes?: (done: number, total: number | undefined) => void;
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte after which the connection is given up; default: 30 s. */
  readonly stallMs?: number;
  /** Milliseconds before each further try that follows one without progress; as many tries as it has entries. */
  readonly pausesMs?: readonly number[];
  readonly environment?: NodeJS.ProcessEnv;
  /** Bytes that may still be written under a folder; default: what the file system says. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** What the bytes were compared with. */
export type Verification = 'sha256' | 'server-sha256' | 'length' | 'nothing';

export interface Downloaded {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly verified: Verification;
}

const defaultPausesMs = [1000, 2000, 5000, 10_000, 20_000];
/** A try that brings less is one without progress. */
const progressBytes = 2 ** 20;

const diskHint = 'Free some space, or set HETCUT_HOME to a folder with room that you may write to.';

/** So often a file that became another is begun anew. */
const mostChanges = 2;

/** The file in the making: its bytes so far, and the hash over them. */
interface Partial {
  readonly handle: FileHandle;
  bytes: number;
  hash: Hash;
  /** Bytes of an earlier connection are in it. */
  resumed: boolean;
  /** What the server states of the file of which it is a part. */
  statement: Statement;
}

async function startAgain(partial: Partial): Promise<void> {
  await partial.handle.truncate(0);
  partial.bytes = 0;
  partial.hash = createHash('sha256');
  partial.resumed = false;
  partial.statement = {};
}

/** Opens `path` with what an earlier run left in it, where that is of the same file. */
async function openPartial(
  path: string,
  state: PartState | undefined,
  signal?: AbortSignal,
): Promise<Partial> {
  const size =
    state === undefined
      ? 0
      : await stat(path)
          .then((entry) => entry.size)
          .catch(() => 0);
  const handle = await open(path, size > 0 ? 'r+' : 'w');
  try {
    const hash = size > 0 ? await hashOf(path, { signal }) : createHash('sha256');
    return { handle, bytes: size, hash, resumed: size > 0, statement: size > 0 ? (state ?? {}) : {} };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Copies an answer's body behind what is there. Rejects where it ends before the length that it was sent with. */
async function append(partial: Partial, answer: HttpAnswer, onBytes: (done: number) => void): Promise<void> {
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    let written = 0;
    while (written < chunk.length) {
      const rest = chunk.length - written;
      written += (await partial.handle.write(chunk, written, rest, partial.bytes + written)).bytesWritten;
    }
    partial.hash.update(chunk);
    partial.bytes += chunk.length;
    onBytes(partial.bytes);
  }
  if (!answer.body.complete) throw new Error('the connection ended amid the file');
}

/**
 * Downloads a file so that it is at `target` whole and checked, or not at all. What was received stays beside it
 * (`.part`) and is continued, by range, as long as the server has the same file; a file that changes meanwhile is fetched
 * anew. Compared with `sha256` where it is given, else with what the server states.
 * Throws HetcutError: download-failed, -missing, -refused, -changed, -damaged, -length, -address, -redirect, disk-full.
 */
export async function downloadFile(
  request: DownloadRequest,
  options: DownloadOptions = {},
): Promise<Downloaded> {
  const part = `${request.target}.part`;
  await mkdir(dirname(part), { recursive: true }).catch((error: unknown) => {
    throw toUserError(error, dirname(part), diskHint);
  });
  const known = await readPartState(part, request);
  let partial: Partial | undefined;
  try {
    partial = await openPartial(part, known, options.signal);
    await fetchAll(request, partial, options);
    await partial.handle.sync();
    await partial.handle.close();
    const { bytes, statement } = partial;
    const sha256 = partial.hash.digest('hex');
    partial = undefined;
    await rename(part, request.target);
    await rm(`${part}.json`, { force: true });
    return { path: request.target, bytes, sha256, verified: verificationOf(request, statement) };
  } catch (error) {
    if (options.signal?.aborted === true) throw cancelledError();
    if (error instanceof HetcutError && error.details['discard'] === true) {
      await rm(part, { force: true });
      await rm(`${part}.json`, { force: true });
    }
    throw toUserError(error, part, diskHint);
  } finally {
    await partial?.handle.close();
  }
}

function verificationOf({ sha256, bytes }: DownloadRequest, statement: Statement): Verification {
  if (sha256 !== undefined) return 'sha256';
  if (statement.sha256 !== undefined) return 'server-sha256';
  return bytes === undefined && statement.total === undefined ? 'nothing' : 'length';
}

/** Asks until the file is there and right. */
async function fetchAll(request: DownloadRequest, partial: Partial, options: DownloadOptions): Promise<void> {
  const pauses = options.pausesMs ?? defaultPausesMs;
  let idle = 0;
  let changes = 0;
  for (;;) {
    const before = partial.bytes;
    try {
      await fetchRest(request, partial, options);
      const problem = problemWith(request, partial);
      if (problem === undefined) return;
      // Pieces of two versions may have been put together: the whole from one connection tells.
      if (!partial.resumed || ++changes > mostChanges) throw problem;
      await startAgain(partial);
    } catch (error) {
      if (options.signal?.aborted === true) throw cancelledError();
      if (error instanceof FileChanged) {
        if (++changes > mostChanges) throw failureOf('changed', request.url);
        await startAgain(partial);
        continue;
      }
      if (error instanceof HetcutError || isSystemError(error)) throw error;
      idle = partial.bytes - before >= progressBytes ? 0 : idle + 1;
      if (idle > pauses.length) throw failureOf('failed', request.url, error);
      partial.resumed = partial.bytes > 0;
      await pause(pauses[Math.max(0, idle - 1)] ?? 0, undefined, {
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
    }
  }
}

/** The file at the address is not the one whose beginning is here. */
class FileChanged extends Error {}

/** Of the disk, not of the network: trying again does not help. */
function isSystemError(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return ['ENOSPC', 'EDQUOT', 'EFBIG', 'EACCES', 'EPERM', 'EROFS', 'EIO'].includes(code ?? '');
}

function problemWith(request: DownloadRequest, partial: Partial): HetcutError | undefined {
  const { statement } = partial;
  const wanted = request.bytes ?? statement.linkedBytes ?? statement.total;
  if (wanted !== undefined && wanted !== partial.bytes) {
    return failureOf('length', request.url, `${partial.bytes} bytes came, not ${wanted}`);
  }
  const expected = request.sha256 ?? statement.sha256;
  const found = partial.hash.copy().digest('hex');
  if (expected === undefined || expected === found) return undefined;
  return failureOf('damaged', request.url, `SHA-256 ${found}, not ${expected}`);
}

/** One connection: the file from where it stands to its end. */
async function fetchRest(
  request: DownloadRequest,
  partial: Partial,
  options: DownloadOptions,
): Promise<void> {
  const { url, target } = request;
  const { stallMs = 30_000, environment = process.env, signal } = options;
  // Without a sign that it is still the same file, a part is only worth continuing where a checksum will tell.
  const mayContinue = partial.statement.validator !== undefined || request.sha256 !== undefined;
  if (partial.bytes > 0 && !mayContinue) await startAgain(partial);
  const known = partial.statement;
  const from = partial.bytes;
  const answer = await openHttp(url, {
    environment,
    stallMs,
    ...(signal === undefined ? {} : { signal }),
    headers: {
      ...(from > 0 ? { range: `bytes=${from}-` } : {}),
      ...(from > 0 && known.validator !== undefined ? { 'if-range': known.validator } : {}),
    },
  });
  try {
    const stated = describeAnswer(answer);
    if (answer.status === 416) {
      // Nothing follows; whether the file is whole is seen by its length and checksum.
      if (stated.total === from && (known.total ?? from) === from) return;
      throw new FileChanged();
    }
    if (answer.status !== 200 && answer.status !== 206) throw statusFailure(url, answer.status);
    if (answer.status === 206) {
      if (stated.from !== from) throw new FileChanged();
      if (known.total !== undefined && stated.total !== known.total) throw new FileChanged();
      const { validator } = stated;
      if (known.validator !== undefined && validator !== undefined && validator !== known.validator) {
        throw new FileChanged();
      }
    } else if (from > 0) {
      await startAgain(partial);
    }
    const total = request.bytes ?? stated.total;
    if (request.bytes !== undefined && stated.total !== undefined && stated.total !== request.bytes) {
      throw failureOf('length', url, `the server states ${stated.total} bytes, not ${request.bytes}`);
    }
    if (total !== undefined) {
      const free = options.freeBytes ?? availableBytes;
      await requireDiskSpace(dirname(target), total - partial.bytes, free, diskHint);
    }
    partial.statement = stated;
    await writePartState(`${target}.part`, request, stated);
    await append(partial, answer, (done) => options.onBytes?.(done, total));
  } finally {
    answer.body.destroy();
  }
}
