import { beforeAll, describe, expect, it } from 'vitest';
import { newEdit, newProject, withClip, type Project } from '../../src-shared/project/index.ts';
import { setLanguage, startLanguage } from '../i18n/index.ts';
import { jobName } from './job-name.ts';
import { progressText } from './progress-text.ts';

beforeAll(() => startLanguage('en'));

const job = { clipId: 'c', editId: 'e', name: 'a.mp4 · Removal 1' };
function projectWith(name: string, kind: 'remove' | 'edit'): Project {
  const edit = newEdit('e', name);
  return withClip(newProject('p', 'P'), {
    ...{ id: 'c', path: '/a.mp4', name: 'a.mp4', width: 64, height: 36, frames: 10 },
    ...{ frameRate: '25', durationSec: 1 },
    edits: [newEdit('other'), { ...edit, settings: { ...edit.settings, kind } }],
  });
}

describe('a job', () => {
  it('is called as its edit is now, in the language of the window', () => {
    expect(jobName(job, projectWith('', 'edit'))).toBe('a.mp4 · Replacement 2');
    expect(jobName(job, projectWith('Boom', 'edit'))).toBe('a.mp4 · Boom');
    const check = { ...job, check: { frame: 0, fingerprint: 'f' } };
    expect(jobName(check, projectWith('', 'remove'))).toBe('a.mp4 · Removal 2 · Check');
    setLanguage('de');
    expect(jobName(job, projectWith('', 'remove'))).toBe('a.mp4 · Entfernung 2');
    setLanguage('en');
  });

  it('is called as it was where its edit is gone, or of another project', () => {
    expect(jobName(job)).toBe('a.mp4 · Removal 1');
    expect(jobName({ ...job, editId: 'gone' }, projectWith('', 'edit'))).toBe('a.mp4 · Removal 1');
  });

  it('says its stage, how much of it is done, and in which window', () => {
    const of = { stage: 'sample', share: 0.7, counted: { step: 14, steps: 20 } } as const;
    expect(progressText(of)).toBe('Generate · 14 of 20');
    expect(progressText({ ...of, window: { number: 2, count: 3 } })).toBe(
      'Generate · 14 of 20 · window 2 of 3',
    );
    expect(progressText({ stage: 'text', share: 0 })).toBe('Prompt');
    expect(progressText({ ...of, note: 'Measuring …' })).toBe('Measuring …');
    expect(progressText(undefined)).toBe('Running');
    setLanguage('de');
    expect(progressText(of)).toBe('Generieren · 14 von 20');
    setLanguage('en');
  });
});
