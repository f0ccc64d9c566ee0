import type { JobRow } from '../../src-shared/ipc/index.ts';
import { text } from '../i18n/index.ts';
import { backend } from './backend.ts';
import { chooseFile } from './choose-file.ts';
import { activeEdit, useEditor } from './editor-store.ts';
import { showInfo } from './notices.ts';

/** Asks for a place for what a job made, and writes it there. */
export async function exportResult({ id, name }: Pick<JobRow, 'id' | 'name'>): Promise<void> {
  const path = await chooseFile('export', exportName(name));
  if (path === null) return;
  const written = await backend().call('result.export', { jobId: id, path });
  showInfo(text('jobs.exported', { frames: written.frames, path: written.path }));
}

/** The same for the active edit's result; nothing where it has none. */
export async function exportActiveResult(): Promise<void> {
  const state = useEditor.getState();
  const jobId = activeEdit(state)?.result?.jobId;
  const job = state.jobs.find(({ id }) => id === jobId);
  if (job === undefined) showInfo(text('jobs.nothingToExport'));
  else await exportResult(job);
}

/** "street.mov · Remove" as a file's name: "street-remove.mp4". */
function exportName(jobName: string): string {
  const [clip, kind = 'result'] = jobName.split(' · ');
  return `${clip.replace(/\.[^.]+$/, '')}-${kind.toLowerCase()}.mp4`.replace(/[/\\:*?"<>|]+/g, '-');
}
