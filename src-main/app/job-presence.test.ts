import { beforeEach, expect, it, vi } from 'vitest';
import type { BrowserWindow } from 'electron';
import type { JobRow, JobState } from '../../src-shared/ipc/index.ts';
import { JobPresence } from './job-presence.ts';
import { nativeTexts } from './native-texts.ts';

const system = vi.hoisted(() => ({ awake: new Set<number>(), started: 0, shown: [] as unknown[] }));
vi.mock('electron', () => ({
  app: {},
  powerSaveBlocker: {
    start: () => {
      system.awake.add(++system.started);
      return system.started;
    },
    stop: (id: number) => system.awake.delete(id),
  },
  Notification: class {
    static isSupported = (): boolean => true;
    readonly #options: unknown;
    constructor(options: unknown) {
      this.#options = options;
    }
    on(): void {}
    show(): void {
      system.shown.push(this.#options);
    }
  },
}));

let bars: number[];
let focused: boolean;
let presence: JobPresence;
const row = (state: JobState, more: Partial<JobRow> = {}): JobRow => ({
  ...{ id: 'a', projectId: 'p', clipId: 'c', editId: 'e', name: 'Remove', state, createdAt: 0 },
  ...more,
});

beforeEach(() => {
  [bars, focused] = [[], true];
  system.awake.clear();
  system.shown.length = 0;
  const window = {
    isDestroyed: () => false,
    isFocused: () => focused,
    setProgressBar: (share: number) => void bars.push(share),
  };
  presence = new JobPresence(
    () => window as unknown as BrowserWindow,
    () => nativeTexts.de,
  );
});

it('keeps the machine awake while a job runs, by one blocker, and shows how far it is', () => {
  presence.changed([row('waiting')]);
  expect(system.awake.size).toBe(0);
  presence.changed([row('running')]);
  presence.changed([row('running', { progress: { stage: 'sample', share: 0.25 } })]);
  expect(system.awake.size).toBe(1);
  presence.changed([row('done')]);
  expect(system.awake.size).toBe(0);
  expect(bars).toEqual([-1, 2, 0.25, -1]);
});

it('says how a job ended where the window is not looked at, once', () => {
  focused = false;
  presence.changed([row('running'), row('waiting', { id: 'b', name: 'Replace' })]);
  presence.changed([row('done'), row('running', { id: 'b', name: 'Replace' })]);
  const failure = { code: 'disk-full', message: 'The disk is full.', hint: '' };
  presence.changed([row('done'), row('failed', { id: 'b', name: 'Replace', failure })]);
  presence.changed([row('done'), row('failed', { id: 'b', name: 'Replace', failure })]);
  expect(system.shown).toEqual([
    { title: 'Remove', body: 'Fertig' },
    { title: 'Replace', body: 'Fehlgeschlagen: The disk is full.' },
  ]);
});

it('says nothing to whoever looks on, nor of what was over before, nor of what was cancelled', () => {
  presence.changed([row('running')]);
  presence.changed([row('done')]);
  focused = false;
  presence.changed([row('done'), row('running', { id: 'b' })]);
  presence.changed([row('done'), row('cancelled', { id: 'b' })]);
  expect(system.shown).toEqual([]);
});
