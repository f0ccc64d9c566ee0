import { describe, expect, it } from 'vitest';
import { newEdit, type Edit } from '../../src-shared/project/index.ts';
import { hasChangedSince, rememberFingerprint, useFingerprints } from './fingerprints.ts';

const result = { path: '/r', jobId: 'j', fingerprint: 'first', seconds: 1, estimateSeconds: 1 };
const edit: Edit = { ...newEdit('e', 'Edit'), result };
const range = { startFrame: 1, endFrame: 5 };
const changed = (of: Edit): boolean => hasChangedSince(of, useFingerprints.getState().named);

describe('hasChangedSince', () => {
  it('says so only where the program has named the edit as it is, and otherwise than its result', () => {
    expect(changed(edit)).toBe(false);
    rememberFingerprint({ mask: edit.mask, settings: edit.settings, fingerprint: 'first' });
    expect(changed(edit)).toBe(false);

    const other: Edit = { ...edit, settings: { ...edit.settings, seed: 5 } };
    expect(changed(other)).toBe(false);
    rememberFingerprint({ mask: other.mask, settings: other.settings, fingerprint: 'second' });
    expect(changed(other)).toBe(true);
    expect(changed({ ...other, result: { ...result, fingerprint: 'second' } })).toBe(false);
    const { result: _, ...withoutResult } = other;
    expect(changed(withoutResult)).toBe(false);
    // Undone: the objects of before.
    expect(changed(edit)).toBe(false);
  });

  it('counts the range of the edit', () => {
    expect(changed({ ...edit, range })).toBe(false);
    rememberFingerprint({ mask: edit.mask, settings: edit.settings, range, fingerprint: 'of a part' });
    expect(changed({ ...edit, range })).toBe(true);
    expect(changed(edit)).toBe(false);
    expect(changed({ ...edit, range: { ...range } })).toBe(false);
  });

  it('takes the newest name, and forgets the oldest of many', () => {
    rememberFingerprint({ mask: edit.mask, settings: edit.settings, fingerprint: 'later' });
    expect(changed(edit)).toBe(true);
    for (let seed = 100; seed < 164; seed++) {
      rememberFingerprint({ mask: edit.mask, settings: { ...edit.settings, seed }, fingerprint: `${seed}` });
    }
    expect(useFingerprints.getState().named).toHaveLength(64);
    expect(changed(edit)).toBe(false);
  });
});
