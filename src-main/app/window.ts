import { app, BrowserWindow, dialog, screen, type Session, type WebContents } from 'electron';
import { appUrl, isAppAddress } from './app-page.ts';
import type { SettingsStore } from './settings-store.ts';
import { placeWindow, smallestWindow } from './window-state.ts';

const saveDelayMs = 400;
/** A page that crashes twice within this time is not loaded again without asking. */
const crashPauseMs = 60_000;

/** Pages stay where they are and open nothing. */
function confine(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-navigate', (event, address) => {
    // Loading the same page again is all that a page may do.
    if (address !== contents.getURL() || !isAppAddress(address)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
}

/** No content but the program's own, and no permission but to write the clipboard after a click. */
function confineSession(session: Session): void {
  const mayDo = (permission: string, address: string): boolean =>
    permission === 'clipboard-sanitized-write' && isAppAddress(address);
  session.setPermissionRequestHandler((contents, permission, decide) =>
    decide(mayDo(permission, contents.getURL())),
  );
  session.setPermissionCheckHandler((_contents, permission, origin) => mayDo(permission, origin));
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest(({ url }, decide) => {
    decide({ cancel: !isAppAddress(url) && !/^(devtools|blob|data):/.test(url) });
  });
}

/** Keeps every page that this program will ever make within its bounds. */
export function confineAll(session: Session): void {
  confineSession(session);
  app.on('web-contents-created', (_event, contents) => confine(contents));
}

function rememberPlace(window: BrowserWindow, settings: SettingsStore): void {
  let timer: NodeJS.Timeout | undefined;
  function save(): void {
    clearTimeout(timer);
    if (!window.isDestroyed()) {
      settings.set('window', { ...window.getNormalBounds(), maximised: window.isMaximized() });
    }
  }
  function saveSoon(): void {
    clearTimeout(timer);
    timer = setTimeout(save, saveDelayMs);
  }
  window.on('resize', saveSoon);
  window.on('move', saveSoon);
  window.on('maximize', saveSoon);
  window.on('unmaximize', saveSoon);
  window.on('close', save);
}

function surviveCrashes(window: BrowserWindow): void {
  let lastCrash = -Infinity;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    const now = Date.now();
    const again = now - lastCrash < crashPauseMs;
    lastCrash = now;
    if (!again) {
      window.webContents.reload();
      return;
    }
    const question = {
      type: 'error' as const,
      message: 'The window of HetCut stopped working twice.',
      detail: `Reason: ${reason}. Jobs go on; the project is as it was last saved.`,
      buttons: ['Load again', 'Quit'],
    };
    void dialog.showMessageBox(window, question).then(({ response }) => {
      if (response === 0) window.webContents.reload();
      else app.quit();
    });
  });
}

/** Opens the window where it was last, with the program's page in it. */
export function openWindow(settings: SettingsStore, preloadPath: string, iconPath: string): BrowserWindow {
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id);
  const areas = [primary, ...others].map(({ workArea }) => workArea);
  const { maximised, ...bounds } = placeWindow(settings.get('window'), areas);
  const window = new BrowserWindow({
    ...bounds,
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    title: 'HetCut',
    // Of Linux; elsewhere the program's file has it.
    ...(process.platform === 'linux' ? { icon: iconPath } : {}),
    // The page's own, so that nothing flashes before it is drawn.
    backgroundColor: '#0e0f11',
    show: false,
    webPreferences: {
      preload: preloadPath,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
    },
  });
  if (maximised) window.maximize();
  window.once('ready-to-show', () => window.show());
  rememberPlace(window, settings);
  surviveCrashes(window);
  void window.loadURL(appUrl);
  return window;
}
