import { beforeEach, describe, expect, it } from 'vitest';
import {
  createClient,
  type JobRow,
  type JobPreview,
  type OpenedClip,
  type RecentProject,
} from '../../src-shared/ipc/index.ts';
import {
  newEdit,
  newProject,
  usualSettings,
  withClip,
  type Project,
} from '../../src-shared/project/index.ts';
import { startLanguage } from '../i18n/index.ts';
import { openProject, useEditor } from '../state/editor-store.ts';
import { usePreviews } from '../state/previews.ts';
import { closeProject } from './open-project.ts';
import { startSession } from './start-session.ts';
import { showResult } from './show-result.ts';

const result = { path: '/r.mp4', fingerprint: 'f', seconds: 1, estimateSeconds: 1 };
const range = { startFrame: 10, endFrame: 20 };
const edits = ['e1', 'e2'].map((id) => newEdit(id, id));
const project = (id: string): Project =>
  withClip(newProject(id, id), {
    id: 'c',
    path: '/c.mp4',
    name: 'c.mp4',
    width: 640,
    height: 360,
    frames: 50,
    frameRate: '25/1',
    durationSec: 2,
    edits: [edits[0], { ...edits[1], result: { ...result, jobId: 'j', range } }],
  });
const media = { path: '/r.mp4', warnings: [] } as unknown as OpenedClip;
const job: JobRow = {
  id: 'j',
  projectId: 'here',
  clipId: 'c',
  editId: 'e2',
  name: 'c.mp4 · Remove',
  state: 'done',
  createdAt: 0,
  result: { ...result, range, calls: { full: 1, partial: 0, reuse: 0 }, flopsSaved: 0, warnings: [] },
};

let recentProjects: readonly RecentProject[];
let opened: string[];
let listeners: ((name: string, value: unknown) => void)[];
const tell = (name: string, value: unknown): void => {
  for (const listener of listeners) listener(name, value);
};

beforeEach(async () => {
  await startLanguage('en');
  recentProjects = [];
  opened = [];
  listeners = [];
  const client = createClient({
    call: async (name, input) => {
      if (name === 'settings.read') return { ok: true, value: { settings: usualSettings, fixed: {} } };
      if (name === 'app.info') return { ok: true, value: { models: [], recentProjects } };
      if (name === 'jobs.list' || name === 'export.list') return { ok: true, value: [] };
      if (name === 'project.open') {
        opened.push((input as { path: string }).path);
        return {
          ok: true,
          value: { project: project('there'), path: '/there.hetcut', revision: 'r' },
        };
      }
      if (name === 'project.save') return { ok: true, value: { path: '/p', savedAt: 0, revision: 's' } };
      return { ok: true, value: name === 'clip.open' ? media : null };
    },
    onEvent: (listener) => void listeners.push(listener),
  });
  await startSession(client);
  await closeProject();
  openProject(project('here'));
  useEditor.setState({ openedResults: { '/r.mp4': media }, frame: 3, playRate: 1 });
});

const shown = () => {
  const { editId, frame, compare, playRate } = useEditor.getState();
  return { editId, frame, compare, playRate };
};

describe('showResult', () => {
  it('goes to the edit and to the first frame of its result, and compares', async () => {
    await showResult(job);
    expect(shown()).toEqual({ editId: 'e2', frame: 10, compare: 'wipe', playRate: 0 });
    useEditor.setState({ frame: 19 });
    await showResult(job);
    expect(shown().frame).toBe(19);
  });

  it('opens the project of the job first, where another one is open', async () => {
    recentProjects = [{ id: 'there', path: '/there.hetcut', name: 'There', savedAt: 0 }];
    await showResult({ ...job, projectId: 'there' });
    expect(opened).toEqual(['/there.hetcut']);
    expect(useEditor.getState().history?.present.id).toBe('there');
    expect(shown()).toMatchObject({ editId: 'e2', compare: 'wipe' });
  });

  it('says what is no longer there', async () => {
    await expect(showResult({ ...job, projectId: 'gone' })).rejects.toMatchObject({
      code: 'project-unknown',
    });
    await expect(showResult({ ...job, editId: 'gone' })).rejects.toMatchObject({ code: 'edit-gone' });
    useEditor.setState({ openedResults: {}, compare: 'before' });
    await showResult(job);
    expect(shown()).toMatchObject({ editId: 'e2', compare: 'before' });
    expect(useEditor.getState().notice?.text).toContain('e2');
  });
});

describe('previews of jobs', () => {
  it('are kept while their job runs', () => {
    const crop = { x: 0, y: 0, width: 8, height: 8 };
    const preview: JobPreview = { jobId: 'j', width: 1, height: 1, rgb: 'AAAA', frame: 4, crop };
    tell('jobs.changed', [{ ...job, state: 'running' }]);
    tell('jobs.preview', preview);
    expect(usePreviews.getState().byJob).toEqual({ j: preview });
    tell('jobs.changed', [
      { ...job, state: 'running' },
      { ...job, id: 'k', state: 'waiting' },
    ]);
    expect(usePreviews.getState().byJob).toEqual({ j: preview });
    tell('jobs.changed', [{ ...job, state: 'paused' }]);
    expect(usePreviews.getState().byJob).toEqual({});
  });
});
