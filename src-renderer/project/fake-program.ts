import { afterEach, beforeEach, vi } from 'vitest';
import {
  createClient,
  type ModelRow,
  type OpenedClip,
  type OpenedProject,
  type Reply,
} from '../../src-shared/ipc/index.ts';
import { usualSettings, type Project } from '../../src-shared/project/index.ts';
import { startLanguage } from '../i18n/index.ts';
import { changeEdit, useEditor } from '../state/editor-store.ts';
import { useSession } from './session-store.ts';
import { startSession } from './start-session.ts';

/** A clip as the program opens it. */
export const media: OpenedClip = {
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
        if (name === 'settings.read') return { ok: true, value: { settings: usualSettings, fixed: {} } };
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

/** Starts the session with a program that has these files. */
export async function begin(files: Record<string, OpenedClip | OpenedProject>) {
  const program = fakeProgram(files);
  stopListening = await startSession(program.client);
  return program;
}

/** The project that is open. */
export const project = (): Project => useEditor.getState().history?.present as Project;

/** A change that is to be saved. */
export const paint = (): void => {
  changeEdit('Brush', (edit) => void (edit.mask.invert = true));
};

/** Every save, as path, revision it is based on and project name. */
export const saves = (program: Awaited<ReturnType<typeof begin>>): unknown[] =>
  (program.saved() as { path?: string; basedOn?: string; project: Project }[]).map(
    ({ path, basedOn, project: { name } }) => [path, basedOn, name],
  );

/** Each test of a file starts with no project, and with timers of its own. */
export function freshSession(): void {
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
}
