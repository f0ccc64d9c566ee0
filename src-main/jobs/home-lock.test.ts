import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockHome } from './home-lock.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hetcut-lock-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

it('lets one process in, and the next when it has left', async () => {
  const unlock = await lockHome(join(home, 'new'));
  await expect(lockHome(join(home, 'new'))).rejects.toMatchObject({ code: 'home-in-use' });
  await unlock();
  expect(await readdir(join(home, 'new'))).toEqual([]);
  await (
    await lockHome(join(home, 'new'))
  )();
});

it('does not count the lock of a process that is gone, nor a damaged one', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'close');
  for (const content of [String(child.pid), 'damaged', '']) {
    await writeFile(join(home, 'queue.lock'), content);
    await (
      await lockHome(home)
    )();
  }
});
