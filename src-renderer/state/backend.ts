import { create } from 'zustand';
import type { AppInfo, Client, DeviceState } from '../../src-shared/ipc/index.ts';

interface BackendState {
  readonly client: Client | null;
  /** Null until the program has answered. */
  readonly info: AppInfo | null;
  /** What computes; null until it is known. */
  readonly device: DeviceState | null;
}

/** The program behind the page. */
export const useBackend = create<BackendState>()(() => ({ client: null, info: null, device: null }));

/** The program's requests; the page connects before it draws anything. */
export function backend(): Client {
  const { client } = useBackend.getState();
  if (client === null) throw new Error('The page has not connected to the program yet.');
  return client;
}
