import { chooseFile } from '../state/choose-file.ts';
import { openClip, openProjectFile } from './session.ts';

/** Asks for a clip or a project and opens it. */
export async function chooseAndOpen(kind: 'clip' | 'project'): Promise<void> {
  const path = await chooseFile(kind);
  if (path === null) return;
  await (kind === 'clip' ? openClip(path) : openProjectFile(path));
}
