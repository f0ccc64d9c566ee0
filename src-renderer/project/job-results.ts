import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { JobRow } from '../../src-shared/ipc/index.ts';
import type { Project } from '../../src-shared/project/index.ts';
import { text } from '../i18n/index.ts';
import { backend } from '../state/backend.ts';
import { amendProject, useEditor } from '../state/editor-store.ts';
import { showFailure, showInfo } from '../state/notices.ts';
import { playEndSound } from '../state/end-sound.ts';
import { useProgramSettings } from '../state/program-settings.ts';
import { dropOldPreviews } from '../state/previews.ts';

interface StoredPath {
  readonly name: string;
  readonly path: string;
}

/** The results that the project’s edits have. */
export function storedResults(project: Project): StoredPath[] {
  return project.clips.flatMap(({ edits }) =>
    edits.flatMap(({ name, result }) => (result === undefined ? [] : [{ name, path: result.path }])),
  );
}

/** Opens a result to be shown; says so where its file is gone. */
export async function openResult({ name, path }: StoredPath): Promise<boolean> {
  try {
    const media = await backend().call('clip.open', { path });
    useEditor.setState(({ openedResults }) => ({ openedResults: { ...openedResults, [path]: media } }));
    return true;
  } catch (error) {
    if (!(error instanceof HetcutError)) throw error;
    showInfo(text('notice.resultMissing', { name }));
    return false;
  }
}

/** Whether a job that ran is done or has failed. */
function hasEnded(before: readonly JobRow[], now: readonly JobRow[]): boolean {
  const ran = new Set(before.filter(({ state }) => state === 'running').map(({ id }) => id));
  return now.some(({ id, state }) => ran.has(id) && (state === 'done' || state === 'failed'));
}

/** Takes the queue's state; what has been finished becomes the result of its edit. */
export function updateJobs(jobs: readonly JobRow[]): void {
  if (hasEnded(useEditor.getState().jobs, jobs) && useProgramSettings.getState().settings.sound)
    playEndSound();
  useEditor.setState({ jobs });
  dropOldPreviews(jobs);
  const project = useEditor.getState().history?.present;
  if (project === undefined) return;
  for (const job of newestFinished(jobs, project)) attachResult(job);
}

type FinishedJob = JobRow & { readonly result: NonNullable<JobRow['result']> };

/** The last finished job of each edit whose result the project does not have yet. */
function newestFinished(jobs: readonly JobRow[], project: Project): FinishedJob[] {
  const newest = new Map<string, FinishedJob>();
  for (const job of jobs) {
    if (job.state !== 'done' || job.result === undefined || job.projectId !== project.id) continue;
    const known = newest.get(job.editId);
    if (known === undefined || known.createdAt < job.createdAt) newest.set(job.editId, job as FinishedJob);
  }
  const edits = new Map(project.clips.flatMap((clip) => clip.edits.map((edit) => [edit.id, edit])));
  return [...newest.values()].filter((job) => {
    const edit = edits.get(job.editId);
    return edit !== undefined && edit.result?.jobId !== job.id;
  });
}

function attachResult({ id, clipId, editId, name, result }: FinishedJob): void {
  const { path, range, fingerprint, seconds, estimateSeconds, filled } = result;
  amendProject((project) => {
    const edit = project.clips.find((clip) => clip.id === clipId)?.edits.find((other) => other.id === editId);
    if (edit !== undefined) {
      edit.result = {
        path,
        jobId: id,
        ...(range === undefined ? {} : { range }),
        fingerprint,
        seconds,
        estimateSeconds,
        ...(filled === undefined ? {} : { filled }),
      };
    }
  });
  openResult({ name, path })
    .then((opened) => {
      if (opened && useEditor.getState().editId === editId) useEditor.setState({ compare: 'wipe' });
    })
    .catch(showFailure);
}
