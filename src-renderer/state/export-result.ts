import type { JobRow } from '../../src-shared/ipc/index.ts';
import { text } from '../i18n/index.ts';
import { backend } from './backend.ts';
import { chooseFile } from './choose-file.ts';
import { useEditor } from './editor-store.ts';
import { openExport } from './exports.ts';
import { showInfo } from './notices.ts';

/** Opens the export of the edit that a job was made for; a result that no open edit holds is written as it is. */
export async function exportResult({
  id,
  name,
  clipId,
  editId,
}: Pick<JobRow, 'id' | 'name' | 'clipId' | 'editId'>): Promise<void> {
  const clips = useEditor.getState().history?.present.clips ?? [];
  const edit = clips.find((clip) => clip.id === clipId)?.edits.find((one) => one.id === editId);
  if (edit?.result?.jobId === id) {
    useEditor.setState({ clipId, editId });
    openExport();
    return;
  }
  // Of another project, or made over since: without its clip's other edits.
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
