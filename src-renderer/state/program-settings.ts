import { create } from 'zustand';
import type { SettingsState } from '../../src-shared/ipc/index.ts';
import { usualSettings, type ProgramSettings } from '../../src-shared/project/index.ts';
import { backend } from './backend.ts';

/** The program's settings, as it holds them. */
export const useProgramSettings = create<SettingsState>()(() => ({
  settings: usualSettings,
  fixed: {},
  segmenters: [],
}));

/** Ends with the last change that was asked for. */
let changes: Promise<unknown> = Promise.resolve();

/**
 * Changes come one after the other, each on what the one before has left.
 *
 * @throws what `settings.write` throws; then the settings are as before
 */
export function changeSettings(change: Partial<ProgramSettings>): Promise<void> {
  const changed = changes.then(async () => {
    const settings = { ...useProgramSettings.getState().settings, ...change };
    useProgramSettings.setState(await backend().call('settings.write', { settings }));
  });
  changes = changed.catch(() => undefined);
  return changed;
}
