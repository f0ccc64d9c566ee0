import { create } from 'zustand';
import type { Edit } from '../../src-shared/project/index.ts';
import { backend } from './backend.ts';
import { attempt } from './notices.ts';

type Questioned = Pick<Edit, 'mask' | 'settings' | 'range'>;

/** What the program calls an edit as it is (`JobEstimate.fingerprint`). */
export interface NamedEdit extends Questioned {
  readonly fingerprint: string;
}

/** Enough for all edits of a clip and some steps back. */
const keptNames = 64;

/**
 * Fingerprints that the program has told, the newest first. A name holds for the very objects it was asked for: a
 * change makes new ones, undoing it brings the old ones back.
 */
export const useFingerprints = create<{ readonly named: readonly NamedEdit[] }>()(() => ({ named: [] }));

function isSame(one: Questioned, other: Questioned): boolean {
  return one.mask === other.mask && one.settings === other.settings && one.range === other.range;
}

export function rememberFingerprint(edit: NamedEdit): void {
  useFingerprints.setState(({ named }) => ({
    named: [edit, ...named.filter((other) => !isSame(edit, other))].slice(0, keptNames),
  }));
}

/** The fingerprint of an edit as it is; undefined where the program has not told it. */
export function fingerprintOf(edit: Questioned, named: readonly NamedEdit[]): string | undefined {
  return named.find((other) => isSame(edit, other))?.fingerprint;
}

/** Whether an edit is known to be another than the one that made its result. */
export function hasChangedSince(edit: Edit, named: readonly NamedEdit[]): boolean {
  const now = fingerprintOf(edit, named);
  return edit.result !== undefined && now !== undefined && now !== edit.result.fingerprint;
}

/** What a fingerprint is of, as the program is asked for it. */
export const questionOf = ({ mask, settings, range }: Questioned): Questioned => ({
  mask,
  settings,
  ...(range === undefined ? {} : { range }),
});

/** Has the program name every edit that has a result: what was changed since is not done any more. */
export function nameEdits(edits: readonly Edit[]): void {
  const { named } = useFingerprints.getState();
  for (const edit of edits) {
    if (edit.result === undefined || fingerprintOf(edit, named) !== undefined) continue;
    const asked = questionOf(edit);
    attempt(async () =>
      rememberFingerprint({ ...asked, ...(await backend().call('edit.fingerprint', asked)) }),
    );
  }
}
