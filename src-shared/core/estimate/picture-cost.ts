import type { EditWork, WindowWork } from './edit-work.ts';
import type { PictureStage } from './stages.ts';

/** Seconds of the picture probe (`measurePictureFactor`) on the machine where the figures below were measured. */
export const referencePictureSec = 0.003;

/**
 * What picture work takes on that machine (two AVX-512 cores, ffmpeg 5.1): seconds a job, a frame, or a million
 * pixels (Mpx). Non-negative least squares over the stage times of eight jobs on four clips of 0.1 to 0.4 Mpx a frame;
 * the fixed parts are processes that start and code that is compiled. Finished jobs correct them stage by stage.
 */
const reference = {
  openSec: 0.5,
  openFrameSec: 0.002,
  scanSec: 0.25,
  scanMpxSec: 0.01,
  plateSec: 2.6,
  plateMpxSec: 0.185,
  plateMaskedMpxSec: 4.1,
  /** With the plate off or given: the patches are only cut and kept. Of the boxes around the mask. */
  patchBoxMpxSec: 0.16,
  patchSec: 0.2,
  /** Filling by texture: the canvas, what is filled there, and what is laid into the frames. */
  textureFrameSec: 0.01,
  textureCanvasMpxSec: 150,
  textureLaidMpxSec: 4,
  readSec: 0.57,
  readCropMpxSec: 0.22,
  readWorkingMpxSec: 0.13,
  compositeSec: 0.34,
  compositeCropMpxSec: 0.26,
  exportSec: 0.6,
  exportMpxSec: 0.03,
  exportBoxMpxSec: 0.19,
  /** Measuring against a truth. */
  truthMpxSec: 0.1,
  checkMpxSec: 0.05,
  /** Sampler and cache, for each step and token; choosing the tokens of partial steps, once after each full one. */
  stepTokenSec: 1e-6,
  selectionTokenSec: 1e-5,
} as const;

/** The stages of pictures alone, before corrections, on a machine that takes `factor` times as long. */
export function pictureSeconds(work: EditWork, factor: number): Readonly<Record<PictureStage, number>> {
  const { frames, windows } = work;
  const megapixels = (frames * work.framePixels) / 1e6;
  const encodedMegapixels = ((work.encodedFrames ?? frames) * work.framePixels) / 1e6;
  const boxMegapixels = work.boxPixels / 1e6;
  const sum = (pixels: (window: EditWork['windows'][number]) => number): number =>
    windows.reduce((all, window) => all + pixels(window), 0) / 1e6;
  const searches = work.plate === 'auto' || work.plate === 'only';
  const { textured } = work;
  // The hole on the canvas is about that of the frame with the most.
  const textureSec =
    textured.pixels === 0
      ? 0
      : reference.textureFrameSec * frames +
        (reference.textureCanvasMpxSec * textured.mostInFrame +
          reference.textureLaidMpxSec * textured.pixels) /
          1e6;
  const seconds: Record<PictureStage, number> = {
    open: reference.openSec + reference.openFrameSec * frames,
    scan: reference.scanSec + reference.scanMpxSec * megapixels,
    plate:
      textureSec +
      (searches
        ? reference.plateSec +
          reference.plateMpxSec * megapixels +
          (reference.plateMaskedMpxSec * work.maskedPixels) / 1e6
        : reference.patchSec + reference.scanMpxSec * megapixels + reference.patchBoxMpxSec * boxMegapixels),
    read:
      (windows.length === 0 ? 0 : reference.readSec) +
      reference.readCropMpxSec * sum((w) => w.frames * w.cropPixels) +
      reference.readWorkingMpxSec * sum((w) => w.frames * w.workingPixels),
    settle:
      (windows.length === 0 ? 0 : reference.compositeSec) +
      reference.compositeCropMpxSec * sum((w) => w.freshFrames * w.cropPixels),
    export:
      reference.exportSec +
      (reference.exportMpxSec + (work.hasTruth ? reference.truthMpxSec : 0)) * encodedMegapixels +
      reference.exportBoxMpxSec * boxMegapixels,
    check: (reference.checkMpxSec * work.checkedFrames * work.framePixels) / 1e6,
  };
  for (const stage of Object.keys(seconds) as PictureStage[]) seconds[stage] *= factor;
  return seconds;
}

/** What a window's steps take besides the network calls, on such a machine. */
export function bookkeepingSeconds({ steps, tokens }: WindowWork, factor: number): number {
  const selections = steps.filter(
    ({ kind }, i) =>
      kind === 'partial' && steps.findLast((step, j) => j < i && step.kind !== 'reuse')?.kind === 'full',
  ).length;
  return factor * tokens * (reference.stepTokenSec * steps.length + reference.selectionTokenSec * selections);
}
