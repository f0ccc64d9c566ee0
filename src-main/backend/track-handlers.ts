import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import type { FrameRange } from '../../src-shared/project/index.ts';
import type { TrackEnd } from '../../src-shared/ipc/index.ts';
import type { TrackedFrame } from '../../src-shared/project/mask/index.ts';
import type { ShadowJob, TrackJob } from '../engine/track/track-job.ts';
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
}: BackendParts): HandlersOf<'track.start' | 'track.shadow' | 'track.stop'> {
  let running: { readonly trackId: string; readonly abort: AbortController } | undefined;
  /** Runs one of them; its masks are told as they come only where `tells`. */
  async function run(trackId: string, job: TrackJob | ShadowJob, tells: boolean): Promise<TrackEnd> {
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
    try {
      const { notes } = await runMessageLoop(
        startHost,
        { ...job, clipPath: await paths.require(job.clipPath) },
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
            if (tells) untold.push(mask);
          },
        },
      );
      return end(notes, false);
    } catch (error) {
      if (error instanceof HetcutError && error.code === 'cancelled') return end([], true);
      // What was done until then is not lost with it.
      tell(true);
      throw error;
    } finally {
      running = undefined;
    }
  }
  const within = (range: FrameRange | undefined) => (range === undefined ? {} : { range });
  return {
    'track.start': ({ trackId, clipPath, range, keys, only }) =>
      run(trackId, { kind: 'track', clipPath, ...within(range), keys, direction: 'both', only }, true),
    'track.shadow': ({ trackId, clipPath, range, masks }) =>
      run(trackId, { kind: 'shadow', clipPath, ...within(range), masks }, false),
    async 'track.stop'({ trackId }) {
      if (running?.trackId === trackId) running.abort.abort();
      return null;
    },
  };
}
