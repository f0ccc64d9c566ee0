import { useEffect } from 'react';
import { ExportDialog } from '../export/ExportDialog.tsx';
import { DoctorDialog } from '../models/DoctorDialog.tsx';
import { ModelsDialog } from '../models/ModelsDialog.tsx';
import { startPlayback } from '../playback/playback.ts';
import { activeClip, useEditor } from '../state/editor-store.ts';
import { returnFocus } from '../ui/return-focus.ts';
import { TooltipProvider } from '../ui/Tooltip.tsx';
import { DropTarget } from './DropTarget.tsx';
import { Editor } from './Editor.tsx';
import { FileBrowser } from './FileBrowser.tsx';
import { openDialog, useLayout } from './layout-store.ts';
import { Notices } from './Notices.tsx';
import { SettingsDialog } from './SettingsDialog.tsx';
import { ShortcutsSheet } from './ShortcutsSheet.tsx';
import { listenToShortcuts } from './shortcuts.ts';
import { StartScreen } from '../project/StartScreen.tsx';
import { TitleBar } from './TitleBar.tsx';
import { VersionsDialog } from '../project/VersionsDialog.tsx';

export function App() {
  const editing = useEditor((state) => activeClip(state) !== undefined);
  const dialog = useLayout((state) => state.dialog);
  useEffect(listenToShortcuts, []);
  useEffect(startPlayback, []);
  useEffect(returnFocus, []);
  const close = (): void => {
    openDialog(null);
  };
  return (
    <TooltipProvider delayDuration={500} skipDelayDuration={200}>
      <div className="app">
        <TitleBar />
        {editing ? <Editor /> : <StartScreen />}
        <Notices />
      </div>
      <DropTarget />
      <ExportDialog />
      <FileBrowser />
      <ModelsDialog open={dialog === 'models'} onClose={close} />
      <DoctorDialog open={dialog === 'doctor'} onClose={close} />
      <VersionsDialog open={dialog === 'versions'} onClose={close} />
      <SettingsDialog open={dialog === 'settings'} onClose={close} />
      <ShortcutsSheet open={dialog === 'shortcuts'} onClose={close} />
    </TooltipProvider>
  );
}
