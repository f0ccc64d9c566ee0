import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { JobRow } from '../../src-shared/ipc/index.ts';
import { text } from '../i18n/index.ts';
import { nameInClip } from '../state/edit-name.ts';
import { backend } from '../state/backend.ts';
import { useEditor } from '../state/editor-store.ts';
import { showInfo } from '../state/notices.ts';
import { openProjectFile } from './open-project.ts';

/**
 * Goes to the edit that a job belongs to, at its first frame unless the playhead stands within it, and compares its
 * result with the clip. The project is opened where another one is.
 * @throws HetcutError project-unknown, edit-gone, and what opening a project throws
 */
export async function showResult({ projectId, clipId, editId, name, result }: JobRow): Promise<void> {
  if (useEditor.getState().history?.present.id !== projectId)
    await openProjectFile(await pathOf(projectId, name));
  const { history, openedResults, frame } = useEditor.getState();
  const clip = history?.present.clips.find(({ id }) => id === clipId);
  const edit = clip?.edits.find(({ id }) => id === editId);
  if (clip === undefined || edit === undefined) {
    throw new HetcutError('edit-gone', text('jobs.editGone', { name }), { hint: text('jobs.editGoneHint') });
  }
  const { startFrame, endFrame } = result?.range ?? { startFrame: 0, endFrame: clip.frames };
  const isWithin = frame >= startFrame && frame < endFrame;
  const shown = edit.result !== undefined && edit.result.path in openedResults;
  useEditor.setState({
    clipId,
    editId,
    playRate: 0,
    ...(isWithin ? {} : { frame: startFrame }),
    ...(shown && { compare: 'wipe' }),
  });
  if (!shown) showInfo(text('notice.resultMissing', { name: nameInClip(clip, edit) }));
}

async function pathOf(projectId: string, jobName: string): Promise<string> {
  const { recentProjects } = await backend().call('app.info', {});
  const found = recentProjects.find(({ id }) => id === projectId);
  if (found !== undefined) return found.path;
  throw new HetcutError('project-unknown', text('jobs.projectUnknown', { name: jobName }), {
    hint: text('jobs.projectUnknownHint'),
  });
}
