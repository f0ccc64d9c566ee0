import { create } from 'zustand';
import type { FileKind } from '../../src-shared/ipc/index.ts';
import { backend, useBackend } from './backend.ts';

interface FileRequest {
  readonly kind: FileKind;
  readonly suggestedName?: string;
  /** Null: nothing was chosen. */
  readonly settle: (path: string | null) => void;
}

/** What the page's own file browser is asked for; null while it is closed. */
export const useFileRequest = create<{ readonly request: FileRequest | null }>()(() => ({ request: null }));

/** Asks for a path: by the system's dialog where there is one, else by the page's own browser. */
export async function chooseFile(kind: FileKind, suggestedName?: string): Promise<string | null> {
  const named = suggestedName === undefined ? {} : { suggestedName };
  if (useBackend.getState().info?.nativeDialogs === true)
    return backend().call('files.choose', { kind, ...named });
  // A second question closes the first.
  useFileRequest.getState().request?.settle(null);
  return new Promise((resolve) => {
    const settle = (path: string | null): void => {
      useFileRequest.setState({ request: null });
      resolve(path);
    };
    useFileRequest.setState({ request: { kind, ...named, settle } });
  });
}
