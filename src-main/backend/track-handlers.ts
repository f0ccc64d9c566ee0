import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import type { TrackEnd } from '../../src-shared/ipc/index.ts';
import type { TrackedFrame } from '../../src-shared/project/mask/index.ts';
import { runMessageLoop } from '../host/message-loop.ts';
import type { BackendParts, HandlersOf } from './backend-parts.ts';

/** A clip's frames can come faster than a window needs to show them. */
const progressIntervalMs = 80;

/** Tracking for the window: one at a time, in an inference process of its own, beside the queue. */
export function trackHandlers({
  home,
  paths,
  startHost,
  emit,
  onNote = () => undefined,
  signal,
}: BackendParts): HandlersOf<'track.start' | 'track.stop'> {
  let running: { readonly trackId: string; readonly abort: AbortController } | undefined;
  return {
    async 'track.start'({ trackId, clipPath, range, keys, only }) {
      if (running !== undefined) {
        throw usageError('track-busy', 'Something is being tracked.', 'Wait until that is done, or stop it.');
      }
      const abort = new AbortController();
      running = { trackId, abort };
      const found = new Map<number, TrackedFrame>();
      let untold: TrackedFrame[] = [];
      let share = 0;
      let lastMs = -Infinity;
      const tell = (now = false): void => {
        if (!now && performance.now() - lastMs < progressIntervalMs) return;
        lastMs = performance.now();
        emit('track.progress', { trackId, share, frames: untold });
        untold = [];
      };
      const end = (remarks: TrackEnd['remarks'], stopped: boolean): TrackEnd => ({
        stopped,
        frames: [...found.values()].sort((a, b) => a.frame - b.frame),
        remarks,
      });
      const run = async () =>
        runMessageLoop(
          startHost,
          {
            kind: 'track',
            clipPath: await paths.require(clipPath),
            ...(range === undefined ? {} : { range }),
            keys,
            direction: 'both',
            only,
          },
          home,
          {
            signal: AbortSignal.any([signal, abort.signal]),
            onProgress: ({ step, steps }) => {
              share = step / steps;
              tell();
            },
            onNote,
            onTracked: (mask) => {
              found.set(mask.frame, mask);
              untold.push(mask);
            },
          },
        );
      try {
        return end((await run()).notes, false);
      } catch (error) {
        if (error instanceof HetcutError && error.code === 'cancelled') return end([], true);
        // What was done until then is not lost with it.
        tell(true);
        throw error;
      } finally {
        running = undefined;
      }
    },
    async 'track.stop'({ trackId }) {
      if (running?.trackId === trackId) running.abort.abort();
      return null;
    },
  };
}
