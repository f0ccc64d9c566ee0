import { usageError } from '../../src-shared/core/errors/index.ts';
import type { SettingsState } from '../../src-shared/ipc/index.ts';
import { importSegmenter, listSegmenters, removeSegmenter } from '../models/index.ts';
import type { BackendParts, HandlersOf } from './backend-parts.ts';
import { clearKeptData, keptData } from './kept-data.ts';

export function settingsHandlers({
  home,
  dialogs,
  paths,
  settings,
  queue,
  estimator,
}: BackendParts): HandlersOf<
  | 'settings.read'
  | 'settings.write'
  | 'segmenters.import'
  | 'segmenters.remove'
  | 'storage.read'
  | 'storage.clear'
> {
  const state = async (): Promise<SettingsState> => ({
    settings: settings.current,
    fixed: settings.fixed,
    segmenters: (await listSegmenters(home)).map(({ id }) => id),
  });
  return {
    'settings.read': state,
    async 'settings.write'({ settings: next }) {
      const { ffmpegPath } = next;
      if (ffmpegPath !== null && ffmpegPath !== settings.current.ffmpegPath) {
        // A page in a browser must not say which program this machine runs.
        if (dialogs === undefined) {
          throw usageError(
            'settings-desktop',
            'Which ffmpeg is used cannot be set from a browser.',
            'Set FFMPEG_PATH and FFPROBE_PATH where the program is started.',
          );
        }
        await paths.require(ffmpegPath);
      }
      await settings.change(next);
      // It measures and plans for the device that it was started with.
      estimator.restart();
      return state();
    },
    async 'segmenters.import'({ path, id }) {
      // What is in the graphs is for the inference process to open, where they are first used.
      await importSegmenter(
        { home, dir: await paths.require(path), id, replace: false },
        async () => undefined,
      );
      return state();
    },
    async 'segmenters.remove'({ id }) {
      await removeSegmenter(home, id);
      if (settings.current.segmenterId === id)
        await settings.change({ ...settings.current, segmenterId: null });
      return state();
    },
    'storage.read': async () => ({ folder: home, parts: await keptData(home) }),
    async 'storage.clear'() {
      if (queue.rows().some((row) => row.state === 'running' || row.state === 'waiting')) {
        throw usageError(
          'storage-in-use',
          'A job runs or waits, and works with what would be deleted.',
          'Wait until it has ended, or stop it.',
        );
      }
      await clearKeptData(home);
      return { folder: home, parts: await keptData(home) };
    },
  };
}
