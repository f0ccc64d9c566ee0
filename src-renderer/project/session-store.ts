import { create } from 'zustand';
import type { HetcutError } from '../../src-shared/core/errors/index.ts';

interface SessionState {
  /** What is being opened; null: nothing. */
  readonly opening: string | null;
  /** Clips of the project whose files were not found, with the reason. */
  readonly missing: Readonly<Record<string, string>>;
  readonly saved: 'saved' | 'saving' | 'unsaved';
  /** The project's file and the revision that it is based on (null: it replaces what is there); null: no file yet. */
  readonly file: { readonly path: string; readonly revision: string | null } | null;
  /** Another window has saved the project since; nothing is saved until the editor has chosen. */
  readonly conflict: HetcutError | null;
}

/** How the open project stands to its file and its clips. */
export const useSession = create<SessionState>()(() => ({
  opening: null,
  missing: {},
  saved: 'saved',
  file: null,
  conflict: null,
}));

/** As it is for a project that was just opened, or closed. */
export function resetSession(): void {
  useSession.setState({ missing: {}, saved: 'saved', file: null, conflict: null });
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
