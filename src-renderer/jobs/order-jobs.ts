import type { JobRow } from '../../src-shared/ipc/index.ts';

/** Whether a job's turn is still to come: such jobs have an order that can be changed. */
export function isUpcoming({ state }: JobRow): boolean {
  return state === 'waiting' || state === 'paused';
}

/** Jobs as they are listed: what runs, what is to come in the order of the queue, then what is over, newest first. */
export function orderJobs(queue: readonly JobRow[]): readonly JobRow[] {
  const running = queue.filter(({ state }) => state === 'running');
  const upcoming = queue.filter(isUpcoming);
  const ended = queue
    .filter((job) => job.state !== 'running' && !isUpcoming(job))
    .sort((one, other) => (other.endedAt ?? other.createdAt) - (one.endedAt ?? one.createdAt));
  return [...running, ...upcoming, ...ended];
}

/** Whether a job made the result that its edit shows: an edit has the newest one. */
export function isNewestResult(job: JobRow, jobs: readonly JobRow[]): boolean {
  if (job.result === undefined) return false;
  return !jobs.some(
    ({ editId, result, createdAt }) =>
      editId === job.editId && result !== undefined && createdAt > job.createdAt,
  );
}

/**
 * The job before which another must be put to come one place earlier (−1) or later (1); null: behind all.
 * @param upcoming Ids in their order
 * @returns undefined where it is first or last already
 */
export function beforeAfterStep(
  upcoming: readonly string[],
  jobId: string,
  step: -1 | 1,
): string | null | undefined {
  const place = upcoming.indexOf(jobId);
  const target = place + step;
  if (target < 0 || target >= upcoming.length) return undefined;
  return upcoming[step === -1 ? target : target + 1] ?? null;
}
