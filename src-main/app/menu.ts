import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuCommand, RecentProject } from '../../src-shared/ipc/index.ts';
import type { NativeTexts } from './native-texts.ts';

export interface MenuActions {
  readonly choose: (command: MenuCommand) => void;
  readonly openProject: (path: string) => void;
  readonly openLogFolder: () => void;
  readonly copyDiagnostics: () => void;
  readonly showLicences: () => void;
  readonly showAbout: () => void;
}

type Item = MenuItemConstructorOptions;
const separator: Item = { type: 'separator' };

/**
 * The native menu. The page listens to the keys itself, so that they mean the right thing in a text field;
 * here they are only shown (macOS always acts on them, and the page is then sent the command).
 */
export function buildMenu(
  recent: readonly RecentProject[],
  actions: MenuActions,
  { menu: texts }: NativeTexts,
): Menu {
  const item = (label: string, command: MenuCommand, accelerator?: string): Item => ({
    id: command,
    label,
    click: () => actions.choose(command),
    ...(accelerator === undefined ? {} : { accelerator, registerAccelerator: false }),
  });
  const present = recent.filter(({ missing = false }) => !missing);
  const recentItems = present.map(({ name, path }): Item => ({
    label: name,
    sublabel: path,
    click: () => actions.openProject(path),
  }));
  const isMac = process.platform === 'darwin';
  // As the window's own File menu has it, with what only the system's can show.
  const file: Item[] = [
    item(texts.openClip, 'clip.open', 'CmdOrCtrl+O'),
    item(texts.openProject, 'project.open', 'CmdOrCtrl+Shift+O'),
    { id: 'recent', label: texts.openRecent, enabled: recentItems.length > 0, submenu: recentItems },
    item(texts.sampleRemoval, 'sample.removal'),
    item(texts.sampleWords, 'sample.words'),
    separator,
    item(texts.save, 'project.save', 'CmdOrCtrl+S'),
    item(texts.saveAs, 'project.saveAs', 'CmdOrCtrl+Shift+S'),
    item(texts.export, 'result.export', 'CmdOrCtrl+E'),
    item(texts.restore, 'project.restore'),
    separator,
    item(texts.closeProject, 'project.new', 'CmdOrCtrl+N'),
    separator,
    isMac ? { role: 'close', label: texts.close } : { role: 'quit', label: texts.quit },
  ];
  const edit: Item[] = [
    item(texts.undo, 'edit.undo', 'CmdOrCtrl+Z'),
    item(texts.redo, 'edit.redo', 'CmdOrCtrl+Shift+Z'),
    separator,
    { role: 'cut', label: texts.cut },
    { role: 'copy', label: texts.copy },
    { role: 'paste', label: texts.paste },
    { role: 'selectAll', label: texts.selectAll },
    separator,
    item(texts.run, 'edit.run', 'CmdOrCtrl+Enter'),
  ];
  const view: Item[] = [
    { role: 'resetZoom', label: texts.resetZoom },
    { role: 'zoomIn', label: texts.zoomIn },
    { role: 'zoomOut', label: texts.zoomOut },
    separator,
    { role: 'togglefullscreen', label: texts.fullScreen },
    { role: 'toggleDevTools', label: texts.devTools },
  ];
  const tools: Item[] = [
    item(texts.models, 'app.models'),
    item(texts.doctor, 'app.doctor'),
    separator,
    item(texts.settings, 'app.settings', 'CmdOrCtrl+,'),
  ];
  const window: Item[] = [
    { role: 'minimize', label: texts.minimise },
    { role: 'close', label: texts.close },
  ];
  const help: Item[] = [
    item(texts.shortcuts, 'app.shortcuts'),
    separator,
    { id: 'log.folder', label: texts.logFolder, click: actions.openLogFolder },
    { id: 'log.copy', label: texts.diagnostics, click: actions.copyDiagnostics },
    separator,
    { id: 'licences', label: texts.licences, click: actions.showLicences },
    { id: 'about', label: texts.about, click: actions.showAbout },
  ];
  return Menu.buildFromTemplate([
    ...(isMac ? [{ role: 'appMenu' } satisfies Item] : []),
    { label: texts.file, submenu: file },
    { label: texts.edit, submenu: edit },
    { label: texts.view, submenu: view },
    { label: texts.tools, submenu: tools },
    { label: texts.window, submenu: window },
    { label: texts.help, submenu: help },
  ]);
}
