import { HetcutError, usageError } from '../../src-shared/core/errors/index.ts';
import type { FrameRange } from '../../src-shared/project/index.ts';
import type { Events, TrackEnd } from '../../src-shared/ipc/index.ts';
import type { FollowedPose, TrackedFrame } from '../../src-shared/project/mask/index.ts';
import type { FollowJob, ShadowJob, TrackJob } from '../engine/track/track-job.ts';
import { runMessageLoop, type HostCallbacks } from '../host/message-loop.ts';
import type { BackendParts, HandlersOf } from './backend-parts.ts';

/** A clip's frames can come faster than a window needs to show them. */
const progressIntervalMs = 80;

/** Tracking for the window: one at a time, in an inference process of its own, beside the queue. */
export function trackHandlers({
  home,
  paths,
  settings,
  startHost,
  emit,
  onNote = () => undefined,
  signal,
}: BackendParts): HandlersOf<'track.start' | 'track.shadow' | 'track.follow' | 'track.stop'> {
  let running: { readonly trackId: string; readonly abort: AbortController } | undefined;
  /**
   * Runs one of them.
   *
   * @param listen Which of the host's words tell of a frame that is found.
   * @param tell How what was found since the last time is told.
   */
  async function run<Found extends { readonly frame: number }>(
    trackId: string,
    job: FollowJob | TrackJob | ShadowJob,
    listen: (found: (one: Found) => void) => Pick<HostCallbacks, 'onFollowed' | 'onTracked'>,
    tell: (found: Found[]) => Partial<Events['track.progress']>,
  ): Promise<{ stopped: boolean; frames: Found[]; remarks: TrackEnd['remarks'] }> {
    if (running !== undefined) {
      throw usageError('track-busy', 'Something is being tracked.', 'Wait until that is done, or stop it.');
    }
    const abort = new AbortController();
    running = { trackId, abort };
    const all = new Map<number, Found>();
    let untold: Found[] = [];
    let share = 0;
    let lastMs = -Infinity;
    const report = (now = false): void => {
      if (!now && performance.now() - lastMs < progressIntervalMs) return;
      lastMs = performance.now();
      emit('track.progress', { trackId, share, frames: [], ...tell(untold) });
      untold = [];
    };
    const end = (remarks: TrackEnd['remarks'], stopped: boolean) => ({
      stopped,
      frames: [...all.values()].sort((a, b) => a.frame - b.frame),
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
            report();
          },
          onNote,
          ...listen((one) => {
            all.set(one.frame, one);
            untold.push(one);
          }),
        },
      );
      return end(notes, false);
    } catch (error) {
      if (error instanceof HetcutError && error.code === 'cancelled') return end([], true);
      // What was done until then is not lost with it.
      report(true);
      throw error;
    } finally {
      running = undefined;
    }
  }
  const segmenter = () => {
    const { segmenterId } = settings.current;
    return segmenterId === null ? {} : { segmenterId };
  };
  const masks = (found: (one: TrackedFrame) => void) => ({ onTracked: found });
  const within = (range: FrameRange | undefined) => (range === undefined ? {} : { range });
  return {
    'track.start': ({ trackId, clipPath, range, keys, only }) =>
      run(
        trackId,
        { kind: 'track', clipPath, ...within(range), keys, direction: 'both', only, ...segmenter() },
        masks,
        (frames) => ({
          frames,
        }),
      ),
    'track.shadow': ({ trackId, clipPath, range, masks: ofObject }) =>
      run(trackId, { kind: 'shadow', clipPath, ...within(range), masks: ofObject }, masks, () => ({})),
    'track.follow': ({ trackId, clipPath, range, at, freedom, direction }) =>
      run<FollowedPose>(
        trackId,
        { kind: 'follow', clipPath, ...within(range), ...at, freedom, direction },
        (found) => ({ onFollowed: found }),
        (poses) => ({ poses }),
      ),
    async 'track.stop'({ trackId }) {
      if (running?.trackId === trackId) running.abort.abort();
      return null;
    },
  };
}
