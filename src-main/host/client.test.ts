import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { forkHost } from './client.ts';

/** What the newest process below this one was started with. */
function environmentOfChild(): string[] {
  const children = readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').map(Number),
  );
  return readFileSync(`/proc/${Math.max(...children)}/environ`, 'utf8').split('\0');
}

it.runIf(process.platform === 'linux')('starts a host whose memory goes back to the system', async () => {
  const host = forkHost('job');
  const ended = new Promise((settle) => host.onEnd(settle));
  try {
    // A process shows its parent's environment until it has become another program.
    await expect.poll(environmentOfChild).toContain('MALLOC_MMAP_THRESHOLD_=4194304');
    expect(environmentOfChild()).toContain('MALLOC_TRIM_THRESHOLD_=4194304');
  } finally {
    host.kill();
    await ended;
  }
});
