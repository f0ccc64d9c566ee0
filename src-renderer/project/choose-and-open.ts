import { chooseFile } from '../state/choose-file.ts';
import { useEditor } from '../state/editor-store.ts';
import { openClip, openProjectFile } from './open-project.ts';
import { saveProjectAs } from './saving.ts';

/** Asks for a clip or a project and opens it. */
export async function chooseAndOpen(kind: 'clip' | 'project'): Promise<void> {
  const path = await chooseFile(kind);
  if (path === null) return;
  await (kind === 'clip' ? openClip(path) : openProjectFile(path));
}

/** Asks for a place for the project and saves it there. */
export async function chooseAndSaveAs(): Promise<void> {
  const name = useEditor.getState().history?.present.name;
  if (name === undefined) return;
  const path = await chooseFile('saveProject', `${name}.hetcut`);
  if (path !== null) await saveProjectAs(path);
}
