import { describe, expect, it, vi } from 'vitest';
import { usualSettings } from '../../src-shared/project/index.ts';
import { changeEdit, useEditor } from '../state/editor-store.ts';
import { useProgramSettings } from '../state/program-settings.ts';
import { begin, freshSession, media, paint, project, saves } from './fake-program.ts';
import { openClip } from './open-project.ts';
import { saveProject, saveProjectAs } from './saving.ts';
import { useSession } from './session-store.ts';

freshSession();

describe('a project', () => {
  it('is saved 800 ms after the last change, once, and not for opening', async () => {
    const program = await begin({ [media.path]: media });
    await openClip(media.path);
    await vi.advanceTimersByTimeAsync(5000);
    expect(program.saved()).toEqual([]);
    paint();
    await vi.advanceTimersByTimeAsync(799);
    changeEdit('Grow', (edit) => void (edit.mask.grow = 4));
    await vi.advanceTimersByTimeAsync(799);
    expect(program.saved()).toEqual([]);
    expect(useSession.getState().saved).toBe('unsaved');
    await vi.advanceTimersByTimeAsync(1);
    expect(program.saved()).toEqual([{ project: project() }]);
    expect(useSession.getState().saved).toBe('saved');
  });

  it('is saved as long after the last change as the settings say', async () => {
    const program = await begin({ [media.path]: media });
    await openClip(media.path);
    useProgramSettings.setState({ settings: { ...usualSettings, autosaveSec: 10 } });
    paint();
    await vi.advanceTimersByTimeAsync(9999);
    expect(program.saved()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(program.saved()).toEqual([{ project: project() }]);
  });

  it('is saved where it lies, each time on what the last save made of it', async () => {
    const program = await begin({ [media.path]: media });
    await openClip(media.path);
    paint();
    await saveProject();
    changeEdit('Grow', (edit) => void (edit.mask.grow = 1));
    let answerNow = (): void => undefined;
    program.disk.ready = new Promise((resolve) => (answerNow = resolve));
    const saving = saveProject();
    await vi.advanceTimersByTimeAsync(0);
    // Before that one has been answered.
    changeEdit('Grow', (edit) => void (edit.mask.grow = 2));
    const next = saveProject();
    answerNow();
    await Promise.all([saving, next]);
    expect(saves(program)).toEqual([
      [undefined, undefined, 'street'],
      ['/home/p.hetcut', 'r1', 'street'],
      ['/home/p.hetcut', 'r2', 'street'],
    ]);
    expect(useSession.getState()).toMatchObject({ saved: 'saved', conflict: null });
    await saveProjectAs('/films/night.hetcut');
    changeEdit('Grow', (edit) => void (edit.mask.grow = 3));
    await saveProject();
    expect(saves(program).slice(3)).toEqual([
      ['/films/night.hetcut', undefined, 'night'],
      ['/films/night.hetcut', 'r4', 'night'],
    ]);
  });

  it('keeps its place where it cannot be saved in another', async () => {
    const program = await begin({ [media.path]: media });
    await openClip(media.path);
    paint();
    await saveProject();
    program.disk.full = true;
    await expect(saveProjectAs('/films/night.hetcut')).rejects.toMatchObject({ code: 'project-unsaved' });
    expect(useSession.getState()).toMatchObject({ saved: 'unsaved', file: { path: '/home/p.hetcut' } });
    program.disk.full = false;
    await saveProject();
    expect(saves(program).at(-1)).toMatchObject(['/home/p.hetcut', 'r1', 'night']);
  });

  it('is saved and closed before the window closes, and stays open where it cannot be', async () => {
    const program = await begin({ [media.path]: media });
    await openClip(media.path);
    paint();
    program.disk.full = true;
    program.emit('app.closing', {});
    await vi.advanceTimersByTimeAsync(0);
    expect(program.calls.at(-1)?.[0]).toBe('project.save');
    expect(useEditor.getState().notice).toMatchObject({ text: 'Full.', hint: 'Make room.' });
    program.disk.full = false;
    program.emit('app.closing', {});
    await vi.advanceTimersByTimeAsync(0);
    expect(program.calls.slice(-2).map(([name]) => name)).toEqual(['project.save', 'project.close']);
  });
});
