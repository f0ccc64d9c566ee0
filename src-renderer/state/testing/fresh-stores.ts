import { beforeEach } from 'vitest';
import { useBackend } from '../backend.ts';
import { useFileRequest } from '../choose-file.ts';
import { useEditor } from '../editor-store.ts';
import { useExports } from '../exports.ts';
import { useFingerprints } from '../fingerprints.ts';
import { useMarkers } from '../markers.ts';
import { useModelWork } from '../model-work.ts';
import { useMatteImport } from '../objects.ts';
import { usePreviews } from '../previews.ts';
import { useProgramSettings } from '../program-settings.ts';
import { useRunOptions } from '../run-edit.ts';
import { useSelecting } from '../selecting.ts';
import { useTracking } from '../tracking.ts';
import { useView } from '../view-store.ts';

const stores = [
  useBackend,
  useEditor,
  useExports,
  useFileRequest,
  useFingerprints,
  useMarkers,
  useMatteImport,
  useModelWork,
  usePreviews,
  useProgramSettings,
  useRunOptions,
  useSelecting,
  useTracking,
  useView,
] as const;

// Test files share the modules, and so the stores: each test begins with those of a window just opened.
beforeEach(() => {
  for (const store of stores) {
    const start: object = store.getInitialState();
    (store.setState as (state: object, replace: true) => void)({ ...start }, true);
  }
});
