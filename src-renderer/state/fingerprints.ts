import { create } from 'zustand';
import type { Edit, EditMask, EditSettings, FrameRange } from '../../src-shared/project/index.ts';

/** What the program calls an edit as it is (`JobEstimate.fingerprint`). */
export interface NamedEdit {
  readonly mask: EditMask;
  readonly settings: EditSettings;
  readonly range?: FrameRange;
  readonly fingerprint: string;
}

/** Enough for all edits of a clip and some steps back. */
const keptNames = 64;

/**
 * Fingerprints that the program has told, the newest first. A name holds for the very objects it was asked for: a
 * change makes new ones, undoing it brings the old ones back.
 */
export const useFingerprints = create<{ readonly named: readonly NamedEdit[] }>()(() => ({ named: [] }));

function isSame(one: Omit<NamedEdit, 'fingerprint'>, other: Omit<NamedEdit, 'fingerprint'>): boolean {
  return one.mask === other.mask && one.settings === other.settings && one.range === other.range;
}

export function rememberFingerprint(edit: NamedEdit): void {
  useFingerprints.setState(({ named }) => ({
    named: [edit, ...named.filter((other) => !isSame(edit, other))].slice(0, keptNames),
  }));
}

/** The fingerprint of an edit in a clip of this range; undefined where the program has not told it. */
export function fingerprintOf(
  { mask, settings }: Pick<Edit, 'mask' | 'settings'>,
  range: FrameRange | undefined,
  named: readonly NamedEdit[],
): string | undefined {
  const asked = { mask, settings, ...(range === undefined ? {} : { range }) };
  return named.find((other) => isSame(asked, other))?.fingerprint;
}

/** Whether an edit is known to be another than the one that made its result. */
export function hasChangedSince(
  edit: Edit,
  range: FrameRange | undefined,
  named: readonly NamedEdit[],
): boolean {
  const now = fingerprintOf(edit, range, named);
  return edit.result !== undefined && now !== undefined && now !== edit.result.fingerprint;
}
