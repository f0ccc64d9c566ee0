import type { Client, MenuCommand } from '../../src-shared/ipc/index.ts';
import { useEditor } from '../state/editor-store.ts';
import { isTyping } from '../state/key-events.ts';
import { attempt } from '../state/notices.ts';
import { openDialog } from './layout-store.ts';
import { openPath, openSample } from '../project/open-project.ts';
import { windowActions } from './shortcuts.ts';

/** In a field the native menu means the field's own text: macOS sends its keys here as well. */
const inField = (command: 'undo' | 'redo') => (): void => {
  if (isTyping(document.activeElement)) document.execCommand(command);
  else windowActions[command]();
};

/** What the native menu's commands do: what the keys and buttons of the window do. */
const commands: Readonly<Record<MenuCommand, () => void>> = {
  'project.new': windowActions.newProject,
  'project.open': windowActions.openProject,
  'project.save': windowActions.save,
  'project.saveAs': windowActions.saveAs,
  'project.restore': () => {
    if (useEditor.getState().history !== null) openDialog('versions');
  },
  'clip.open': windowActions.openClip,
  'sample.removal': () => attempt(() => openSample('removal')),
  'sample.words': () => attempt(() => openSample('words')),
  'result.export': windowActions.export,
  'edit.undo': inField('undo'),
  'edit.redo': inField('redo'),
  'edit.run': windowActions.run,
  'app.models': () => openDialog('models'),
  'app.settings': windowActions.settings,
  'app.shortcuts': windowActions.shortcuts,
  'app.doctor': () => openDialog('doctor'),
};

/** Does what is chosen in the native menu, once the page is `ready`: a file may be named before. */
export function listenToMenu(client: Client, ready: Promise<unknown>): void {
  client.on('menu.chosen', ({ command, path }) => {
    ready.then(
      () => {
        if (path === undefined) commands[command]();
        else attempt(() => openPath(path));
      },
      // That the page did not start is said where it is started.
      () => undefined,
    );
  });
}
