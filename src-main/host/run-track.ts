import { encodeMask } from '../../src-shared/core/mask/index.ts';
import type { FrameSource } from '../engine/frames.ts';
import { checkClip } from '../engine/run-edit.ts';
import { rangeIn } from '../engine/scan/clip-range.ts';
import { trackClip } from '../engine/track/track-clip.ts';
import type { TrackedFrame } from '../../src-shared/project/mask/index.ts';
import { findShadows } from '../engine/track/find-shadows.ts';
import type { ShadowJob, TrackJob, TrackResult } from '../engine/track/track-job.ts';
import { readMask, trackKeys } from '../engine/track/track-keys.ts';
import { createMedia } from '../media/index.ts';
import { openCameraTracker, openDenseFlow } from '../vision/index.ts';
import type { JobHooks } from './run-job.ts';

async function openSource(clipPath: string, { signal, onToolProcess }: JobHooks): Promise<FrameSource> {
  const media = await createMedia(process.env, onToolProcess);
  const source = await media.openClip(clipPath, signal);
  checkClip(source.info);
  return source;
}

/** How what is done is told, and when to stop. */
function reports({ signal, onProgress }: JobHooks, onMask: (mask: TrackedFrame) => void) {
  return {
    signal,
    onFrame: (step: number, steps: number): void =>
      onProgress({ stage: 'track', step, steps, unit: 'frames' }),
    onMask: (frame: number, mask: Uint8Array, confidence: number): void =>
      onMask({ frame, mask: encodeMask(mask), confidence }),
  };
}

/**
 * Follows an object in this process; each mask is told as soon as it is known, so that what is done stays where the
 * job is stopped. Throws as `trackKeys`, `rangeIn`, `checkClip` and the opening of clips do, and `cancelled`.
 */
export async function runTrack(
  job: TrackJob,
  hooks: JobHooks,
  onMask: (mask: TrackedFrame) => void,
): Promise<TrackResult> {
  const source = await openSource(job.clipPath, hooks);
  const range = rangeIn(source.info, job.range);
  const { notes } = await trackClip({
    source,
    keys: trackKeys(job, source.info, range),
    range,
    direction: job.direction,
    ...(job.only === undefined ? {} : { only: job.only }),
    openCamera: openCameraTracker,
    flow: await openDenseFlow(),
    ...reports(hooks, onMask),
  });
  return { notes };
}

/** Finds an object's shadow, told as `runTrack` does. Throws as that, and as `findShadows`. */
export async function runShadow(
  job: ShadowJob,
  hooks: JobHooks,
  onMask: (mask: TrackedFrame) => void,
): Promise<TrackResult> {
  const source = await openSource(job.clipPath, hooks);
  await findShadows({
    source,
    masks: new Map(
      job.masks
        .filter(({ mask }) => mask !== '')
        .map(({ frame, mask }) => [frame, readMask(frame, mask, source.info)]),
    ),
    range: rangeIn(source.info, job.range),
    openCamera: openCameraTracker,
    ...reports(hooks, onMask),
  });
  return { notes: [] };
}
