import {
  Download,
  HeartPulse,
  Keyboard,
  Package,
  PanelBottom,
  PanelLeft,
  PanelRight,
  Redo2,
  Settings,
  Undo2,
} from 'lucide-react';
import { useEffect } from 'react';
import { formatNumber, languages, useText, type Language } from '../i18n/index.ts';
import { backend, useBackend } from '../state/backend.ts';
import { activeClip, redoStep, undoStep, useEditor } from '../state/editor-store.ts';
import { isUnderWay, openExport, useExports } from '../state/exports.ts';
import { attempt } from '../state/notices.ts';
import { IconButton } from '../ui/Button.tsx';
import { Menu, MenuChoice, MenuItem, MenuLine } from '../ui/Menu.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';
import { chooseAndOpen, chooseAndSaveAs } from '../project/choose-and-open.ts';
import { openDialog, useLayout, type Theme } from './layout-store.ts';
import { closeProject, openSample } from '../project/open-project.ts';
import { saveProject } from '../project/saving.ts';
import { useSession } from '../project/session-store.ts';
import { windowKeys } from './shortcuts.ts';
import './title-bar.css';

const themes: readonly Theme[] = ['dark', 'light', 'system'];

export function TitleBar() {
  const t = useText();
  const project = useEditor((state) => state.history?.present.name);
  const clip = useEditor((state) => activeClip(state)?.name);
  const atWork = useEditor(
    ({ jobs }) => jobs.filter(({ state }) => state === 'running' || state === 'waiting').length,
  );
  const saved = useSession((state) => state.saved);
  return (
    <header className="title-bar" aria-label={t('title.bar')}>
      <FileMenu />
      {project !== undefined && <HistoryButtons />}
      <h1 className="title-name">
        {project === undefined ? (
          'HetCut'
        ) : (
          <>
            {project}
            <span className="quiet"> · {clip}</span>
            <span className="title-saved quiet" role="status">
              {t(`title.${saved}`)}
            </span>
          </>
        )}
      </h1>
      {atWork > 0 && <span className="title-jobs figures">{t('title.jobs', { count: atWork })}</span>}
      <ExportState />
      <Machine />
      {project !== undefined && (
        <IconButton label={t('export.title')} shortcut={windowKeys.export} onClick={openExport}>
          <Download />
        </IconButton>
      )}
      {project !== undefined && <LayoutButtons />}
      <IconButton
        label={t('menu.models')}
        onClick={() => {
          openDialog('models');
        }}
      >
        <Package />
      </IconButton>
      <IconButton
        label={t('menu.doctor')}
        onClick={() => {
          openDialog('doctor');
        }}
      >
        <HeartPulse />
      </IconButton>
      <IconButton
        label={t('menu.shortcuts')}
        shortcut={windowKeys.shortcuts}
        onClick={() => {
          openDialog('shortcuts');
        }}
      >
        <Keyboard />
      </IconButton>
      <SettingsMenu />
    </header>
  );
}

/** How often the memory in use is looked at. */
const lookMs = 5000;

/** What computes, and how much of its memory is in use. */
function Machine() {
  const t = useText();
  const connected = useBackend((state) => state.info !== null);
  const device = useBackend((state) => state.device);
  useEffect(() => {
    if (!connected) return;
    let looking = false;
    const look = (): void => {
      if (looking || document.hidden) return;
      looking = true;
      backend()
        .call('app.device', {})
        .then((found) => useBackend.setState({ device: found }))
        // The next look may find it.
        .catch(() => undefined)
        .finally(() => (looking = false));
    };
    look();
    const timer = setInterval(look, lookMs);
    return () => {
      clearInterval(timer);
    };
  }, [connected]);
  if (device === null) return null;
  const gigabytes = (bytes: number): number => bytes / 1e9;
  const values = {
    device: `${device.provider === 'cpu' ? 'CPU' : 'GPU'}: ${device.device}`,
    used: formatNumber(gigabytes(device.usedBytes), 1),
    total: formatNumber(gigabytes(device.totalBytes)),
  };
  return (
    <Tooltip text={t('title.machineHelp', values)}>
      <button
        type="button"
        className="title-machine figures"
        onClick={() => {
          openDialog('doctor');
        }}
      >
        {t('title.machine', values)}
      </button>
    </Tooltip>
  );
}

/** An export that goes on while its dialog is closed. */
function ExportState() {
  const t = useText();
  const percent = useExports(({ rows }) => {
    const row = rows.find(isUnderWay);
    return row === undefined ? undefined : Math.round((100 * row.done) / row.frames);
  });
  if (percent === undefined) return null;
  return (
    <button type="button" className="title-jobs title-export figures" onClick={openExport}>
      {t('title.exporting', { percent })}
    </button>
  );
}

function FileMenu() {
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
      <MenuItem
        text={t('menu.openSample')}
        onSelect={() => {
          attempt(openSample);
        }}
      />
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

function HistoryButtons() {
  const t = useText();
  const undoable = useEditor((state) => state.history?.done.at(-1)?.label);
  const redoable = useEditor((state) => state.history?.undone.at(-1)?.label);
  return (
    <>
      <IconButton
        label={undoable === undefined ? t('menu.undo') : t('menu.undoStep', { step: undoable })}
        shortcut={windowKeys.undo}
        disabled={undoable === undefined}
        onClick={undoStep}
      >
        <Undo2 />
      </IconButton>
      <IconButton
        label={redoable === undefined ? t('menu.redo') : t('menu.redoStep', { step: redoable })}
        shortcut={windowKeys.redo}
        disabled={redoable === undefined}
        onClick={redoStep}
      >
        <Redo2 />
      </IconButton>
    </>
  );
}

const foldable = [
  { shown: 'showTools', name: 'tools', Icon: PanelLeft },
  { shown: 'showTimeline', name: 'timeline', Icon: PanelBottom },
  { shown: 'showPanels', name: 'panels', Icon: PanelRight },
] as const;

function LayoutButtons() {
  const t = useText();
  const layout = useLayout();
  return foldable.map(({ shown, name, Icon }) => (
    <IconButton
      key={name}
      label={t(`menu.${name}`)}
      shortcut={windowKeys[name]}
      aria-pressed={layout[shown]}
      onClick={() => {
        useLayout.setState({ [shown]: !layout[shown] });
      }}
    >
      <Icon />
    </IconButton>
  ));
}

function SettingsMenu() {
  const t = useText();
  const { theme, language } = useLayout();
  return (
    <Menu
      align="end"
      trigger={
        <button type="button" className="icon-button" aria-label={t('menu.settings')}>
          <Settings />
        </button>
      }
    >
      <MenuChoice
        label={t('settings.theme')}
        value={theme}
        options={themes.map((value) => ({ value, text: t(`settings.theme.${value}`) }))}
        onChange={(next) => {
          useLayout.setState({ theme: next });
        }}
      />
      <MenuLine />
      <MenuChoice
        label={t('settings.language')}
        value={language}
        options={(Object.keys(languages) as Language[]).map((value) => ({ value, text: languages[value] }))}
        onChange={(next) => {
          useLayout.setState({ language: next });
        }}
      />
    </Menu>
  );
}
