import { describe, expect, it, vi } from 'vitest';
import { newProject } from '../../src-shared/project/index.ts';
import { activeEdit, changeEdit, useEditor } from '../state/editor-store.ts';
import { keepMine, loadTheirs } from './conflict.ts';
import { begin, freshSession, media, paint, project, saves } from './fake-program.ts';
import { closeProject, openClip } from './open-project.ts';
import { saveProject } from './saving.ts';
import { useSession } from './session-store.ts';

freshSession();

describe('a project file', () => {
  async function inConflict() {
    const program = await begin({ [media.path]: media });
    await openClip(media.path);
    paint();
    await saveProject();
    const theirs = newProject(project().id, 'theirs');
    program.disk.revision = 7;
    program.files['/home/p.hetcut'] = { project: theirs, path: '/home/p.hetcut', revision: 'r7' };
    changeEdit('Grow', (edit) => void (edit.mask.grow = 5));
    await vi.advanceTimersByTimeAsync(800);
    expect(useSession.getState()).toMatchObject({ saved: 'unsaved', conflict: { code: 'project-conflict' } });
    // Nothing more is saved by itself, and nothing is closed.
    const before = program.saved().length;
    changeEdit('Grow', (edit) => void (edit.mask.grow = 6));
    await vi.advanceTimersByTimeAsync(5000);
    await expect(closeProject()).rejects.toMatchObject({ code: 'project-conflict' });
    expect(program.saved()).toHaveLength(before);
    return program;
  }

  it('that another window changed is replaced by this one if the editor says so', async () => {
    const program = await inConflict();
    await keepMine();
    expect(program.saved().at(-1)).toEqual({ path: '/home/p.hetcut', project: project() });
    expect(activeEdit(useEditor.getState())?.mask.grow).toBe(6);
    expect(useSession.getState()).toMatchObject({ saved: 'saved', conflict: null });
    changeEdit('Grow', (edit) => void (edit.mask.grow = 7));
    await saveProject();
    expect(saves(program).at(-1)).toMatchObject(['/home/p.hetcut', 'r8', 'street']);
  });

  it('that another window changed replaces this one if the editor says so', async () => {
    const program = await inConflict();
    const before = program.saved().length;
    const mine = project();
    await loadTheirs();
    expect(project().name).toBe('theirs');
    // What is given up becomes an earlier version.
    expect(program.calls).toContainEqual(['project.keepVersion', { project: mine, path: '/home/p.hetcut' }]);
    expect(program.saved()).toHaveLength(before);
    expect(useSession.getState()).toMatchObject({
      saved: 'saved',
      conflict: null,
      file: { path: '/home/p.hetcut', revision: 'r7' },
    });
  });
});
