import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createClient,
  type JobRow,
  type ModelRow,
  type OpenedClip,
  type Reply,
} from '../../src-shared/ipc/index.ts';
import { parseProject, type Project } from '../../src-shared/project/index.ts';
import { startLanguage } from '../i18n/index.ts';
import { activeClip, activeEdit, changeEdit, undoStep, useEditor } from '../state/editor-store.ts';
import { runActiveEdit, useRunOptions } from '../state/run-edit.ts';
import { openClip, openProjectFile, relink, startSession, useSession } from './session.ts';

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
function fakeProgram(files: Record<string, OpenedClip | Project>) {
  const calls: [string, unknown][] = [];
  const listeners: ((name: string, value: unknown) => void)[] = [];
  const known = (path: string): Reply<unknown> =>
    path in files
      ? { ok: true, value: files[path] }
      : { ok: false, code: 'file-not-found', message: `${path} does not exist.`, hint: 'Find it.' };
  return {
    calls,
    files,
    saved: () => calls.filter(([name]) => name === 'project.save').map(([, input]) => input),
    emit: (name: string, value: unknown) => {
      for (const listener of listeners) listener(name, value);
    },
    client: createClient({
      call: async (name, input): Promise<Reply<unknown>> => {
        calls.push([name, input]);
        if (name === 'app.info') return { ok: true, value: { models, recentProjects: [] } };
        if (name === 'jobs.list') return { ok: true, value: [] };
        if (name === 'clip.open' || name === 'project.open') return known((input as { path: string }).path);
        return { ok: true, value: null };
      },
      onEvent: (listener) => void listeners.push(listener),
    }),
  };
}

let stopListening: (() => void) | undefined;

async function begin(files: Record<string, OpenedClip | Project>) {
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
    expect(parseProject(JSON.parse(JSON.stringify(project())), 'project')).toEqual(project());
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
    expect(activeEdit(useEditor.getState())?.result).toMatchObject({ jobId: 'j1', seconds: 43 });
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
    program.files['/p.hetcut'] = stored;
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
