import { usageError, type HetcutError } from '../../../src-shared/core/errors/index.ts';
import { framesPerSecond, timecodeAfter } from '../../../src-shared/project/index.ts';
import type { FrameRange } from '../edit-job.ts';
import type { ClipInfo, FrameSource, MaskSource } from '../frames.ts';

/**
 * The range of a job on `clip`; without one, all of the clip. Throws `range` where the clip has no such frames, or the
 * range is less than the two frames that make a video.
 */
export function rangeIn(clip: ClipInfo, range: FrameRange | undefined): FrameRange {
  const count = clip.ptsSec.length;
  if (range === undefined) return { startFrame: 0, endFrame: count };
  const { startFrame, endFrame } = range;
  const shown = `The range ${startFrame}:${endFrame}`;
  const wrong = (what: string): HetcutError =>
    usageError(
      'range',
      `${shown} ${what}.`,
      `Name the first frame and the one after the last, of two frames or more, between 0 and ${count}.`,
    );
  if (startFrame > endFrame) throw wrong('ends before it starts');
  if (startFrame === endFrame)
    throw wrong('is empty: the frame after the colon is the first that is left out');
  if (startFrame < 0 || endFrame > count) throw wrong(`goes beyond the clip, which has ${count} frames`);
  if (endFrame - startFrame === 1) throw wrong('is one frame; HetCut edits video');
  return range;
}

/** The timecode of frame `startFrame`; that of a variable rate counts by the clock. */
function timecodeAt(clip: ClipInfo, startFrame: number): Pick<ClipInfo, 'timecode'> {
  if (clip.timecode === undefined) return {};
  const { start, frameRate } = clip.timecode;
  const afterSec = clip.ptsSec[startFrame] - clip.ptsSec[0];
  const shifted = timecodeAfter(start, Math.round(afterSec * framesPerSecond(frameRate)), frameRate);
  return shifted === undefined ? {} : { timecode: { start: shifted, frameRate } };
}

/** A clip as if it held nothing but `range` (as of `rangeIn`), whose first frame is its frame 0. */
export function rangeOfClip(clip: ClipInfo, { startFrame, endFrame }: FrameRange): ClipInfo {
  const count = clip.ptsSec.length;
  if (startFrame === 0 && endFrame === count) return clip;
  const startSec = clip.ptsSec[startFrame];
  const endSec = endFrame === count ? clip.ptsSec[0] + clip.durationSec : clip.ptsSec[endFrame];
  const { timecode: _, ...others } = clip;
  return {
    ...others,
    ...timecodeAt(clip, startFrame),
    ptsSec: clip.ptsSec.slice(startFrame, endFrame),
    durationSec: endSec - startSec,
    excerpt: {
      ...(startFrame === 0 ? {} : { startSec }),
      ...(endFrame === count ? {} : { endSec }),
    },
  };
}

/** The frames of `range` under the numbers of `rangeOfClip`. Damaged frames are those of the range. */
export function rangeOfFrames(source: FrameSource, range: FrameRange): FrameSource {
  const first = range.startFrame;
  return {
    info: rangeOfClip(source.info, range),
    async *frames(startFrame, endFrame, signal) {
      for await (const { index, planes } of source.frames(first + startFrame, first + endFrame, signal))
        yield { index: index - first, planes };
    },
    damagedFrames: () =>
      source
        .damagedFrames()
        .flatMap((index) => (index >= first && index < range.endFrame ? [index - first] : [])),
  };
}

/** The masks of `range`; what the mask covers elsewhere is not looked at. */
export function rangeOfMasks(mask: MaskSource, { startFrame, endFrame }: FrameRange): MaskSource {
  return {
    frameCount: endFrame - startFrame,
    masks: (start, end, signal) => mask.masks(startFrame + start, startFrame + end, signal),
  };
}
