import { rm } from 'node:fs/promises';
import { cancelledError, HetcutError } from '../../src-shared/core/errors/index.ts';
import type { HostJob, HostResult } from '../engine/check-job.ts';
import type { FollowedPose, TrackedFrame } from '../../src-shared/project/mask/index.ts';
import type { OnPreview, OnProgress } from '../engine/progress.ts';
import { HostTools } from './host-tools.ts';
import type { HostFailure, HostReply, HostRequest } from './messages.ts';

/**
 * How long a cancelled host may take to stop by itself. A network call cannot be interrupted and blocks its
 * process, so after this it is killed; the promise to the user is two seconds.
 */
const cancelGraceMs = 1200;

export interface HostCallbacks {
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  /** Absent: no previews are made. */
  readonly onPreview?: OnPreview | undefined;
  readonly onNote: (text: string) => void;
  /** Called with each mask of a tracking. */
  readonly onTracked?: ((mask: TrackedFrame) => void) | undefined;
  /** Called with each place of a shape that is followed. */
  readonly onFollowed?: ((pose: FollowedPose) => void) | undefined;
  /** Called with the command line of every program that the host starts. */
  readonly onCommand?: ((command: string) => void) | undefined;
}

/** A failure as it left the host. */
export function errorOf({ code, message, ...rest }: HostFailure): HetcutError {
  return new HetcutError(code, message, rest);
}

/** A started inference process, whatever carries its messages. */
export interface HostProcess {
  send(request: HostRequest): void;
  onReply(listener: (reply: HostReply) => void): void;
  /** It could not be started. */
  onError(listener: (error: Error) => void): void;
  /** It is gone and nothing more comes; `how` in words, e.g. "SIGKILL" or "code 3". */
  onEnd(listener: (how: string) => void): void;
  /** The end of what it wrote to its error output. */
  stderrTail(): string;
  /** Ends it at once; nothing where it has ended. */
  kill(): void;
  /** True where a host that has said its last word waits to be ended. */
  readonly waitsForKill: boolean;
}

/** What a host is started for: one job, or questions of one kind. Lists of processes show it. */
export type HostPurpose = 'job' | 'estimates' | 'selecting';

/** Starts an inference process: a forked Node in a checkout, a utility process in the desktop program. */
export type StartHost = (purpose: HostPurpose) => HostProcess;

/**
 * Runs one job in a process of its own, so that a crash of the runtime, its memory and its blocking calls
 * stay out of the caller's process; follows it to its end. Rejects with HetcutError; neither a partial file nor a process
 * is left in any case.
 */
export async function runMessageLoop<Job extends HostJob>(
  startHost: StartHost,
  job: Job,
  home: string,
  callbacks: HostCallbacks,
): Promise<HostResult<Job>> {
  const { signal, onProgress, onPreview, onNote, onTracked, onFollowed, onCommand } = callbacks;
  if (signal.aborted) throw cancelledError();
  const host = startHost('job');
  const partialFiles = new Set<string>();
  const tools = new HostTools();
  let graceTimer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    host.send({ type: 'cancel' });
    graceTimer = setTimeout(() => host.kill(), cancelGraceMs);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const onParentExit = (): void => host.kill();
  process.once('exit', onParentExit);
  try {
    return await new Promise<HostResult<Job>>((resolve, reject) => {
      let outcome: (() => void) | undefined;
      host.onReply((reply) => {
        switch (reply.type) {
          case 'progress':
            onProgress(reply.event);
            break;
          case 'preview':
            onPreview?.(reply.event);
            break;
          case 'tracked':
            onTracked?.(reply.mask);
            break;
          case 'followed':
            onFollowed?.(reply.pose);
            break;
          case 'note':
            onNote(reply.text);
            break;
          case 'partial-file':
            partialFiles.add(reply.path);
            break;
          case 'tool-process':
            tools.track(reply);
            if (reply.command !== undefined) onCommand?.(reply.command);
            break;
          case 'done':
            partialFiles.clear();
            // A host answers what it was asked.
            outcome = () => resolve(reply.result as HostResult<Job>);
            if (host.waitsForKill) host.kill();
            break;
          case 'failed':
            outcome = () => reject(errorOf(reply.failure));
            if (host.waitsForKill) host.kill();
            break;
          // Of questions, and this host was given a job.
          case 'answer':
          case 'refused':
            break;
        }
      });
      host.onError((error) => {
        outcome ??= () => reject(error);
      });
      host.onEnd((how) => {
        if (outcome !== undefined) outcome();
        else if (signal.aborted) reject(cancelledError());
        else reject(hostDied(how, host.stderrTail()));
      });
      host.send({ type: 'run', job, home, previews: onPreview !== undefined });
    });
  } finally {
    clearTimeout(graceTimer);
    signal.removeEventListener('abort', onAbort);
    process.off('exit', onParentExit);
    host.kill();
    tools.killAll();
    await Promise.all([...partialFiles].map((path) => rm(path, { recursive: true, force: true })));
  }
}

function hostDied(how: string, stderr: string): HetcutError {
  return new HetcutError('host-died', `The inference process ended unexpectedly (${how}).`, {
    hint: 'It may have run out of memory. Run the same job again: it continues from the last checkpoint.',
    details: { stderr },
  });
}
