import {
  addErrors,
  createHoleMeter,
  maskedMsSsim,
  maskedSquaredError,
  maskedSsim,
  maxDifferenceOutside,
  noError,
  psnrOf,
} from '../../../src-shared/core/metrics/index.ts';
import { usageError } from '../../../src-shared/core/errors/index.ts';
import { isStillPicture } from '../../../src-shared/core/picture/index.ts';
import type { EditResult, FrameRange } from '../edit-job.ts';
import type { ClipInfo, FrameSource, MaskSource, Media, VideoFrame } from '../frames.ts';
import { framesWithMasks } from '../scan/frames-with-masks.ts';
import { fullChroma, rgbBytes } from '../composite/planes.ts';

type Planes = VideoFrame['planes'];

/** Measures the frames that go to the encoder, one by one. */
export interface QualityMeter {
  /** Frames in order: the source's, and the same with its hole filled. `mask` [height, width]. */
  add(source: VideoFrame, result: Planes, mask: Uint8Array): Promise<void>;
  result(): Omit<EditResult['quality'], 'outputOutsideMaxDiff'>;
}

/**
 * The truth of the frames of `range`, one by one, as RGB bytes [height, width, 3]: a clean clip whose frames are
 * numbered as the whole clip's are, or one clean picture for all frames.
 */
export async function openTruth(
  media: Media,
  path: string,
  clip: ClipInfo,
  range: FrameRange,
  signal: AbortSignal,
): Promise<() => Promise<Uint8Array>> {
  const checkSize = (size: { width: number; height: number }): void => {
    if (size.width === clip.width && size.height === clip.height) return;
    throw usageError(
      'truth-size',
      `The truth ${path} is ${size.width}×${size.height}, the clip ${clip.width}×${clip.height}.`,
      'Give a truth of the same size.',
    );
  };
  if (isStillPicture(path)) {
    const picture = await media.readPicture(path);
    checkSize(picture);
    return async () => picture.rgb;
  }
  const truth = await media.openClip(path, signal);
  checkSize(truth.info);
  if (truth.info.ptsSec.length < range.endFrame) {
    throw usageError(
      'truth-length',
      `The truth ${path} has ${truth.info.ptsSec.length} frames; ${range.endFrame} are needed.`,
      'Give a truth of the clip’s length.',
    );
  }
  const frames = truth.frames(range.startFrame, range.endFrame, signal)[Symbol.asyncIterator]();
  return async () => {
    const step = await frames.next();
    if (step.done === true) throw new Error('the truth ended before the clip');
    return rgbBytes(step.value.planes, truth.info);
  };
}

/**
 * PSNR over the masked pixels of all frames (RGB, 8 bit, peak 255), mean SSIM and MS-SSIM over the frames that have
 * any, texture and seam over those whose hole is large enough; all of them only where there is a truth.
 */
export async function openQualityMeter(
  media: Media,
  truthPath: string | undefined,
  clip: ClipInfo,
  range: FrameRange,
  signal: AbortSignal,
): Promise<QualityMeter> {
  const nextTruth =
    truthPath === undefined ? undefined : await openTruth(media, truthPath, clip, range, signal);
  let outsideMaxDiff = 0;
  let error = noError;
  const look = createHoleMeter(clip);
  let ssimSum = 0;
  let msSsimSum = 0;
  let ssimFrames = 0;
  return {
    async add(source, result, mask) {
      outsideMaxDiff = Math.max(outsideMaxDiff, maxDifferenceOutside(source.planes, result, mask, clip));
      if (nextTruth === undefined) return;
      const truth = await nextTruth();
      if (!mask.includes(255)) return;
      const bytes = rgbBytes(result, clip);
      error = addErrors(error, maskedSquaredError(bytes, truth, mask));
      ssimSum += maskedSsim(bytes, truth, mask, clip);
      msSsimSum += maskedMsSsim(bytes, truth, mask, clip);
      look.add({ rgb: bytes, hole: mask, judged: mask });
      ssimFrames++;
    },
    result: () => {
      const { texture, seam } = look.result();
      return {
        outsideMaxDiff,
        maskPsnr: error.samples === 0 ? null : psnrOf(error),
        maskSsim: ssimFrames === 0 ? null : ssimSum / ssimFrames,
        maskMsSsim: ssimFrames === 0 ? null : msSsimSum / ssimFrames,
        texture,
        seam,
      };
    },
  };
}

/** Decodes a lossless export again and compares it with the source outside the mask. */
export async function outsideDifference(
  media: Media,
  source: FrameSource,
  outputPath: string,
  mask: MaskSource,
  signal: AbortSignal,
): Promise<number> {
  const clip = source.info;
  const frameCount = clip.ptsSec.length;
  const output = await media.openClip(outputPath, signal);
  const results = output.frames(0, frameCount, signal)[Symbol.asyncIterator]();
  let worst = 0;
  for await (const { frame, hole } of framesWithMasks(source, mask, 0, frameCount, signal)) {
    const result = await results.next();
    if (result.done === true) throw new Error('the output is shorter than the clip');
    // Odd sizes are exported with a chroma sample for every pixel.
    const planes =
      output.info.pixelFormat.name === clip.pixelFormat.name ? frame.planes : fullChroma(frame.planes, clip);
    worst = Math.max(worst, maxDifferenceOutside(planes, result.value.planes, hole, output.info));
  }
  return worst;
}
