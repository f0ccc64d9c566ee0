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
import { useText } from '../i18n/index.ts';
import { useSession } from '../project/session-store.ts';
import { activeClip, redoStep, undoStep, useEditor } from '../state/editor-store.ts';
import { isUnderWay, openExport, useExports } from '../state/exports.ts';
import { IconButton } from '../ui/Button.tsx';
import { FileMenu } from './FileMenu.tsx';
import { openDialog, useLayout } from './layout-store.ts';
import { MachineState } from './MachineState.tsx';
import { windowActions, windowKeys } from './shortcuts.ts';
import './title-bar.css';

/** Menus, the project's name and state, what is at work, and what opens dialogs and panels. */
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
      <MachineState />
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
      <IconButton label={t('menu.settings')} shortcut={windowKeys.settings} onClick={windowActions.settings}>
        <Settings />
      </IconButton>
    </header>
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
