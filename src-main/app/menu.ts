import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { MenuCommand, RecentProject } from '../../src-shared/ipc/index.ts';

export interface MenuActions {
  choose(command: MenuCommand): void;
  openProject(path: string): void;
}

type Item = MenuItemConstructorOptions;
const separator: Item = { type: 'separator' };

/**
 * The native menu. The page listens to the keys itself, so that they mean the right thing in a text field;
 * here they are only shown (macOS always acts on them, and the page is then sent the command).
 */
export function buildMenu(recent: readonly RecentProject[], actions: MenuActions): Menu {
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
  const file: Item[] = [
    item('New project', 'project.new', 'CmdOrCtrl+N'),
    item('Open project…', 'project.open', 'CmdOrCtrl+Shift+O'),
    {
      label: 'Open recent',
      enabled: recentItems.length > 0,
      submenu: recentItems,
    },
    separator,
    item('Open clip…', 'clip.open', 'CmdOrCtrl+O'),
    item('Save', 'project.save', 'CmdOrCtrl+S'),
    item('Save as…', 'project.saveAs', 'CmdOrCtrl+Shift+S'),
    item('Restore an earlier version…', 'project.restore'),
    item('Export…', 'result.export', 'CmdOrCtrl+E'),
    separator,
    { role: isMac ? 'close' : 'quit' },
  ];
  const edit: Item[] = [
    item('Undo', 'edit.undo', 'CmdOrCtrl+Z'),
    item('Redo', 'edit.redo', 'CmdOrCtrl+Shift+Z'),
    separator,
    { role: 'cut' },
    { role: 'copy' },
    { role: 'paste' },
    { role: 'selectAll' },
  ];
  const view: Item[] = [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    separator,
    { role: 'togglefullscreen' },
    { role: 'toggleDevTools' },
  ];
  return Menu.buildFromTemplate([
    ...(isMac ? [{ role: 'appMenu' } satisfies Item] : []),
    { label: 'File', submenu: file },
    { label: 'Edit', submenu: edit },
    { label: 'View', submenu: view },
    { label: 'Help', submenu: [item('Check this machine', 'app.doctor')] },
  ]);
}
