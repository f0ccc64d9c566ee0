import { usageError } from '../../../src-shared/core/errors/index.ts';
import { enlargeMotion, reduceLuma, type Homography } from '../../../src-shared/core/plate/index.ts';
import {
  PlaneTracker,
  type FeatureMotion,
  type PlaneFreedom,
  type PlaneLoss,
  type PlanePicture,
} from '../../../src-shared/core/plane/index.ts';
import { reduceMask } from '../../../src-shared/core/track/index.ts';
import type { TrackDirection, TrackRemark } from '../../../src-shared/project/mask/index.ts';
import type { FrameRange } from '../edit-job.ts';
import type { FrameSource, VideoFrame } from '../frames.ts';
import type { OpenCameraTracker } from '../plate/camera-tracker.ts';
import { framesInOrder } from '../scan/frames-in-order.ts';
import { keepFrames } from '../scan/kept-pictures.ts';

/** Where a followed shape is in one frame. */
export interface FollowedFrame {
  readonly frame: number;
  /** From the pixels of the frame in which it was drawn to this one's, pixel centres at whole numbers. */
  readonly motion: Homography;
  /** 0…1: how much of what is in the picture looks as it did there. */
  readonly confidence: number;
}

export interface FollowInput {
  readonly source: FrameSource;
  /** The frame in which the shape lies on the plane, one of `range`. */
  readonly frame: number;
  /** [height, width] of the clip: not 0 inside the shape, in that frame. */
  readonly inside: Uint8Array;
  readonly freedom: PlaneFreedom;
  readonly range: FrameRange;
  readonly direction: TrackDirection;
  readonly openCamera: OpenCameraTracker;
  readonly features: FeatureMotion;
  readonly signal: AbortSignal;
  readonly onFrame: (done: number, frames: number) => void;
  /** Called with each frame as soon as it is known. */
  readonly onPose: (pose: FollowedFrame) => void;
}

/** Pictures wider than this are reduced: a plane is found to a small part of a pixel. */
const mostWidth = 1280;

/**
 * Follows a shape as a plane from one frame through a range, both ways. Frames in which it is hidden have no pose; a cut
 * ends it, and leaving the picture too. Throws `follow-frame`, `follow-small` and `follow-flat`.
 */
export async function followShape(input: FollowInput): Promise<readonly TrackRemark[]> {
  const { frame, range, direction } = input;
  if (frame < range.startFrame || frame >= range.endFrame) {
    throw usageError(
      'follow-frame',
      `The shape lies on its plane in frame ${frame}; followed are frames ${range.startFrame} to ${range.endFrame - 1}.`,
      'Choose a frame among those, or another range.',
    );
  }
  const source = keepFrames(input.source);
  const ends = [
    ...(direction !== 'backward' ? [range.endFrame] : []),
    ...(direction !== 'forward' ? [range.startFrame - 1] : []),
  ].filter((end) => Math.abs(end - frame) > 1);
  const steps = ends.reduce((sum, end) => sum + Math.abs(end - frame) - 1, 0);
  let done = 0;
  const report = (): void => input.onFrame(++done, steps);
  const remarks: TrackRemark[] = [];
  for (const end of ends) remarks.push(...(await followTo(end, { ...input, source }, report)));
  return remarks;
}

/** One direction. */
async function followTo(end: number, input: FollowInput, report: () => void): Promise<TrackRemark[]> {
  const { source, frame: from, signal, onPose } = input;
  const { info } = source;
  const factor = Math.ceil(info.width / mostWidth);
  const size = { width: Math.floor(info.width / factor), height: Math.floor(info.height / factor) };
  const layout = { ...info, ...info.pixelFormat };
  const made = ({ planes }: VideoFrame): PlanePicture => ({
    ...size,
    luma: reduceLuma(planes[0], layout, factor),
  });
  const backward = end < from;
  const remarks: TrackRemark[] = [];
  let tracker: PlaneTracker | undefined;
  let lastPicture: PlanePicture | undefined;
  /** Since when it is not seen, and why. */
  let lost: { readonly frame: number; readonly why: PlaneLoss } | undefined;
  for await (const { index, frame: picture } of framesInOrder(source, from, end, made, signal)) {
    if (tracker === undefined || lastPicture === undefined) {
      tracker = startTracker(picture, reduceMask(input.inside, info, factor), input);
      lastPicture = picture;
      continue;
    }
    const found = tracker.next(picture);
    if (typeof found === 'string') {
      if (lost === undefined && (await isCut(lastPicture, picture, input.openCamera)))
        return [...remarks, { kind: 'cut', from, frame: index }];
      lost ??= { frame: index, why: found };
      if (found === 'outside' && lost.why === 'hidden') lost = { frame: lost.frame, why: 'outside' };
    } else {
      if (lost !== undefined) {
        const last = backward ? index + 1 : index - 1;
        remarks.push({ kind: 'hidden', frame: Math.min(lost.frame, last), last: Math.max(lost.frame, last) });
      }
      lost = undefined;
      onPose({ frame: index, motion: enlargeMotion(found.motion, factor), confidence: found.confidence });
    }
    lastPicture = picture;
    report();
  }
  if (lost === undefined) return remarks;
  return [...remarks, { kind: lost.why === 'outside' ? 'left' : 'lost', frame: lost.frame, backward }];
}

function startTracker(picture: PlanePicture, inside: Uint8Array, input: FollowInput): PlaneTracker {
  const tracker = new PlaneTracker(picture, inside, input.freedom, input.features);
  const { problem } = tracker;
  if (problem === undefined) return tracker;
  throw problem === 'small'
    ? usageError(
        'follow-small',
        `The shape is too small to be followed in frame ${input.frame}, or not in the picture there.`,
        'Draw it larger, about 20 pixels across at least, around what moves with it.',
      )
    : usageError(
        'follow-flat',
        `There is nothing inside the shape in frame ${input.frame} that can be followed: it is of one brightness.`,
        'Draw the shape around something with edges or texture on the same surface, or move it by keyframes.',
      );
}

/** Two pictures are of different views where this share of their cells differs by so many levels. */
const cut = { share: 0.6, levels: 10, cellPx: 12 } as const;

/** Whether two pictures that follow each other show different views: not what passes in front of one. */
async function isCut(
  before: PlanePicture,
  now: PlanePicture,
  openCamera: OpenCameraTracker,
): Promise<boolean> {
  if (changedShare(before, now) < cut.share) return false;
  const camera = await openCamera(before.width, before.height);
  const nothing = new Uint8Array(before.luma.length);
  const { segment } = camera.add(before.luma, nothing);
  return camera.add(now.luma, nothing).segment !== segment;
}

/** Share of the cells of a picture whose mean brightness is another. */
function changedShare(before: PlanePicture, now: PlanePicture): number {
  const { width, height } = before;
  const cell = Math.max(2, Math.min(cut.cellPx, width >> 2, height >> 2));
  const layout = { width, height, bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 } as const;
  const [a, b] = [before, now].map(({ luma }) => reduceLuma(luma, layout, cell));
  return a.filter((value, at) => Math.abs(value - b[at]) > cut.levels).length / a.length;
}
