import { encodeMask } from '../../src-shared/core/mask/index.ts';
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

/**
 * Follows an object in this process; each mask is told as soon as it is known, so that what is done stays where the
 * job is stopped. Throws as `trackKeys`, `rangeIn`, `checkClip` and the opening of clips do, and `cancelled`.
 */
export async function runTrack(
  job: TrackJob,
  hooks: JobHooks,
  onMask: (mask: TrackedFrame) => void,
): Promise<TrackResult> {
  const { signal, onProgress } = hooks;
  const media = await createMedia(process.env, hooks.onToolProcess);
  const source = await media.openClip(job.clipPath, signal);
  checkClip(source.info);
  const range = rangeIn(source.info, job.range);
  const { notes } = await trackClip({
    source,
    keys: trackKeys(job, source.info, range),
    range,
    direction: job.direction,
    ...(job.only === undefined ? {} : { only: job.only }),
    openCamera: openCameraTracker,
    flow: await openDenseFlow(),
    signal,
    onFrame: (step, steps) => onProgress({ stage: 'track', step, steps, unit: 'frames' }),
    onMask: (frame, mask, confidence) => onMask({ frame, mask: encodeMask(mask), confidence }),
  });
  return { notes };
}

/** Finds an object's shadow, told as `runTrack` does. Throws as that, and as `findShadows`. */
export async function runShadow(
  job: ShadowJob,
  hooks: JobHooks,
  onMask: (mask: TrackedFrame) => void,
): Promise<TrackResult> {
  const { signal, onProgress } = hooks;
  const media = await createMedia(process.env, hooks.onToolProcess);
  const source = await media.openClip(job.clipPath, signal);
  checkClip(source.info);
  await findShadows({
    source,
    masks: new Map(
      job.masks
        .filter(({ mask }) => mask !== '')
        .map(({ frame, mask }) => [frame, readMask(frame, mask, source.info)]),
    ),
    range: rangeIn(source.info, job.range),
    openCamera: openCameraTracker,
    signal,
    onFrame: (step, steps) => onProgress({ stage: 'track', step, steps, unit: 'frames' }),
    onMask: (frame, mask, confidence) => onMask({ frame, mask: encodeMask(mask), confidence }),
  });
  return { notes: [] };
}
