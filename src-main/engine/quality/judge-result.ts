import { usageError, type HetcutError } from '../../../src-shared/core/errors/index.ts';
import { coveredRegion } from '../../../src-shared/core/mask/index.ts';
import {
  createHoleMeter,
  type HoleQuality,
  type MotionOutside,
} from '../../../src-shared/core/metrics/index.ts';
import { rgbBytes } from '../composite/planes.ts';
import type { FrameRange } from '../edit-job.ts';
import { openTruth } from '../export/quality-meter.ts';
import type { ClipInfo, MaskSource, Media } from '../frames.ts';
import type { OnProgress } from '../progress.ts';
import { rangeIn, rangeOfMasks } from '../scan/clip-range.ts';
import { framesWithMasks } from '../scan/frames-with-masks.ts';

export interface JudgeRequest {
  /** What `remove` or another program made of the clip. */
  readonly resultPath: string;
  readonly clipPath: string;
  readonly maskPath: string;
  /** What is really behind the hole: a clean clip as long as the clip, or a picture. */
  readonly truthPath?: string;
  /** A mask like the first: only this part of the hole is judged, such as what no frame shows. */
  readonly judgedPath?: string;
  /** The result holds these frames of the clip and no others. Absent: all. */
  readonly range?: FrameRange;
}

export interface JudgeServices {
  readonly media: Media;
  readonly openMotionOutside: (width: number, height: number) => Promise<MotionOutside>;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

function checkResult(path: string, result: ClipInfo, clip: ClipInfo, range: FrameRange): void {
  if (result.width !== clip.width || result.height !== clip.height) {
    throw usageError(
      'result-size',
      `The result ${path} is ${result.width}×${result.height}, the clip ${clip.width}×${clip.height}.`,
      'Compare a result of the clip’s size.',
    );
  }
  const frames = range.endFrame - range.startFrame;
  if (result.ptsSec.length !== frames) {
    throw usageError(
      'result-length',
      `The result ${path} has ${result.ptsSec.length} frames; ${frames} of the clip are to be compared.`,
      'Give a result of the whole clip, or name its frames of the clip with --range START:END.',
    );
  }
}

/**
 * Reads result, masks and truth once, frame by frame, and measures what is in the hole.
 * Errors: those of the media layer, result-size, result-length, truth-size, truth-length, mask-empty, and hole-too-small
 * where no frame's hole is large enough.
 */
export async function judgeResult(request: JudgeRequest, services: JudgeServices): Promise<HoleQuality> {
  const { media, signal, onProgress } = services;
  const { info: clip } = await media.openClip(request.clipPath, signal);
  const range = rangeIn(clip, request.range);
  const result = await media.openClip(request.resultPath, signal);
  checkResult(request.resultPath, result.info, clip, range);
  const openMask = async (path: string): Promise<MaskSource> =>
    rangeOfMasks(await media.openMask(path, clip, signal), range);
  const mask = await openMask(request.maskPath);
  const judged = request.judgedPath === undefined ? mask : await openMask(request.judgedPath);
  const nextTruth =
    request.truthPath === undefined
      ? undefined
      : await openTruth(media, request.truthPath, clip, range, signal);
  const meter = createHoleMeter(clip, await services.openMotionOutside(clip.width, clip.height));
  const frames = range.endFrame - range.startFrame;
  const parts = judged.masks(0, frames, signal)[Symbol.asyncIterator]();
  let masked = false;
  for await (const { frame, hole } of framesWithMasks(result, mask, 0, frames, signal)) {
    const part = await parts.next();
    if (part.done === true) throw new Error('the mask ended before the clip');
    masked ||= hole.includes(255);
    meter.add({
      rgb: rgbBytes(frame.planes, result.info),
      hole,
      judged: coveredRegion(part.value),
      truth: await nextTruth?.(),
    });
    onProgress({ stage: 'check', step: frame.index + 1, steps: frames, unit: 'frames' });
  }
  const quality = meter.result();
  if (quality.frames === 0) throw nothingToJudge(request, masked);
  return quality;
}

function nothingToJudge({ maskPath, judgedPath = maskPath }: JudgeRequest, masked: boolean): HetcutError {
  if (!masked) {
    return usageError(
      'mask-empty',
      `The mask ${maskPath} is empty in every frame that is compared.`,
      'Give the mask that the result was made with; white = removed.',
    );
  }
  return usageError(
    'hole-too-small',
    `In no frame is the hole of ${judgedPath} large enough to be judged, or it leaves too little around it.`,
    'A hole needs more than 200 pixels, of which 100 lie 4 pixels or more inside its edge, and 100 pixels around it.',
  );
}
