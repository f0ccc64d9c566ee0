import { describe, expect, it, vi } from 'vitest';
import { newProject, projectSchema, usualSettings } from '../../src-shared/project/index.ts';
import { activeClip, activeEdit, useEditor } from '../state/editor-store.ts';
import { useProgramSettings } from '../state/program-settings.ts';
import { begin, freshSession, media, paint, project, saves } from './fake-program.ts';
import { openClip, openProjectFile } from './open-project.ts';

freshSession();

describe('opening', () => {
  it('opens a clip as a project that its own format accepts, with a model that is there', async () => {
    await begin({ [media.path]: media });
    await openClip(media.path);
    expect(projectSchema.parse(JSON.parse(JSON.stringify(project())))).toEqual(project());
    expect(project().name).toBe('street');
    expect(project().clips).toHaveLength(1);
    expect(activeEdit(useEditor.getState())?.settings.modelId).toBe('other');
    expect(useEditor.getState().opened[activeClip(useEditor.getState())?.id ?? '']).toEqual(media);
  });

  it('opens a clip with the model and the preset of the settings, and without a model that is gone', async () => {
    await begin({ [media.path]: media });
    const settings = { ...usualSettings, modelId: 'mine', preset: 'fast' } as const;
    for (const [ids, modelId] of [
      [['other', 'starter', 'mine'], 'mine'],
      [['other', 'starter'], 'starter'],
    ] as const) {
      useProgramSettings.setState({ settings });
      useEditor.setState({ models: ids.map((id) => ({ id, bytes: 1, readsPrompts: true })) });
      await openClip(media.path);
      expect(activeEdit(useEditor.getState())?.settings).toMatchObject({ modelId, preset: 'fast' });
    }
  });

  it('saves what is waiting before another clip is opened', async () => {
    const other = { ...media, path: '/clips/b.mov', name: 'b.mov' };
    const program = await begin({ [media.path]: media, [other.path]: other });
    await openClip(media.path);
    paint();
    const before = project();
    await openClip(other.path);
    expect(program.saved()).toEqual([{ project: before }]);
  });

  it('writes a damaged project anew from the backup that stands in for it', async () => {
    const stored = newProject('p', 'earlier');
    const damage = { message: 'p.hetcut is not JSON.', savedAt: 0 };
    const opened = { project: stored, path: '/p.hetcut', revision: 'r0', damage };
    const program = await begin({ '/p.hetcut': opened });
    await openProjectFile('/p.hetcut');
    expect(useEditor.getState().notice?.text).toMatch(/^p\.hetcut is not JSON\. This is the version of /);
    await vi.advanceTimersByTimeAsync(800);
    expect(saves(program)).toEqual([['/p.hetcut', 'r0', 'earlier']]);
  });
});
