import { fork, type ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { cancelledError, HetcutError } from '../../src-shared/core/errors/index.ts';
import type { EditJob, EditResult } from '../engine/edit-job.ts';
import type { OnProgress } from '../engine/progress.ts';
import type { HostReply, HostRequest } from './messages.ts';

/**
 * How long a cancelled host may take to stop by itself. A network call cannot be interrupted and blocks its
 * process, so after this it is killed; the promise to the user is two seconds.
 */
const cancelGraceMs = 1200;

const entryPath = fileURLToPath(new URL('./entry.ts', import.meta.url));

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

export interface HostCallbacks {
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  readonly onNote: (text: string) => void;
}

/**
 * Runs one edit in a process of its own, so that a crash of the runtime, its memory and its blocking calls
 * stay out of the caller's process. Rejects with HetcutError; no partial file is left in any case.
 */
export async function runInHost(job: EditJob, home: string, callbacks: HostCallbacks): Promise<EditResult> {
  const { signal, onProgress, onNote } = callbacks;
  if (signal.aborted) throw cancelledError();
  // A group of its own: Ctrl-C reaches the caller only, which then decides how the host ends.
  const child = fork(entryPath, {
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  const partialFiles = new Set<string>();
  let stderrTail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderrTail = (stderrTail + text).slice(-2000);
  });
  let graceTimer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    if (child.connected) child.send({ type: 'cancel' } satisfies HostRequest);
    graceTimer = setTimeout(() => killTree(child), cancelGraceMs);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const onParentExit = (): void => killTree(child);
  process.once('exit', onParentExit);
  try {
    return await new Promise<EditResult>((resolve, reject) => {
      let outcome: (() => void) | undefined;
      child.on('message', (reply: HostReply) => {
        switch (reply.type) {
          case 'progress':
            onProgress(reply.event);
            break;
          case 'note':
            onNote(reply.text);
            break;
          case 'partial-file':
            partialFiles.add(reply.path);
            break;
          case 'done':
            partialFiles.clear();
            outcome = () => resolve(reply.result);
            break;
          case 'failed':
            outcome = () => {
              const { code, message, ...rest } = reply.failure;
              reject(new HetcutError(code, message, rest));
            };
            break;
        }
      });
      child.on('error', (error) => {
        outcome ??= () => reject(error);
      });
      child.on('close', (code, killedBy) => {
        if (outcome !== undefined) outcome();
        else if (signal.aborted) reject(cancelledError());
        else {
          reject(
            new HetcutError(
              'host-died',
              `The inference process ended unexpectedly (${killedBy ?? `code ${code}`}).`,
              {
                hint: 'It may have run out of memory. Run the same command again: it resumes from the last finished window.',
                details: { stderr: stderrTail },
              },
            ),
          );
        }
      });
      child.send({ type: 'run', job, home } satisfies HostRequest);
    });
  } finally {
    clearTimeout(graceTimer);
    signal.removeEventListener('abort', onAbort);
    process.off('exit', onParentExit);
    killTree(child);
    await Promise.all([...partialFiles].map((path) => rm(path, { force: true })));
  }
}
