import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createClient,
  type JobRow,
  type ModelRow,
  type OpenedClip,
  type OpenedProject,
  type Reply,
} from '../../src-shared/ipc/index.ts';
import { newProject, projectSchema, type Project } from '../../src-shared/project/index.ts';
import { startLanguage } from '../i18n/index.ts';
import { activeClip, activeEdit, changeEdit, undoStep, useEditor } from '../state/editor-store.ts';
import { runActiveEdit, useRunOptions } from '../state/run-edit.ts';
import {
  closeProject,
  keepMine,
  loadTheirs,
  openClip,
  openProjectFile,
  relink,
  saveProject,
  saveProjectAs,
  startSession,
  useSession,
} from './session.ts';

const media: OpenedClip = {
  mediaId: 'm',
  path: '/clips/street.mov',
  name: 'street.mov',
  width: 854,
  height: 480,
  frames: 126,
  frameRate: '24/1',
  durationSec: 5.25,
  ptsSec: [0],
  hasAudio: false,
  codec: 'h264',
  warnings: [],
};
const models: readonly ModelRow[] = [{ id: 'other', bytes: 1, readsPrompts: true }];

/** A program that answers as it is told and remembers what it was asked. */
function fakeProgram(files: Record<string, OpenedClip | OpenedProject>) {
  const calls: [string, unknown][] = [];
  const listeners: ((name: string, value: unknown) => void)[] = [];
  const known = (path: string): Reply<unknown> =>
    path in files
      ? { ok: true, value: files[path] }
      : { ok: false, code: 'file-not-found', message: `${path} does not exist.`, hint: 'Find it.' };
  /** Another window's save makes the revision another; each save of this one makes the next. */
  const disk = { revision: 0, full: false, ready: Promise.resolve() };
  function save({ path = '/home/p.hetcut', basedOn }: { path?: string; basedOn?: string }): Reply<unknown> {
    if (disk.full) return { ok: false, code: 'project-unsaved', message: 'Full.', hint: 'Make room.' };
    if (basedOn !== undefined && basedOn !== `r${disk.revision}`) {
      return { ok: false, code: 'project-conflict', message: 'Changed.', hint: 'Choose.' };
    }
    return { ok: true, value: { path, savedAt: 0, revision: `r${++disk.revision}` } };
  }
  return {
    calls,
    files,
    disk,
    saved: () => calls.filter(([name]) => name === 'project.save').map(([, input]) => input),
    emit: (name: string, value: unknown) => {
      for (const listener of listeners) listener(name, value);
    },
    client: createClient({
      call: async (name, input): Promise<Reply<unknown>> => {
        calls.push([name, input]);
        if (name === 'app.info') return { ok: true, value: { models, recentProjects: [] } };
        if (name === 'jobs.list' || name === 'export.list') return { ok: true, value: [] };
        if (name === 'project.save') await disk.ready;
        if (name === 'clip.find') {
          const { path, near } = input as { path: string; near: string };
          const found = near.replace(/[^/]*$/, '') + path.replace(/^.*\//, '');
          return { ok: true, value: found in files ? found : null };
        }
        if (name === 'project.save') return save(input as { path?: string; basedOn?: string });
        if (name === 'clip.open' || name === 'project.open') return known((input as { path: string }).path);
        return { ok: true, value: null };
      },
      onEvent: (listener) => void listeners.push(listener),
    }),
  };
}

let stopListening: (() => void) | undefined;

async function begin(files: Record<string, OpenedClip | OpenedProject>) {
  const program = fakeProgram(files);
  stopListening = await startSession(program.client);
  return program;
}

const project = (): Project => useEditor.getState().history?.present as Project;

function finished(id: string, createdAt: number, path: string): JobRow {
  const { history, clipId, editId } = useEditor.getState();
  return {
    id,
    projectId: history?.present.id ?? '',
    clipId: clipId ?? '',
    editId: editId ?? '',
    name: 'street.mov · Remove',
    state: 'done',
    createdAt,
    result: {
      path,
      fingerprint: 'f',
      seconds: 43,
      estimateSeconds: 41,
      calls: { full: 1, partial: 0, reuse: 0 },
      flopsSaved: 0.5,
      filled: { plate: 'auto', share: 0.7 },
      warnings: [],
    },
  };
}

const paint = (): void => {
  changeEdit('Brush', (edit) => void (edit.mask.invert = true));
};

beforeEach(async () => {
  await startLanguage('en');
  vi.useFakeTimers();
  useEditor.setState({ ...useEditor.getInitialState() }, true);
  useSession.setState({ ...useSession.getInitialState() }, true);
});
afterEach(() => {
  stopListening?.();
  vi.useRealTimers();
});

describe('session', () => {
  it('opens a clip as a project that its own format accepts, with a model that is there', async () => {
    await begin({ [media.path]: media });
    await openClip(media.path);
    expect(projectSchema.parse(JSON.parse(JSON.stringify(project())))).toEqual(project());
    expect(project().name).toBe('street');
    expect(project().clips).toHaveLength(1);
    expect(activeEdit(useEditor.getState())?.settings.modelId).toBe('other');
    expect(useEditor.getState().opened[activeClip(useEditor.getState())?.id ?? '']).toEqual(media);
  });

  it('saves 800 ms after the last change, once, and not for opening', async () => {
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

  it('saves what is waiting before another clip is opened', async () => {
    const other = { ...media, path: '/clips/b.mov', name: 'b.mov' };
    const program = await begin({ [media.path]: media, [other.path]: other });
    await openClip(media.path);
    paint();
    const before = project();
    await openClip(other.path);
    expect(program.saved()).toEqual([{ project: before }]);
  });

  it('gives a finished job to its edit, shows it, and keeps it through an undo', async () => {
    const result = { ...media, mediaId: 'r', path: '/results/1.mkv' };
    const program = await begin({ [media.path]: media, [result.path]: result });
    await openClip(media.path);
    paint();
    program.emit('jobs.changed', [finished('j1', 1, result.path)]);
    await vi.advanceTimersByTimeAsync(0);
    expect(activeEdit(useEditor.getState())?.result).toMatchObject({
      jobId: 'j1',
      seconds: 43,
      filled: { plate: 'auto', share: 0.7 },
    });
    expect(useEditor.getState().openedResults[result.path]).toEqual(result);
    expect(useEditor.getState().compare).toBe('wipe');
    undoStep();
    expect(activeEdit(useEditor.getState())?.mask.invert).toBe(false);
    expect(activeEdit(useEditor.getState())?.result?.jobId).toBe('j1');
  });

  it('takes the newest of several finished jobs, and none of another project', async () => {
    const result = { ...media, path: '/results/2.mkv' };
    const program = await begin({ [media.path]: media, [result.path]: result });
    await openClip(media.path);
    const foreign = { ...finished('j9', 9, '/results/9.mkv'), projectId: 'another' };
    program.emit('jobs.changed', [
      finished('j2', 2, result.path),
      finished('j1', 1, '/results/1.mkv'),
      foreign,
    ]);
    await vi.advanceTimersByTimeAsync(0);
    expect(activeEdit(useEditor.getState())?.result?.jobId).toBe('j2');
    expect(program.calls.filter(([name]) => name === 'clip.open').map(([, input]) => input)).toEqual([
      { path: media.path },
      { path: result.path },
    ]);
  });

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

  it('queues the edit as it is, with another seed where the seed is not kept', async () => {
    const program = await begin({ [media.path]: media });
    await openClip(media.path);
    await runActiveEdit();
    expect(program.calls.some(([name]) => name === 'jobs.add')).toBe(false);
    paint();
    useRunOptions.setState({ seedLocked: true });
    await runActiveEdit();
    const edit = activeEdit(useEditor.getState());
    const added = program.calls.find(([name]) => name === 'jobs.add')?.[1];
    expect(added).toMatchObject({ clipPath: media.path, mask: edit?.mask, settings: edit?.settings });
    vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
      (array as unknown as Uint32Array)[0] = 77;
      return array;
    });
    useRunOptions.setState({ seedLocked: false });
    await runActiveEdit();
    expect(program.calls.at(-1)?.[1]).toMatchObject({ settings: { seed: 77 } });
  });
});

describe('the project file', () => {
  const saves = (program: Awaited<ReturnType<typeof begin>>): unknown[] =>
    (program.saved() as { path?: string; basedOn?: string; project: Project }[]).map(
      ({ path, basedOn, project: { name } }) => [path, basedOn, name],
    );

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

  it('of another place is not taken where it cannot be saved there', async () => {
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

  it('that was damaged is written anew from what stands in for it', async () => {
    const stored = newProject('p', 'earlier');
    const damage = { message: 'p.hetcut is not JSON.', savedAt: 0 };
    const opened = { project: stored, path: '/p.hetcut', revision: 'r0', damage };
    const program = await begin({ '/p.hetcut': opened });
    await openProjectFile('/p.hetcut');
    expect(useEditor.getState().notice?.text).toMatch(/^p\.hetcut is not JSON\. This is its version of /);
    await vi.advanceTimersByTimeAsync(800);
    expect(saves(program)).toEqual([['/p.hetcut', 'r0', 'earlier']]);
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
