import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { Carrier, Reply } from '../../src-shared/ipc/index.ts';
import { channels } from './app-page.ts';

/** Path of a file that was dropped or picked. '' for one that was made in the page, or that is no file. */
function pathOf(file: unknown): string {
  if (!(file instanceof File)) return '';
  // Electron before 32 had no webUtils and put the path into the file.
  if (webUtils === undefined) return (file as File & { readonly path?: string }).path ?? '';
  return webUtils.getPathForFile(file);
}

const carrier: Carrier = {
  call: (name, input) => ipcRenderer.invoke(channels.call, name, input) as Promise<Reply<unknown>>,
  onEvent: (listener) =>
    void ipcRenderer.on(channels.event, (_event, name: string, value: unknown) => listener(name, value)),
};

contextBridge.exposeInMainWorld('hetcut', {
  ...carrier,
  pathOfFile(file: unknown): string {
    const path = pathOf(file);
    // Arrives before any request that the page makes after this.
    if (path !== '') ipcRenderer.send(channels.allowPath, path);
    return path;
  },
  platform: process.platform,
});
