import { ipcMain, type BrowserWindow, type IpcMainEvent, type IpcMainInvokeEvent } from 'electron';
import { answer, type Reply } from '../../src-shared/ipc/index.ts';
import type { Backend } from '../backend/backend.ts';
import { channels, isAppAddress } from './app-page.ts';

/** True where the message came from the main frame of the program's own window, showing its own page. */
function isOwnPage(event: IpcMainEvent | IpcMainInvokeEvent, window: BrowserWindow | undefined): boolean {
  return (
    window !== undefined &&
    event.sender === window.webContents &&
    event.senderFrame === window.webContents.mainFrame &&
    isAppAddress(event.senderFrame.url)
  );
}

const refused: Reply<never> = {
  ok: false,
  code: 'ipc-sender',
  message: 'The request did not come from the window of HetCut.',
  hint: 'Restart HetCut.',
};

/** Carries requests of the window's page to the backend. Who else asks is refused. `onAnswered`: after a success. */
export function carryRequests(
  backend: Promise<Backend>,
  window: () => BrowserWindow | undefined,
  onAnswered: (name: unknown) => void,
): void {
  ipcMain.handle(channels.call, async (event, name: unknown, input: unknown) => {
    if (!isOwnPage(event, window())) return refused;
    const reply = await answer((await backend).handlers, name, input);
    if (reply.ok) onAnswered(name);
    return reply;
  });
  // Sent by the preload script alone, for files that were dropped or picked: the page cannot name a path itself.
  ipcMain.on(channels.allowPath, (event, path: unknown) => {
    if (isOwnPage(event, window()) && typeof path === 'string' && path !== '') {
      // In the order of the messages: a request that follows finds it allowed.
      void backend.then((made) => made.allowPath(path));
    }
  });
}
