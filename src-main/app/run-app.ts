import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, clipboard, crashReporter, dialog, Menu, session, shell, type BrowserWindow } from 'electron';
import { HetcutError } from '../../src-shared/core/errors/index.ts';
import type { EventName, Events } from '../../src-shared/ipc/index.ts';
import type { Backend, BackendOptions } from '../backend/backend.ts';
import { homeError } from '../jobs/atomic-write.ts';
import { programVersion } from '../jobs/program-version.ts';
import { resolveHome } from '../models/home.ts';
import { channels } from './app-page.ts';
import { nativeDialogs } from './dialogs.ts';
import { fileIn, isProject } from './file-arguments.ts';
import { carryRequests } from './ipc-carrier.ts';
import { JobPresence } from './job-presence.ts';
import { buildMenu, type MenuActions } from './menu.ts';
import { nativeTexts, type NativeLanguage, type NativeTexts } from './native-texts.ts';
import { openLog } from './program-log.ts';
import { claimScheme, serveScheme } from './protocol.ts';
import { saveBeforeClose, type ClosingPage } from './save-before-close.ts';
import { openSettings } from './settings-store.ts';
import { forkUtility } from './utility-host.ts';
import { confineAll, openWindow } from './window.ts';

const licencesFile = new URL('../../THIRD-PARTY.md', import.meta.url);

/** Where the parts of the built program are. */
export interface AppFolders {
  /** The bundles of main process, preload script and host. */
  readonly bundles: string;
  /** index.html and what belongs to it. */
  readonly pages: string;
}

/** Ends the program with what was wrong and what to do. */
function cannotStart(error: unknown): void {
  const text =
    error instanceof HetcutError ? `${error.message}\n\n${error.hint}` : String((error as Error).message);
  // For whoever started it in a terminal; the box waits for a click.
  process.stderr.write(`HetCut cannot start: ${text}\n`);
  dialog.showErrorBox('HetCut cannot start', text);
  app.exit(1);
}

/** The desktop program: one instance per HETCUT_HOME, one window. */
export function runApp(
  createBackend: (options: BackendOptions) => Backend | Promise<Backend>,
  folders: AppFolders,
): void {
  if (process.argv.includes('--version')) {
    void programVersion().then((version) => {
      process.stdout.write(`${version}\n`);
      app.exit(0);
    });
    return;
  }
  const home = resolveHome(process.env);
  const userData = join(home, 'app');
  try {
    mkdirSync(userData, { recursive: true });
  } catch (error) {
    cannotStart(homeError(userData, error));
    return;
  }
  // Before anything else: the lock of the single instance and Chromium's own files are there.
  app.setPath('userData', userData);
  // Dumps of crashes stay on this machine.
  crashReporter.start({ uploadToServer: false });
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  claimScheme();
  const log = openLog(home);
  const settings = openSettings(userData);
  const language = (): NativeLanguage => (settings.get('language') === 'de' ? 'de' : 'en');
  const texts = (): NativeTexts => nativeTexts[language()];
  process.on('uncaughtExceptionMonitor', (error) => log.note(error.stack ?? error.message));

  let window: BrowserWindow | undefined;
  let page: ClosingPage | undefined;
  let backend: Backend | undefined;
  let quitting = false;
  let toOpen = fileIn(process.argv, process.cwd());

  const presence = new JobPresence(() => window, texts);
  function emit<Name extends EventName>(name: Name, value: Events[Name]): void {
    if (name === 'jobs.changed') {
      const rows = value as Events['jobs.changed'];
      presence.changed(rows);
      log.jobs(rows);
    }
    if (window !== undefined && !window.isDestroyed()) window.webContents.send(channels.event, name, value);
  }
  function openFile(path: string): void {
    if (backend === undefined || window === undefined || window.webContents.isLoading()) {
      toOpen = path;
      return;
    }
    backend.allowPath(path);
    emit('menu.chosen', { command: isProject(path) ? 'project.open' : 'clip.open', path });
  }
  app.on('second-instance', (_event, args, workingFolder) => {
    if (window !== undefined) {
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    }
    const path = fileIn(args, workingFolder);
    if (path !== undefined) openFile(path);
  });
  // macOS says it this way.
  app.on('open-file', (event, path) => {
    event.preventDefault();
    openFile(path);
  });

  async function showMenu(of: Backend): Promise<void> {
    const { recentProjects } = await of.handlers['app.info']({});
    const actions: MenuActions = {
      choose: (command) => emit('menu.chosen', { command }),
      openProject: openFile,
      openLogFolder: () => void shell.openPath(log.folder),
      copyDiagnostics: () => void copyDiagnostics(of).catch((error: unknown) => log.note(String(error))),
      showLicences: () => void shell.openPath(fileURLToPath(licencesFile)),
      showAbout: () => app.showAboutPanel(),
    };
    Menu.setApplicationMenu(buildMenu(recentProjects, actions, texts()));
  }
  async function copyDiagnostics({ handlers }: Backend): Promise<void> {
    const [{ version }, findings] = await Promise.all([handlers['app.info']({}), handlers['app.doctor']({})]);
    // Newer Electrons answer later.
    await clipboard.writeText(log.report(version, findings));
  }

  async function start(): Promise<void> {
    await app.whenReady();
    confineAll(session.defaultSession);
    log.note(`started, Electron ${process.versions['electron']}`);
    // The page is loaded meanwhile; what it asks for waits.
    const making = Promise.resolve(
      createBackend({
        home,
        startHost: (purpose) => forkUtility(join(folders.bundles, 'host.cjs'), purpose),
        dialogs: nativeDialogs(() => window, settings, texts),
        onNote: log.note,
        onLanguage(next) {
          if (next === language()) return;
          settings.set('language', next);
          void making.then(showMenu);
        },
        emit,
      }),
    );
    serveScheme(making, folders.pages);
    carryRequests(
      making,
      () => window,
      (name) => {
        page?.answered(name);
        if (name === 'project.open' || name === 'project.save' || name === 'project.forget')
          void making.then(showMenu);
      },
    );
    const open = (): void => {
      window = openWindow(settings, join(folders.bundles, 'preload.cjs'), join(folders.pages, 'icon.png'));
      page = saveBeforeClose(
        window,
        () => emit('app.closing', {}),
        () => (quitting = false),
      );
      window.on('closed', () => {
        window = undefined;
        page = undefined;
        if (quitting) app.quit();
      });
      window.webContents.on('did-finish-load', () => {
        if (toOpen === undefined) return;
        const path = toOpen;
        toOpen = undefined;
        void making.then(() => openFile(path));
      });
    };
    open();
    app.on('activate', () => {
      if (window === undefined) open();
    });
    backend = await making;
    app.setAboutPanelOptions({
      applicationName: 'HetCut',
      applicationVersion: await programVersion(),
      copyright: 'Apache-2.0',
      credits: texts().credits,
      iconPath: join(folders.pages, 'icon.png'),
    });
    await showMenu(backend);
  }

  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  let ending = false;
  let closed = false;
  app.on('before-quit', (event) => {
    if (closed || backend === undefined) return;
    event.preventDefault();
    quitting = true;
    // Once more when the page has saved and its window is gone …
    if (window !== undefined) {
      window.close();
      return;
    }
    if (ending) return;
    ending = true;
    presence.end();
    // … and once more when what runs has been stopped and its files are gone.
    void backend.close().finally(() => {
      closed = true;
      app.quit();
    });
  });
  start().catch(cannotStart);
}
