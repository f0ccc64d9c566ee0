import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { HostProcess, HostPurpose } from './message-loop.ts';

const entryPath = fileURLToPath(new URL('./entry.ts', import.meta.url));

/**
 * glibc learns to keep blocks of up to 32 MB when they are freed: a network of 1.3 billion parameters left half of its memory
 * behind when it was closed. From 4 MB on, where glibc would start at 128 KB, blocks go back to the system at once.
 * Electron's allocator gives them back by itself, and no other system's reads these.
 */
const allocator = {
  MALLOC_MMAP_THRESHOLD_: String(4 * 2 ** 20),
  MALLOC_TRIM_THRESHOLD_: String(4 * 2 ** 20),
};

/** Ends the host and the ffmpeg processes it started. */
function killTree(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  if (process.platform === 'win32') {
    // Windows has no process groups to signal; ffmpeg ends when its pipe closes.
    child.kill();
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

/** Starts the inference host in a Node of its own, from its sources. */
export function forkHost(purpose: HostPurpose): HostProcess {
  // A group of its own: Ctrl-C reaches the caller only, which then decides how the host ends.
  const child = fork(entryPath, [purpose], {
    env: { ...allocator, ...process.env },
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  let stderrTail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderrTail = (stderrTail + text).slice(-2000);
  });
  return {
    send(request) {
      if (child.connected) child.send(request);
    },
    onReply: (listener) => void child.on('message', listener),
    onError: (listener) => void child.on('error', listener),
    onEnd: (listener) => void child.on('close', (code, killedBy) => listener(killedBy ?? `code ${code}`)),
    stderrTail: () => stderrTail,
    kill: () => killTree(child),
    waitsForKill: false,
  };
}
