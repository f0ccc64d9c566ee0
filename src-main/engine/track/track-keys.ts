import { usageError } from '../../../src-shared/core/errors/index.ts';
import { decodeMask } from '../../../src-shared/core/mask/index.ts';
import type { FrameRange } from '../edit-job.ts';
import type { ClipInfo } from '../frames.ts';
import type { TrackKey } from './track-input.ts';
import type { TrackJob } from './track-job.ts';

/**
 * The painted frames of a job as the tracker takes them. Throws `track-frame` where one lies outside the range,
 * `track-key` where two are of one frame, `mask-size` where a mask is not of the clip's size, and `track-mask-empty`
 * where none shows anything.
 */
export function trackKeys({ keys }: TrackJob, clip: ClipInfo, range: FrameRange): TrackKey[] {
  const frames = new Set<number>();
  const read = keys.map(({ frame, mask }): TrackKey => {
    if (frame < range.startFrame || frame >= range.endFrame) {
      throw usageError(
        'track-frame',
        `Frame ${frame} was painted; tracked are frames ${range.startFrame} to ${range.endFrame - 1}.`,
        'Paint the object in one of these frames, or track another range.',
      );
    }
    if (frames.has(frame)) {
      throw usageError('track-key', `Frame ${frame} is named twice.`, 'Give one mask for each frame.');
    }
    frames.add(frame);
    return { frame, mask: mask === '' ? null : readMask(frame, mask, clip) };
  });
  if (!read.some(({ mask }) => mask?.some((value) => value !== 0) === true)) {
    throw usageError(
      'track-mask-empty',
      'Nothing is painted to be tracked.',
      'Paint over the object in one frame.',
    );
  }
  return read;
}

/** The mask of a frame from its text: [height, width] of the clip. Throws `mask-size`. */
export function readMask(frame: number, mask: string, { width, height }: ClipInfo): Uint8Array {
  try {
    return decodeMask(mask, width * height);
  } catch {
    throw usageError(
      'mask-size',
      `The mask of frame ${frame} is not of the clip’s size, ${width}×${height}.`,
      'Paint the frame again.',
    );
  }
}
