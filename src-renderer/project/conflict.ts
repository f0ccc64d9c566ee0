import { backend } from '../state/backend.ts';
import { useEditor } from '../state/editor-store.ts';
import { openProjectFile } from './open-project.ts';
import { markSaved, saveProject } from './saving.ts';
import { useSession } from './session-store.ts';

/** Ends a conflict: this window’s version replaces the one that another window saved. */
export async function keepMine(): Promise<void> {
  useEditor.setState({ notice: null });
  useSession.setState(({ file }) => ({ conflict: null, file: file && { ...file, revision: null } }));
  await saveProject();
}

/** Ends a conflict: the version that another window saved replaces this window’s, which becomes an earlier version. */
export async function loadTheirs(): Promise<void> {
  const { file } = useSession.getState();
  const project = useEditor.getState().history?.present;
  if (file === null || project === undefined) return;
  await backend().call('project.keepVersion', { project, path: file.path });
  // As if it were saved.
  markSaved(project);
  useSession.setState({ conflict: null });
  await openProjectFile(file.path);
}
