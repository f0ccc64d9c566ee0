import { app, Notification, powerSaveBlocker, type BrowserWindow } from 'electron';
import type { JobRow } from '../../src-shared/ipc/index.ts';
import type { NativeTexts } from './native-texts.ts';

const isUnderWay = ({ state }: JobRow): boolean => state === 'running' || state === 'waiting';

/**
 * What the system knows of jobs: the machine stays awake while one runs (its screen may go dark), the taskbar or dock shows how far
 * it is, and where the window is not looked at a notification says how it ended.
 */
export class JobPresence {
  readonly #window: () => BrowserWindow | undefined;
  readonly #texts: () => NativeTexts;
  #awake: number | undefined;
  /** Jobs that were under way when they were last heard of. */
  #underWay = new Set<string>();

  constructor(window: () => BrowserWindow | undefined, texts: () => NativeTexts) {
    this.#window = window;
    this.#texts = texts;
  }

  changed(rows: readonly JobRow[]): void {
    const running = rows.find(({ state }) => state === 'running');
    if (running !== undefined) this.#awake ??= powerSaveBlocker.start('prevent-app-suspension');
    else this.end();
    const window = this.#window();
    if (window !== undefined && !window.isDestroyed()) {
      // Above 1: of a stage that has not said yet how far it is. Below 0: nothing is shown.
      const share = running === undefined ? -1 : (running.progress?.share ?? 2);
      window.setProgressBar(share);
      if (!window.isFocused()) for (const row of rows) this.#tellEnd(row);
    }
    this.#underWay = new Set(rows.filter(isUnderWay).map(({ id }) => id));
  }

  /** Lets the machine sleep again. */
  end(): void {
    if (this.#awake !== undefined) powerSaveBlocker.stop(this.#awake);
    this.#awake = undefined;
  }

  #tellEnd({ id, name, state, failure }: JobRow): void {
    if (!this.#underWay.has(id) || (state !== 'done' && state !== 'failed') || !Notification.isSupported())
      return;
    const { jobs } = this.#texts();
    const body = state === 'done' ? jobs.done : `${jobs.failed}: ${failure?.message ?? ''}`;
    const notification = new Notification({ title: name, body });
    notification.on('click', () => {
      app.focus({ steal: true });
      this.#window()?.show();
    });
    notification.show();
  }
}
