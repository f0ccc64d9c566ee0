import { redoStep, undoStep, useEditor } from '../state/editor-store.ts';
import { openExport } from '../state/exports.ts';
import { isTyping, keysOf } from '../state/key-events.ts';
import { commandOf } from '../state/key-map.ts';
import { attempt } from '../state/notices.ts';
import { runActiveEdit } from '../state/run-edit.ts';
import { trackAsChosen } from '../state/following.ts';
import { goToWeakFrame, toggleAbsent } from '../state/tracking.ts';
import { toggleAreas } from '../state/view-store.ts';
import { chooseAndOpen, chooseAndSaveAs } from '../project/choose-and-open.ts';
import { openDialog, useLayout } from './layout-store.ts';
import { closeProject } from '../project/open-project.ts';
import { saveProject } from '../project/saving.ts';

/** The window's own keys, as tooltips and the sheet show them; those of playback belong to the viewer. */
export const windowKeys = {
  newProject: 'Ctrl+N',
  undo: 'Ctrl+Z',
  redo: 'Ctrl+Shift+Z',
  openClip: 'Ctrl+O',
  openProject: 'Ctrl+Shift+O',
  save: 'Ctrl+S',
  saveAs: 'Ctrl+Shift+S',
  export: 'Ctrl+E',
  run: 'Ctrl+Enter',
  settings: 'Ctrl+,',
  shortcuts: '?',
  tools: 'Alt+1',
  timeline: 'Alt+2',
  panels: 'Alt+3',
} as const;

function toggleOverlay(): void {
  useEditor.setState(({ overlay }) => ({ overlay: { ...overlay, shown: !overlay.shown } }));
}

export const windowActions: Readonly<Record<keyof typeof windowKeys, () => void>> = {
  newProject: () => {
    attempt(closeProject);
  },
  undo: undoStep,
  redo: redoStep,
  openClip: () => {
    attempt(() => chooseAndOpen('clip'));
  },
  openProject: () => {
    attempt(() => chooseAndOpen('project'));
  },
  save: () => {
    attempt(saveProject);
  },
  saveAs: () => {
    attempt(chooseAndSaveAs);
  },
  export: () => {
    if (useEditor.getState().history !== null) openExport();
  },
  run: () => {
    attempt(runActiveEdit);
  },
  settings: () => {
    openDialog('settings');
  },
  shortcuts: () => {
    openDialog('shortcuts');
  },
  tools: () => {
    useLayout.setState(({ showTools }) => ({ showTools: !showTools }));
  },
  timeline: () => {
    useLayout.setState(({ showTimeline }) => ({ showTimeline: !showTimeline }));
  },
  panels: () => {
    useLayout.setState(({ showPanels }) => ({ showPanels: !showPanels }));
  },
};

/** By the names of the commands whose keys can be chosen. */
const viewActions: Readonly<Partial<Record<string, () => void>>> = {
  overlay: toggleOverlay,
  tokens: () => toggleAreas('tokens'),
  sources: () => toggleAreas('sources'),
  trackBoth: () => attempt(() => trackAsChosen('both')),
  absent: toggleAbsent,
  weakBefore: () => goToWeakFrame(-1),
  weakNext: () => goToWeakFrame(1),
};

/** Keys that mean the same in a field. */
const whileTyping: ReadonlySet<string> = new Set([windowKeys.run, windowKeys.save, windowKeys.saveAs]);

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented) return;
  const keys = keysOf(event);
  const typing = isTyping(event.target);
  // A field has its own undo, and letters are text there.
  if (typing && !whileTyping.has(keys)) return;
  if (document.querySelector('[role="dialog"], [role="menu"]') !== null) return;
  const action = typing ? undefined : viewActions[commandOf(keys) ?? ''];
  const name = (Object.keys(windowKeys) as (keyof typeof windowKeys)[]).find(
    (one) => windowKeys[one] === keys,
  );
  if (action === undefined && name === undefined) return;
  if (action !== undefined) action();
  else if (name !== undefined) windowActions[name]();
  event.preventDefault();
}

/** Listens until the function it returns is called. */
export function listenToShortcuts(): () => void {
  window.addEventListener('keydown', onKeyDown);
  return () => {
    window.removeEventListener('keydown', onKeyDown);
  };
}
