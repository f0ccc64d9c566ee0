import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ExportRow } from '../../src-shared/ipc/index.ts';
import { startLanguage } from '../i18n/index.ts';
import { useEditor } from './editor-store.ts';
import { closeExport, openExport, openMatteExport, updateExports, useExports } from './exports.ts';

const row = (state: ExportRow['state'], id = 'one'): ExportRow => ({
  id,
  path: '/a.mp4',
  state,
  frames: 9,
  done: 3,
});
const failed: ExportRow = {
  ...row('failed'),
  failure: { code: 'disk-full', message: 'The disk is full.', hint: 'Free some space.' },
};

beforeAll(() => startLanguage('en'));
beforeEach(() => {
  useExports.setState({ rows: [], isOpen: false, shownIds: [] });
  useEditor.setState({ notice: null });
});

describe('exports', () => {
  it('tell of their end where nobody looks at them, once', () => {
    updateExports([row('running')]);
    expect(useEditor.getState().notice).toBeNull();
    updateExports([row('done')]);
    expect(useEditor.getState().notice).toEqual({ kind: 'info', text: 'Exported to /a.mp4.' });
    useEditor.setState({ notice: null });
    updateExports([row('done')]);
    expect(useEditor.getState().notice).toBeNull();
  });

  it('tell why they failed', () => {
    updateExports([row('running')]);
    updateExports([failed]);
    expect(useEditor.getState().notice).toEqual({
      kind: 'error',
      code: 'disk-full',
      text: 'The disk is full.',
      hint: 'Free some space.',
    });
  });

  it('say nothing while the dialog shows them, nor of what was over when the page came', () => {
    updateExports([row('done', 'old'), row('running')]);
    openExport();
    expect(useExports.getState()).toMatchObject({ isOpen: true, shownIds: ['one'] });
    updateExports([row('done', 'old'), failed]);
    expect(useEditor.getState().notice).toBeNull();
    closeExport();
    openExport();
    expect(useExports.getState().shownIds).toEqual([]);
  });

  it('asks for the matte of one object, and of the whole mask the next time', () => {
    const shape = {
      kind: 'track',
      effect: 'remove',
      keyframes: [{ frame: 0, mask: 'KC' }],
      tracked: [],
    } as const;
    openMatteExport({ shape, name: 'Her' });
    expect(useExports.getState()).toMatchObject({ isOpen: true, object: { shape, name: 'Her' } });
    openExport();
    expect(useExports.getState().object).toBeNull();
  });
});
