import { sampleNames } from '../../src-shared/ipc/index.ts';
import { useText } from '../i18n/index.ts';
import { chooseAndOpen, chooseAndSaveAs } from '../project/choose-and-open.ts';
import { closeProject, openSample } from '../project/open-project.ts';
import { saveProject } from '../project/saving.ts';
import { useSession } from '../project/session-store.ts';
import { useEditor } from '../state/editor-store.ts';
import { openExport } from '../state/exports.ts';
import { attempt } from '../state/notices.ts';
import { Menu, MenuItem, MenuLine } from '../ui/Menu.tsx';
import { openDialog } from './layout-store.ts';
import { windowKeys } from './shortcuts.ts';

/** Opening, saving, exporting and closing the project. */
export function FileMenu() {
  const t = useText();
  const editing = useEditor((state) => state.history !== null);
  const stored = useSession((state) => state.file !== null);
  return (
    <Menu
      trigger={
        <button type="button" className="menu-button">
          {t('menu.file')}
        </button>
      }
    >
      <MenuItem
        text={t('menu.openClip')}
        shortcut={windowKeys.openClip}
        onSelect={() => {
          attempt(() => chooseAndOpen('clip'));
        }}
      />
      <MenuItem
        text={t('menu.openProject')}
        shortcut={windowKeys.openProject}
        onSelect={() => {
          attempt(() => chooseAndOpen('project'));
        }}
      />
      {sampleNames.map((name) => (
        <MenuItem
          key={name}
          text={t(`menu.sample.${name}`)}
          onSelect={() => {
            attempt(() => openSample(name));
          }}
        />
      ))}
      <MenuLine />
      <MenuItem
        text={t('menu.save')}
        shortcut={windowKeys.save}
        disabled={!editing}
        onSelect={() => {
          attempt(saveProject);
        }}
      />
      <MenuItem
        text={t('menu.saveAs')}
        shortcut={windowKeys.saveAs}
        disabled={!editing}
        onSelect={() => {
          attempt(chooseAndSaveAs);
        }}
      />
      <MenuItem
        text={t('menu.export')}
        shortcut={windowKeys.export}
        disabled={!editing}
        onSelect={openExport}
      />
      <MenuItem
        text={t('menu.versions')}
        disabled={!stored}
        onSelect={() => {
          openDialog('versions');
        }}
      />
      <MenuLine />
      <MenuItem
        text={t('menu.closeProject')}
        disabled={!editing}
        onSelect={() => {
          attempt(closeProject);
        }}
      />
    </Menu>
  );
}
