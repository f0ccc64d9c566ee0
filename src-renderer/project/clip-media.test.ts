import { describe, expect, it } from 'vitest';
import type { Project } from '../../src-shared/project/index.ts';
import { useEditor } from '../state/editor-store.ts';
import { relink } from './clip-media.ts';
import { begin, freshSession, media, project } from './fake-program.ts';
import { openClip, openProjectFile } from './open-project.ts';
import { useSession } from './session-store.ts';

freshSession();

describe('clips that have moved', () => {
  it('keeps a project whose clip has moved, takes the same clip elsewhere, and refuses another', async () => {
    const program = await begin({ [media.path]: media });
    await openClip(media.path);
    const stored = project();
    delete program.files[media.path];
    program.files['/p.hetcut'] = { project: stored, path: '/p.hetcut', revision: 'r0' };
    await openProjectFile('/p.hetcut');
    const [clip] = stored.clips;
    expect(useSession.getState().missing).toEqual({ [clip.id]: '/clips/street.mov does not exist.' });
    expect(project()).toEqual(stored);

    program.files['/other.mov'] = { ...media, path: '/other.mov', frames: 100 };
    await expect(relink(clip, '/other.mov')).rejects.toMatchObject({ code: 'relink-size' });
    expect(project().clips[0].path).toBe(media.path);

    program.files['/moved.mov'] = { ...media, path: '/moved.mov' };
    await relink(clip, '/moved.mov');
    expect(project().clips[0]).toEqual({ ...clip, path: '/moved.mov' });
    expect(useSession.getState().missing).toEqual({});
  });

  it('looks for moved clips beside the project, and beside the one that was found', async () => {
    const program = await begin({ [media.path]: media });
    await openClip(media.path);
    const [one] = project().clips;
    const named = (name: string): Project['clips'][number] => ({
      ...one,
      id: name,
      name,
      path: `/clips/${name}`,
    });
    const stored = { ...project(), clips: [one, named('b.mov'), named('c.mov'), named('d.mov')] };
    program.files['/film/p.hetcut'] = { project: stored, path: '/film/p.hetcut', revision: 'r0' };
    delete program.files[media.path];
    program.files['/film/street.mov'] = { ...media, path: '/film/street.mov' };
    // Another clip of that name is not taken.
    program.files['/film/d.mov'] = { ...media, path: '/film/d.mov', width: 100 };
    await openProjectFile('/film/p.hetcut');
    expect(project().clips.map(({ path }) => path)).toEqual([
      '/film/street.mov',
      '/clips/b.mov',
      '/clips/c.mov',
      '/clips/d.mov',
    ]);
    expect(Object.keys(useSession.getState().missing).sort()).toEqual(['b.mov', 'c.mov', 'd.mov']);
    expect(useEditor.getState().notice?.text).toContain('street.mov');

    for (const name of ['b.mov', 'c.mov']) program.files[`/new/${name}`] = { ...media, path: `/new/${name}` };
    await relink(stored.clips[1], '/new/b.mov');
    expect(project().clips.map(({ path }) => path)).toEqual([
      '/film/street.mov',
      '/new/b.mov',
      '/new/c.mov',
      '/clips/d.mov',
    ]);
    expect(Object.keys(useSession.getState().missing)).toEqual(['d.mov']);
  });
});
