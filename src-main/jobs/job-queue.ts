import { usageError } from '../../src-shared/core/errors/index.ts';
import { failureOf, type CheckFound, type JobRow, type JobState } from '../../src-shared/ipc/index.ts';
import type { CheckJob, CheckResult } from '../engine/check-job.ts';
import type { EditJob, EditResult } from '../engine/edit-job.ts';
import type { PreviewEvent, ProgressEvent } from '../engine/progress.ts';
import {
  checkLine,
  createStageLines,
  failureLine,
  openJobLogs,
  resultLine,
  startLine,
  type JobLogs,
} from './job-log.ts';
import { jobProgress, type JobProgress } from './job-progress.ts';
import { readQueue, writeQueue, type QueuedJob } from './queue-file.ts';

export type { QueuedJob } from './queue-file.ts';

/** Listeners are notified of progress at most this often, of everything else at once. */
const progressIntervalMs = 100;

interface RunCallbacks {
  readonly signal: AbortSignal;
  readonly onProgress: (event: ProgressEvent) => void;
  readonly onPreview: (event: PreviewEvent) => void;
  readonly onNote: (text: string) => void;
  readonly onCommand: (command: string) => void;
}

export interface QueueParts {
  /** HETCUT_HOME. */
  readonly home: string;
  readonly run: (job: EditJob, callbacks: RunCallbacks) => Promise<EditResult>;
  readonly check: (job: CheckJob, callbacks: RunCallbacks) => Promise<CheckResult>;
  readonly onChange: (rows: readonly JobRow[]) => void;
  /** A glance at the picture that a job is generating. */
  readonly onPreview: (jobId: string, event: PreviewEvent) => void;
  readonly onNote: (text: string) => void;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
}

/** What is asked for; the queue adds the state. */
export type NewJob = Omit<QueuedJob, 'state' | 'failure' | 'result' | 'createdAt' | 'endedAt'>;

/** Jobs in the order in which they run, one at a time. */
export interface JobQueue {
  rows(): readonly JobRow[];
  /** Throws `job-unknown`. */
  find(jobId: string): QueuedJob;
  /** Appends a job and writes the queue before it returns. Throws what writing throws; then nothing was added. */
  add(job: NewJob): Promise<JobRow>;
  /** Stops a job that waits or runs, and waits for its end; one that is over stays as it is. */
  cancel(jobId: string): Promise<void>;
  /**
   * Lets a job that waits or runs rest, and waits for its end; what it has finished is in its checkpoint. One that is
   * over stays as it is.
   */
  pause(jobId: string): Promise<void>;
  /** Lets a paused job wait again, in its place. Throws `job-state` for one that is over. */
  resume(jobId: string): Promise<void>;
  /**
   * Puts a job that waits or is paused before another such job, or behind all with null. Throws `job-state` where one
   * of the two neither waits nor is paused.
   */
  move(jobId: string, before: string | null): Promise<void>;
  /**
   * Puts a failed or cancelled job at the end of the queue; it continues from its checkpoint. `cpuFallback`: from now on
   * the CPU does what the graphics card cannot.
   */
  retry(jobId: string, changes?: Pick<EditJob, 'cpuFallback'>): Promise<void>;
  /** What happened to a job, as text. Throws `job-unknown`. */
  log(jobId: string): Promise<string>;
  /** Takes a job off the list, stopped first, with its log. What it made stays. */
  remove(jobId: string): Promise<void>;
  /** Stops what runs; it waits again when the queue is opened the next time. Nothing starts any more. */
  close(): Promise<void>;
}

interface Running {
  readonly id: string;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
  /** Why it was stopped: what becomes of it. */
  stoppedAs?: 'cancelled' | 'paused' | 'waiting';
  progress?: JobProgress;
}

const stopWords = {
  cancelled: 'Cancelled',
  paused: 'Paused',
  waiting: 'Stopped: the program ended',
} as const;

/** Whether a job's turn is still to come. */
function isUpcoming(state: JobState): boolean {
  return state === 'waiting' || state === 'paused';
}

function rowOf({ fingerprint: _fingerprint, job: _job, ...row }: QueuedJob): JobRow {
  return row;
}

function resultOf(
  { output, seconds, estimateSeconds, calls, flopsSaved, plateShare, fill, thingShare, warnings }: EditResult,
  { fingerprint, job: { range, plate } }: QueuedJob,
): NonNullable<JobRow['result']> {
  return {
    path: output,
    ...(range === undefined ? {} : { range }),
    fingerprint,
    seconds: seconds.total,
    estimateSeconds,
    calls,
    flopsSaved,
    filled: {
      plate: plate.kind,
      share: plateShare,
      fill,
      ...(thingShare !== undefined && { thing: thingShare }),
    },
    warnings,
  };
}

