import { create } from 'zustand';
import type { JobPreview, JobRow } from '../../src-shared/ipc/index.ts';

interface PreviewsState {
  /** The newest glance at what each running job generates, by the job's id. */
  readonly byJob: Readonly<Record<string, JobPreview>>;
  /** Whether the active edit's is laid over the picture too, and the playhead goes to its frame. */
  readonly inViewer: boolean;
}

export const usePreviews = create<PreviewsState>()(() => ({ byJob: {}, inViewer: false }));

export function storePreview(preview: JobPreview): void {
  usePreviews.setState(({ byJob }) => ({ byJob: { ...byJob, [preview.jobId]: preview } }));
}

/** Forgets the previews of jobs that do not run any more. */
export function dropOldPreviews(jobs: readonly JobRow[]): void {
  const { byJob } = usePreviews.getState();
  const running = new Set(jobs.filter(({ state }) => state === 'running').map(({ id }) => id));
  const kept = Object.entries(byJob).filter(([id]) => running.has(id));
  if (kept.length < Object.keys(byJob).length) usePreviews.setState({ byJob: Object.fromEntries(kept) });
}
