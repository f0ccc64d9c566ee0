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

/** @throws what `settings.write` throws; then the settings are as before */
export async function changeSettings(change: Partial<ProgramSettings>): Promise<void> {
  const settings = { ...useProgramSettings.getState().settings, ...change };
  useProgramSettings.setState(await backend().call('settings.write', { settings }));
}