function foundOf({ picturesPath: _, ...found }: CheckResult): CheckFound {
  return found;
}

class PersistentQueue implements JobQueue {
  readonly #parts: QueueParts;
  readonly #logs: JobLogs;
  #jobs: readonly QueuedJob[];
  #running: Running | undefined;
  #closed = false;
  /** Writes follow each other; each writes the newest state. */
  #writing: Promise<unknown> = Promise.resolve();
  #lastEmitMs = -Infinity;
  #emitTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: QueueParts, jobs: readonly QueuedJob[]) {
    this.#parts = parts;
    this.#logs = openJobLogs(parts.home, parts.nowMs, parts.onNote);
    this.#jobs = jobs;
  }

  rows(): readonly JobRow[] {
    const running = this.#running;
    return this.#jobs.map((job) =>
      job.id === running?.id && running.progress !== undefined
        ? { ...rowOf(job), progress: running.progress }
        : rowOf(job),
    );
  }

  find(jobId: string): QueuedJob {
    const job = this.#jobs.find(({ id }) => id === jobId);
    if (job === undefined) {
      throw usageError('job-unknown', `There is no job ${jobId}.`, 'It was removed; start it again.');
    }
    return job;
  }

  async add(job: NewJob): Promise<JobRow> {
    const added: QueuedJob = { ...job, state: 'waiting', createdAt: this.#parts.nowMs() };
    this.#jobs = [...this.#jobs, added];
    try {
      await this.#write();
    } catch (error) {
      this.#jobs = this.#jobs.filter((other) => other !== added);
      throw error;
    }
    this.#emit();
    this.start();
    return rowOf(added);
  }

  async cancel(jobId: string): Promise<void> {
    const { state } = this.find(jobId);
    if (this.#running?.id === jobId) await this.#stop(this.#running, 'cancelled');
    else if (isUpcoming(state)) {
      this.#change(jobId, (job) => ({ ...job, state: 'cancelled', endedAt: this.#parts.nowMs() }));
      await this.#write();
    }
  }

  async pause(jobId: string): Promise<void> {
    const { state } = this.find(jobId);
    if (this.#running?.id === jobId) await this.#stop(this.#running, 'paused');
    else if (state === 'waiting') {
      this.#change(jobId, (job) => ({ ...job, state: 'paused' }));
      await this.#write();
    }
  }

  async resume(jobId: string): Promise<void> {
    const { name, state } = this.find(jobId);
    if (state === 'done' || state === 'failed' || state === 'cancelled') {
      throw usageError('job-state', `${name} is not paused.`, 'Start a new job, or try this one again.');
    }
    if (state !== 'paused') return;
    this.#change(jobId, (job) => ({ ...job, state: 'waiting' }));
    await this.#write();
    this.start();
  }

  async move(jobId: string, before: string | null): Promise<void> {
    const moved = this.#requireUpcoming(jobId);
    if (before === jobId) return;
    const others = this.#jobs.filter((job) => job !== moved);
    const at = before === null ? others.length : others.indexOf(this.#requireUpcoming(before));
    this.#jobs = [...others.slice(0, at), moved, ...others.slice(at)];
    this.#emit();
    await this.#write();
  }

  async retry(jobId: string, changes: Pick<EditJob, 'cpuFallback'> = {}): Promise<void> {
    const { failure: _failure, endedAt: _endedAt, ...job } = this.find(jobId);
    if (job.state !== 'failed' && job.state !== 'cancelled') {
      throw usageError('job-state', `${job.name} has not failed.`, 'Start a new job instead.');
    }
    this.#jobs = [
      ...this.#jobs.filter(({ id }) => id !== jobId),
      { ...job, state: 'waiting', job: { ...job.job, ...changes } },
    ];
    this.#emit();
    await this.#write();
    this.start();
  }

  async remove(jobId: string): Promise<void> {
    await this.cancel(jobId);
    this.#jobs = this.#jobs.filter(({ id }) => id !== jobId);
    this.#emit();
    await this.#write();
    await this.#logs.remove(jobId);
  }

  async log(jobId: string): Promise<string> {
    return this.#logs.read(this.find(jobId).id);
  }

  async close(): Promise<void> {
    this.#closed = true;
    // A job that is being paused or cancelled stays so.
    if (this.#running !== undefined) await this.#stop(this.#running, this.#running.stoppedAs ?? 'waiting');
    clearTimeout(this.#emitTimer);
    await this.#writing.catch(() => undefined);
    await this.#logs.settled();
  }

  /** Runs the next job that waits, if none runs. */
  start(): void {
    if (this.#closed || this.#running !== undefined) return;
    const next = this.#jobs.find(({ state }) => state === 'waiting');
    if (next === undefined) return;
    const abort = new AbortController();
    // Begins after `#running` is set: a runner may report or fail at once.
    const ended = Promise.resolve().then(() => this.#run(next, abort.signal));
    this.#running = { id: next.id, abort, ended };
    this.#change(next.id, (job) => ({ ...job, state: 'running' }));
    this.#writeOrNote();
  }

  async #run(queued: QueuedJob, signal: AbortSignal): Promise<void> {
    const { id, job, check } = queued;
    const log = (text: string): void => this.#logs.write(id, text);
    const stageLine = createStageLines(this.#parts.nowMs);
    log(startLine(job, check?.frame));
    let outcome: Pick<QueuedJob, 'state' | 'failure' | 'result' | 'check'>;
    try {
      const callbacks: RunCallbacks = {
        signal,
        onProgress: (event) => {
          const line = stageLine(event);
          if (line !== undefined) log(line);
          this.#report(id, jobProgress(event));
        },
        onPreview: (event) => {
          // One that is being stopped may still have sent some.
          if (!signal.aborted) this.#parts.onPreview(id, event);
        },
        onNote: (text) => {
          log(text);
          this.#report(id, { stage: 'probe', share: 0, ...this.#running?.progress, note: text });
        },
        onCommand: (command) => log(`Runs ${command}`),
      };
      if (check === undefined) {
        const result = await this.#parts.run(job, callbacks);
        log(resultLine(result));
        outcome = { state: 'done', result: resultOf(result, queued) };
      } else {
        const result = await this.#parts.check({ kind: 'check', edit: job, frame: check.frame }, callbacks);
        log(checkLine(result));
        outcome = { state: 'done', check: { ...check, found: foundOf(result) } };
      }
    } catch (error) {
      const stoppedAs = this.#running?.stoppedAs;
      log(stoppedAs === undefined ? failureLine(error) : stopWords[stoppedAs]);
      outcome =
        stoppedAs === undefined ? { state: 'failed', failure: failureOf(error) } : { state: stoppedAs };
    }
    this.#running = undefined;
    const ended = isUpcoming(outcome.state) ? {} : { endedAt: this.#parts.nowMs() };
    this.#change(id, (before) => ({ ...before, ...outcome, ...ended }));
    this.#writeOrNote();
    this.start();
  }

  async #stop(running: Running, as: NonNullable<Running['stoppedAs']>): Promise<void> {
    running.stoppedAs = as;
    running.abort.abort();
    await running.ended;
    await this.#writing;
  }

  #requireUpcoming(jobId: string): QueuedJob {
    const job = this.find(jobId);
    if (isUpcoming(job.state)) return job;
    throw usageError(
      'job-state',
      `${job.name} does not wait.`,
      'Only jobs that have not begun, or are paused, have a place in the order.',
    );
  }

  #report(jobId: string, progress: JobProgress): void {
    if (this.#running?.id !== jobId) return;
    this.#running.progress = progress;
    if (this.#emitTimer !== undefined) return;
    const waitMs = this.#lastEmitMs + progressIntervalMs - this.#parts.nowMs();
    if (waitMs <= 0) this.#emit();
    else this.#emitTimer = setTimeout(() => this.#emit(), waitMs);
  }

  #change(jobId: string, change: (job: QueuedJob) => QueuedJob): void {
    this.#jobs = this.#jobs.map((job) => (job.id === jobId ? change(job) : job));
    this.#emit();
  }

  #emit(): void {
    clearTimeout(this.#emitTimer);
    this.#emitTimer = undefined;
    this.#lastEmitMs = this.#parts.nowMs();
    this.#parts.onChange(this.rows());
  }

  #write(): Promise<void> {
    const written = this.#writing.then(() => writeQueue(this.#parts.home, this.#jobs));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  /** For changes that nobody waits for: the queue continues in memory. */
  #writeOrNote(): void {
    this.#write().catch((error: unknown) => this.#parts.onNote(failureOf(error).message));
  }
}

/**
 * Opens the queue of a home and runs what waits. A job that ran when the program ended waits again, and its checkpoint
 * is found by its key. A damaged file is set aside with a note. One process at a time may have a home's queue open.
 */
export async function openJobQueue(parts: QueueParts): Promise<JobQueue> {
  const kept = await readQueue(parts.home, parts.nowMs(), parts.onNote);
  const jobs = kept.map((job): QueuedJob => (job.state === 'running' ? { ...job, state: 'waiting' } : job));
  const queue = new PersistentQueue(parts, jobs);
  queue.start();
  return queue;
}
