import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { isProcessAlive } from '../storage/index.ts';
import { homeError } from './atomic-write.ts';

/** How often a lock that another process holds is looked at again. */
const pollMs = 100;
/** A lock is empty for as long as it takes its maker to write a number. */
const writingMs = 250;

/** The process that a lock names; 0 where it is damaged, undefined where it is gone. */
async function readHolder(path: string): Promise<number | undefined> {
  for (let waitedMs = 0; ; waitedMs += 25) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    if (text !== '' || waitedMs >= writingMs) return Number(text) > 0 ? Number(text) : 0;
    await pause(25);
  }
}

/**
 * Removes the lock of `holder`, which is gone. Two processes may have seen that at the same time, and the first of them
 * may already have made its own: that one is put back.
 */
async function removeStale(path: string, holder: number): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => undefined);
  const taken = await readHolder(aside);
  // Fails where a third has come in the meantime; then the second finds that one's.
  if (taken !== undefined && taken !== holder) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

/**
 * Makes this process the holder of the lock `path`, and returns how to give it up; or the number of the process that
 * holds it. The lock of a process that is gone does not count. Throws `home-unwritable`.
 */
async function takeLock(path: string): Promise<(() => Promise<void>) | number> {
  try {
    await mkdir(dirname(path), { recursive: true });
  } catch (error) {
    throw homeError(path, error);
  }
  const unlock = (): Promise<void> => rm(path, { force: true });
  for (;;) {
    const file = await open(path, 'wx').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw homeError(path, error);
    });
    if (file !== undefined) {
      try {
        await file.writeFile(String(process.pid)).finally(() => file.close());
        return unlock;
      } catch (error) {
        await unlock();
        throw homeError(path, error);
      }
    }
    const pid = await readHolder(path);
    if (pid === undefined) continue;
    if (pid > 0 && isProcessAlive(pid)) return pid;
    await removeStale(path, pid);
  }
}

/**
 * Makes this process the only one that runs the queue of a home, and returns how to give it up. Throws `home-in-use`,
 * `home-unwritable`.
 */
export async function lockHome(home: string): Promise<() => Promise<void>> {
  const path = join(home, 'queue.lock');
  const lock = await takeLock(path);
  if (typeof lock !== 'number') return lock;
  throw new HetcutError('home-in-use', `HetCut is already running with ${home} (process ${lock}).`, {
    hint: `Use its window, or end it. If it is gone, delete ${path}.`,
    exitCode: 2,
  });
}

/** An inference process whose program was killed ends by itself, after the network call that it is in. */
const endingMs = 20_000;

/**
 * Makes this process the only one that works on a checkpoint, and returns how to give it up: two that compute the same
 * job would remove each other's files. Waits for one that is ending. Throws `job-running`, `home-unwritable`, and what
 * `signal` says.
 *
 * @param folder The checkpoint's folder.
 */
export async function lockCheckpoint(
  folder: string,
  signal: AbortSignal,
  waitMs = endingMs,
): Promise<() => Promise<void>> {
  const path = `${folder}.lock`;
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    signal.throwIfAborted();
    const lock = await takeLock(path);
    if (typeof lock !== 'number') return lock;
    if (waitedMs >= waitMs) {
      throw new HetcutError('job-running', `Process ${lock} is computing this very job.`, {
        hint: `Wait until it has ended, or end it, and start this one again. If it is gone, delete ${path}.`,
        exitCode: 2,
      });
    }
    await pause(pollMs);
  }
}
