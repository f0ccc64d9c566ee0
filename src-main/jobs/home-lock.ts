import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import { isProcessAlive } from '../storage/index.ts';
import { homeError } from './atomic-write.ts';

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
 * Makes this process the only one that runs the queue of a home, and returns how to give it up. The lock of a process
 * that is gone does not count. Throws `home-in-use`, `home-unwritable`.
 */
export async function lockHome(home: string): Promise<() => Promise<void>> {
  const path = join(home, 'queue.lock');
  try {
    await mkdir(home, { recursive: true });
  } catch (error) {
    throw homeError(path, error);
  }
  for (;;) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(String(process.pid)).finally(() => file.close());
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw homeError(path, error);
    }
    const pid = await readHolder(path);
    if (pid === undefined) continue;
    if (pid > 0 && isProcessAlive(pid)) {
      throw new HetcutError('home-in-use', `HetCut is already running with ${home} (process ${pid}).`, {
        hint: `Use its window, or end it. If it is gone, delete ${path}.`,
        exitCode: 2,
      });
    }
    await removeStale(path, pid);
  }
}
