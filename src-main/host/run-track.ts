import { encodeMask } from '../../src-shared/core/mask/index.ts';
import type { FrameSource } from '../engine/frames.ts';
import { checkClip } from '../engine/run-edit.ts';
import { rangeIn } from '../engine/scan/clip-range.ts';
import { trackClip } from '../engine/track/track-clip.ts';
import type { FollowedPose, TrackedFrame } from '../../src-shared/project/mask/index.ts';
import { findShadows } from '../engine/track/find-shadows.ts';
import { followShape } from '../engine/track/follow-shape.ts';
import type { FollowJob, ShadowJob, TrackJob, TrackResult } from '../engine/track/track-job.ts';
import { readMask, trackKeys } from '../engine/track/track-keys.ts';
import { networkSegmenter } from '../engine/segment/network-segmenter.ts';
import { createMedia } from '../media/index.ts';
import { openCameraTracker, openDenseFlow, openPlaneFeatures } from '../vision/index.ts';
import { openImported } from './open-imported.ts';
import type { JobHooks } from './run-job.ts';

async function openSource(clipPath: string, { signal, onToolProcess }: JobHooks): Promise<FrameSource> {
  const media = await createMedia(process.env, onToolProcess);
  const source = await media.openClip(clipPath, signal);
  checkClip(source.info);
  return source;
}

/** How far it is, and when to stop. */
function steps({ signal, onProgress }: JobHooks) {
  return {
    signal,
    onFrame: (step: number, all: number): void =>
      onProgress({ stage: 'track', step, steps: all, unit: 'frames' }),
  };
}

/** How what is done is told, and when to stop. */
function reports(hooks: JobHooks, onMask: (mask: TrackedFrame) => void) {
  return {
    ...steps(hooks),
    onMask: (frame: number, mask: Uint8Array, confidence: number): void =>
      onMask({ frame, mask: encodeMask(mask), confidence }),
  };
}

/**
 * Follows an object in this process; each mask is told as soon as it is known, so that what is done stays where the
 * job is stopped. Throws as `trackKeys`, `openImported`, `rangeIn`, `checkClip` and the opening of clips do, and `cancelled`.
 */
export async function runTrack(
  job: TrackJob,
  home: string,
  hooks: JobHooks,
  onMask: (mask: TrackedFrame) => void,
): Promise<TrackResult> {
  const source = await openSource(job.clipPath, hooks);
  const range = rangeIn(source.info, job.range);
  const keys = trackKeys(job, source.info, range);
  const network = await openImported(home, job.segmenterId, hooks.onNote);
  try {
    const { notes } = await trackClip({
      source,
      keys,
      range,
      direction: job.direction,
      ...(job.only === undefined ? {} : { only: job.only }),
      ...(network && { openSegmenter: (clip, size) => networkSegmenter(network, clip, size) }),
      openCamera: openCameraTracker,
      flow: await openDenseFlow(),
      ...reports(hooks, onMask),
    });
    return { notes };
  } finally {
    await network?.release();
  }
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

/** Follows a shape as a plane, told as `runTrack` does. Throws as `followShape`, `readMask`, `rangeIn` and `checkClip`. */
export async function runFollow(
  job: FollowJob,
  hooks: JobHooks,
  onPose: (pose: FollowedPose) => void,
): Promise<TrackResult> {
  const source = await openSource(job.clipPath, hooks);
  const { frame, freedom, direction } = job;
  const notes = await followShape({
    source,
    frame,
    inside: readMask(frame, job.inside, source.info),
    freedom,
    range: rangeIn(source.info, job.range),
    direction,
    openCamera: openCameraTracker,
    features: await openPlaneFeatures(),
    ...steps(hooks),
    onPose: ({ motion, ...pose }) => onPose({ ...pose, motion: [...motion] }),
  });
  return { notes };
}
