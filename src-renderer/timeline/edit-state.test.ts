import { describe, expect, it } from 'vitest';
import type { JobRow } from '../../src-shared/ipc/index.ts';
import { newEdit } from '../../src-shared/project/index.ts';
import { editState } from './edit-state.ts';

const edit = newEdit('e', 'Edit');
const job = (state: JobRow['state'], createdAt: number, rest: Partial<JobRow> = {}): JobRow => ({
  id: `j${createdAt}`,
  projectId: 'p',
  clipId: 'c',
  editId: 'e',
  name: 'n',
  state,
  createdAt,
  ...rest,
});
const result = { path: '/r', jobId: 'j', fingerprint: 'f', seconds: 1, estimateSeconds: 1 };

describe('editState', () => {
  it('is that of the newest job that was not cancelled, of this edit', () => {
    const running = job('running', 2, { progress: { stage: 'sample', share: 0.6 } });
    const jobs = [job('failed', 1), running, job('cancelled', 3), job('waiting', 4, { editId: 'other' })];
    expect(editState(edit, jobs)).toEqual({ state: 'running', share: 0.6 });
    expect(editState({ ...edit, result }, [job('failed', 5)]).state).toBe('failed');
    expect(editState(edit, [job('failed', 1), job('waiting', 2)]).state).toBe('waiting');
    expect(editState(edit, [job('done', 1), job('paused', 2)]).state).toBe('paused');
    const check = job('running', 3, { check: { frame: 0, fingerprint: 'f' } });
    expect(editState(edit, [job('failed', 1), check]).state).toBe('failed');
  });

  it('is that of its result and mask without one', () => {
    expect(editState(edit, []).state).toBe('noMask');
    expect(editState({ ...edit, mask: { ...edit.mask, invert: true } }, []).state).toBe('ready');
    expect(editState({ ...edit, result }, []).state).toBe('done');
    expect(editState({ ...edit, result, enabled: false }, []).state).toBe('off');
    expect(editState({ ...edit, result }, [], true)).toEqual({ state: 'changed', share: 1 });
    expect(editState({ ...edit, result }, [job('waiting', 1)], true).state).toBe('waiting');
  });
});
