import { redoStep, undoStep, useEditor } from '../state/editor-store.ts';
import { openExport } from '../state/exports.ts';
import { attempt } from '../state/notices.ts';
import { runActiveEdit } from '../state/run-edit.ts';
import { toggleTokenGrid } from '../state/view-store.ts';
import { chooseAndOpen, chooseAndSaveAs } from './choose-and-open.ts';
import { openDialog, useLayout } from './layout-store.ts';
import { closeProject, saveProject } from './session.ts';

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
  shortcuts: '?',
  tools: 'Alt+1',
  timeline: 'Alt+2',
  panels: 'Alt+3',
  overlay: 'M',
  tokens: 'T',
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
  overlay: toggleOverlay,
  tokens: toggleTokenGrid,
};

/** Keys that mean the same in a field. */
const whileTyping: ReadonlySet<string> = new Set([windowKeys.run, windowKeys.save, windowKeys.saveAs]);

/** The keys of an event as `windowKeys` writes them; on a Mac, Command counts as Ctrl. */
function keysOf(event: KeyboardEvent): string {
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  const digit = /^Digit(\d)$/.exec(event.code)?.[1];
  const modified = event.ctrlKey || event.metaKey || event.altKey;
  // With a modifier, where the key lies; without, what it writes: "?" is elsewhere on each keyboard.
  const key = modified
    ? (digit ?? letter ?? event.key)
    : event.key.length === 1
      ? event.key.toUpperCase()
      : event.key;
  const shift = event.shiftKey && modified;
  return [
    ...(event.ctrlKey || event.metaKey ? ['Ctrl'] : []),
    ...(event.altKey ? ['Alt'] : []),
    ...(shift ? ['Shift'] : []),
    key,
  ].join('+');
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented) return;
  const keys = keysOf(event);
  const typing = isTyping(event.target);
  // A field has its own undo, and letters are text there.
  if (typing && !whileTyping.has(keys)) return;
  if (document.querySelector('[role="dialog"], [role="menu"]') !== null) return;
  const name = (Object.keys(windowKeys) as (keyof typeof windowKeys)[]).find(
    (one) => windowKeys[one] === keys,
  );
  if (name === undefined) return;
  windowActions[name]();
  event.preventDefault();
}

/** Listens until the function it returns is called. */
export function listenToShortcuts(): () => void {
  window.addEventListener('keydown', onKeyDown);
  return () => {
    window.removeEventListener('keydown', onKeyDown);
  };
}
