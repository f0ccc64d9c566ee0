import type { JobRow } from '../../src-shared/ipc/index.ts';
import type { Project } from '../../src-shared/project/index.ts';
import { text } from '../i18n/index.ts';
import { useEditor } from '../state/editor-store.ts';
import { nameInClip } from '../state/edit-name.ts';

/** What a job is called: after its clip and edit as they are called now, else as it was called when it was started. */
export function jobName(
  job: Pick<JobRow, 'clipId' | 'editId' | 'name' | 'check'>,
  project?: Project,
): string {
  const clip = project?.clips.find(({ id }) => id === job.clipId);
  const edit = clip?.edits.find(({ id }) => id === job.editId);
  if (clip === undefined || edit === undefined) return job.name;
  const name = text('jobs.name', { clip: clip.name, kind: nameInClip(clip, edit) });
  return job.check === undefined ? name : text('check.of', { name });
}

export const useJobName = (job: JobRow): string =>
  jobName(
    job,
    useEditor((state) => state.history?.present),
  );
