import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockCheckpoint, lockHome } from './process-lock.ts';

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

it('lets one of many in that find the lock of a process that is gone', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'close');
  for (let round = 0; round < 40; round++) {
    await writeFile(join(home, 'queue.lock'), String(child.pid));
    const tries = await Promise.allSettled(Array.from({ length: 6 }, () => lockHome(home)));
    const entered = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(entered).toHaveLength(1);
    for (const one of tries) {
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'home-in-use' });
    }
    await entered[0]();
    expect(await readdir(home)).toEqual([]);
  }
});

it('says that a home cannot be written to', async () => {
  await writeFile(join(home, 'file'), '');
  await expect(lockHome(join(home, 'file', 'home'))).rejects.toMatchObject({ code: 'home-unwritable' });
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

it('lets one process work on a checkpoint, and names it to another, which waits a moment', async () => {
  const { signal } = new AbortController();
  const folder = join(home, 'work', 'key');
  const unlock = await lockCheckpoint(folder, signal);
  await expect(lockCheckpoint(folder, signal, 150)).rejects.toMatchObject({
    code: 'job-running',
    message: expect.stringContaining(String(process.pid)) as string,
    hint: expect.stringContaining(`${folder}.lock`) as string,
  });
  const next = lockCheckpoint(folder, signal);
  await unlock();
  await (
    await next
  )();
  expect(await readdir(join(home, 'work'))).toEqual([]);
});

it('gives up waiting for a checkpoint when its job is cancelled', async () => {
  const abort = new AbortController();
  const unlock = await lockCheckpoint(join(home, 'key'), abort.signal);
  const waiting = lockCheckpoint(join(home, 'key'), abort.signal);
  abort.abort();
  await expect(waiting).rejects.toThrow('aborted');
  await unlock();
});
