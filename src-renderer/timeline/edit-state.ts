import type { JobRow } from '../../src-shared/ipc/index.ts';
import type { Edit } from '../../src-shared/project/index.ts';

/** How an edit's region looks on the timeline. */
export type EditState =
  'off' | 'noMask' | 'ready' | 'waiting' | 'paused' | 'running' | 'done' | 'changed' | 'failed';

/**
 * What is known of an edit: its newest job that still counts (checks do not), else its result.
 * @param changed Whether the edit is another than the one that made its result
 */
export function editState(
  edit: Edit,
  jobs: readonly JobRow[],
  changed = false,
): { readonly state: EditState; readonly share: number } {
  const newest = jobs
    .filter(({ editId, state, check }) => editId === edit.id && state !== 'cancelled' && check === undefined)
    .reduce<JobRow | undefined>(
      (last, job) => (last && last.createdAt > job.createdAt ? last : job),
      undefined,
    );
  if (newest?.state === 'running') return { state: 'running', share: newest.progress?.share ?? 0 };
  if (newest?.state === 'waiting' || newest?.state === 'paused') return { state: newest.state, share: 0 };
  if (!edit.enabled) return { state: 'off', share: 0 };
  if (newest?.state === 'failed') return { state: 'failed', share: 0 };
  if (edit.result !== undefined) return { state: changed ? 'changed' : 'done', share: 1 };
  const empty = edit.mask.shapes.length === 0 && !edit.mask.invert;
  return { state: empty ? 'noMask' : 'ready', share: 0 };
}
