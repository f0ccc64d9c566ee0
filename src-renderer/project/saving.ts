import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { Project } from '../../src-shared/project/index.ts';
import { backend } from '../state/backend.ts';
import { amendProject, useEditor } from '../state/editor-store.ts';
import { showFailure } from '../state/notices.ts';
import { useProgramSettings } from '../state/program-settings.ts';
import { baseName, useSession } from './session-store.ts';

/** The document as it is on disk, or as it was opened. */
let lastSaved: Project | null = null;
let autosave: ReturnType<typeof setTimeout> | undefined;
/** Saves follow each other: each is based on the revision that the one before made. */
let saving: Promise<void> = Promise.resolve();

/**
 * Saves whatever changes, a moment after each change.
 * @returns stops it
 */
export function startAutosave(): () => void {
  const unsubscribe = useEditor.subscribe(({ history }, before) => {
    if (history?.present !== before.history?.present) saveLater();
  });
  return () => {
    clearTimeout(autosave);
    unsubscribe();
  };
}

/** The project is what its file holds, so that there is nothing to save. Null: no file holds it. */
export function markSaved(project: Project | null): void {
  lastSaved = project;
}

/** Saves after a moment, unless the project is what its file holds. */
export function saveLater(): void {
  const project = useEditor.getState().history?.present ?? null;
  if (project === null || project === lastSaved) return;
  useSession.setState({ saved: 'unsaved' });
  clearTimeout(autosave);
  autosave = setTimeout(() => {
    if (useSession.getState().conflict === null) saveProject().catch(showFailure);
  }, 1000 * useProgramSettings.getState().settings.autosaveSec);
}

/** Saves what has changed since the last time; changes meanwhile are saved after it. */
export function saveProject(): Promise<void> {
  clearTimeout(autosave);
  saving = saving.catch(() => undefined).then(saveNow);
  return saving;
}

async function saveNow(): Promise<void> {
  const project = useEditor.getState().history?.present;
  const { file, conflict } = useSession.getState();
  if (project === undefined || project === lastSaved) return;
  if (conflict !== null) throw conflict;
  useSession.setState({ saved: 'saving' });
  try {
    const saved = await backend().call('project.save', {
      project,
      ...(file !== null && { path: file.path }),
      ...(file !== null && file.revision !== null && { basedOn: file.revision }),
    });
    useSession.setState({ file: { path: saved.path, revision: saved.revision } });
  } catch (error) {
    useSession.setState({ saved: 'unsaved' });
    if (error instanceof HetcutError && error.code === 'project-conflict') {
      useSession.setState({ conflict: error });
    }
    throw error;
  }
  lastSaved = project;
  const changedSince = useEditor.getState().history?.present !== project;
  useSession.setState({ saved: changedSince ? 'unsaved' : 'saved' });
}

/** Saves the project in another place, where it is saved from now on, under that file's name. */
export async function saveProjectAs(path: string): Promise<void> {
  await saving.catch(() => undefined);
  const before = useSession.getState().file;
  const name = baseName(path).replace(/\.hetcut$/i, '');
  amendProject((project) => void (project.name = name.slice(0, 200) || project.name));
  useSession.setState({ file: { path, revision: null }, conflict: null });
  lastSaved = null;
  try {
    await saveProject();
  } catch (error) {
    useSession.setState({ file: before });
    throw error;
  }
}
