import type { JobRow } from '../../src-shared/ipc/index.ts';
import { text } from '../i18n/index.ts';
import { backend } from './backend.ts';
import { chooseFile } from './choose-file.ts';
import { useEditor } from './editor-store.ts';
import { openExport } from './exports.ts';
import { showInfo } from './notices.ts';

/**
 * Exports what a job made: by the dialog where the open project still has it as an edit's result; else, of another
 * project or made over since, as it is, to a place that is asked for.
 */
export async function exportResult({
  id,
  name,
  clipId,
  editId,
}: Pick<JobRow, 'id' | 'name' | 'clipId' | 'editId'>): Promise<void> {
  const { history } = useEditor.getState();
  const clip = history?.present.clips.find((one) => one.id === clipId);
  if (clip?.edits.some((edit) => edit.id === editId && edit.result?.jobId === id) === true) {
    useEditor.setState({ clipId, editId });
    openExport();
    return;
  }
  const path = await chooseFile('export', exportName(name));
  if (path === null) return;
  const written = await backend().call('result.export', { jobId: id, path });
  showInfo(text('jobs.exported', { frames: written.frames, path: written.path }));
}

/** "street.mov · Remove" as a file's name: "street-remove.mp4". */
function exportName(jobName: string): string {
  const [clip, kind = 'result'] = jobName.split(' · ');
  return `${clip.replace(/\.[^.]+$/, '')}-${kind.toLowerCase()}.mp4`.replace(/[/\\:*?"<>|]+/g, '-');
}
