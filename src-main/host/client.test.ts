import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { fork } from 'node:child_process';
import { forkHost } from './client.ts';

vi.mock('node:child_process', async (original) => {
  const actual = await original<typeof import('node:child_process')>();
  return { ...actual, fork: vi.fn(actual.fork) };
});

it.runIf(process.platform === 'linux')('starts a host whose memory goes back to the system', async () => {
  const host = forkHost('job');
  const ended = new Promise((settle) => host.onEnd(settle));
  const child = vi.mocked(fork).mock.results[0].value as ReturnType<typeof fork>;
  try {
    // A process shows its parent's environment until it has become another program.
    const environment = (): string[] => readFileSync(`/proc/${child.pid}/environ`, 'utf8').split('\0');
    await expect.poll(environment).toContain('MALLOC_MMAP_THRESHOLD_=4194304');
    expect(environment()).toContain('MALLOC_TRIM_THRESHOLD_=4194304');
  } finally {
    host.kill();
    await ended;
  }
});
