import { dialog, type BrowserWindow } from 'electron';

/** A page that has not saved by then is asked about. */
const saveMs = 2500;

export interface ClosingPage {
  /** A request of the page was answered. */
  answered(name: unknown): void;
}

/**
 * Lets the window's page save before it closes: it is told with `tell`, and says `project.close` when it has. Where it
 * cannot, the editor decides; `stay` is called if the window is to stay.
 */
export function saveBeforeClose(window: BrowserWindow, tell: () => void, stay: () => void): ClosingPage {
  let isOpen = false;
  let timer: NodeJS.Timeout | undefined;
  async function ask(): Promise<void> {
    const { response } = await dialog.showMessageBox(window, {
      type: 'warning',
      message: 'The project could not be saved.',
      detail: 'If the window is closed now, what was changed since it was saved last is lost.',
      buttons: ['Keep it open', 'Close without saving'],
      defaultId: 0,
      cancelId: 0,
    });
    timer = undefined;
    if (response === 1) window.destroy();
    else stay();
  }
  window.on('close', (event) => {
    if (!isOpen || window.webContents.isCrashed()) return;
    event.preventDefault();
    if (timer !== undefined) return;
    tell();
    timer = setTimeout(() => void ask(), saveMs);
  });
  window.on('closed', () => clearTimeout(timer));
  // A page that is loaded again has nothing open.
  window.webContents.on('did-start-loading', () => (isOpen = false));
  return {
    answered(name) {
      if (name === 'project.open' || name === 'project.save' || name === 'project.restore') isOpen = true;
      if (name !== 'project.close') return;
      isOpen = false;
      if (timer === undefined) return;
      clearTimeout(timer);
      window.close();
    },
  };
}
