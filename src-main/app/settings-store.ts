// An ES module, and written for newer Electrons; bundled it runs in those of the tests as well.
import Store from 'electron-store';

/** What the desktop program remembers; checked where it is used, as the file may have been edited. */
interface AppSettings {
  window?: unknown;
  /** Of the window, as it last said. */
  language?: unknown;
  /** Folder that a dialog of that kind showed last. */
  folders?: Record<string, string>;
}

/** The settings file. Each write replaces it as a whole, so that a crash leaves the old or the new one. */
export type SettingsStore = Store<AppSettings>;

/** Opens `settings.json` in `folder`; a damaged file is started afresh. */
export function openSettings(folder: string): SettingsStore {
  return new Store<AppSettings>({ cwd: folder, name: 'settings', clearInvalidConfig: true });
}
