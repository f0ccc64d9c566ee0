import type { JobRow } from '../../src-shared/ipc/index.ts';
import type { Clip, Edit } from '../../src-shared/project/index.ts';
import { text } from '../i18n/index.ts';
import { hasChangedSince, type NamedEdit } from '../state/fingerprints.ts';

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

/** An edit's state as it is drawn: `share` of its work done, 0…1, and a word for it. */
export interface ShownState {
  readonly state: EditState;
  readonly share: number;
  readonly text: string;
}

/** The states of a clip's edits, by their ids. */
export function shownStates(
  clip: Clip,
  jobs: readonly JobRow[],
  named: readonly NamedEdit[],
): Readonly<Record<string, ShownState>> {
  return Object.fromEntries(
    clip.edits.map((edit) => {
      const { state, share } = editState(edit, jobs, hasChangedSince(edit, named));
      const written = state === 'running' ? `${Math.round(share * 100)} %` : text(`timeline.${state}`);
      return [edit.id, { state, share, text: written }];
    }),
  );
}
