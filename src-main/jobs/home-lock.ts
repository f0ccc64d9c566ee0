import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HetcutError } from '../../src-shared/core/errors/index.ts';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, under another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Makes this process the only one that runs the queue of a home, and returns how to give it up. The lock of a process
 * that is gone does not count. Throws `home-in-use`.
 */
export async function lockHome(home: string): Promise<() => Promise<void>> {
  const path = join(home, 'queue.lock');
  await mkdir(home, { recursive: true });
  for (;;) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(String(process.pid)).finally(() => file.close());
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const pid = Number(await readFile(path, 'utf8').catch(() => ''));
    if (pid > 0 && isAlive(pid)) {
      throw new HetcutError('home-in-use', `HetCut runs already with ${home} (process ${pid}).`, {
        hint: `Use its window, or end it. If it is gone, delete ${path}.`,
        exitCode: 2,
      });
    }
    await rm(path, { force: true });
  }
}
