import { holeFlicker, holeLook, lumaBytes, median, type AffineMotion } from './hole-look.ts';
import { canBeJudged, holeRegions } from './hole-regions.ts';
import { maskedSquaredError, psnrOf } from './psnr.ts';
import { maskedMsSsim, maskedSsim } from './ssim.ts';

/** How two lumas [height, width] moved from the first to the second, where `outside` [height, width] is not 0. */
export type MotionOutside = (before: Uint8Array, now: Uint8Array, outside: Uint8Array) => AffineMotion;

/** What is in a hole, over the frames of a clip; null where no frame lets it be told. */
export interface HoleQuality {
  /** Medians over the frames, as of `holeLook` and `holeFlicker`. */
  readonly texture: number | null;
  readonly seam: number | null;
  readonly flicker: number | null;
  /** dB of the mean over the frames of their mean squared error, RGB 8 bit; null also where nothing differs. */
  readonly psnr: number | null;
  /** Means over the frames. */
  readonly ssim: number | null;
  readonly msSsim: number | null;
  /** Frames whose hole is large enough to be judged. */
  readonly frames: number;
}

/** One frame of the result: RGB bytes [height, width, 3] and masks [height, width], not 0 = in it. */
export interface JudgedFrame {
  readonly rgb: Uint8Array;
  /** What the result had to fill. */
  readonly hole: Uint8Array;
  /** The part of it that is judged. */
  readonly judged: Uint8Array;
  /** RGB bytes of what is really behind the hole, where that is known. */
  readonly truth?: Uint8Array | undefined;
}

export interface HoleMeter {
  /** Frames in order, each once. */
  add(frame: JudgedFrame): void;
  result(): HoleQuality;
}

/** Measures frames one by one and holds one of them. Without `motionOutside` there is no flicker. */
export function createHoleMeter(
  size: { readonly width: number; readonly height: number },
  motionOutside?: MotionOutside,
): HoleMeter {
  const looks: { texture: number; seam: number }[] = [];
  const flickers: number[] = [];
  const errors: number[] = [];
  const similarities: { ssim: number; msSsim: number }[] = [];
  let before: { luma: Uint8Array; judged: Uint8Array } | undefined;

  function addLook(luma: Uint8Array, hole: Uint8Array, judged: Uint8Array): void {
    const regions = holeRegions(judged, hole, size.width, size.height);
    if (regions === undefined) return;
    looks.push(holeLook(luma, regions, size));
    if (before === undefined || motionOutside === undefined) return;
    const outside = hole.map((value) => (value === 0 ? 255 : 0));
    const motion = motionOutside(before.luma, luma, outside);
    const flicker = holeFlicker(before.luma, luma, motion, before.judged, regions, size);
    if (flicker !== undefined) flickers.push(flicker);
  }

  function addComparison(rgb: Uint8Array, truth: Uint8Array, judged: Uint8Array): void {
    const { sum, samples } = maskedSquaredError(rgb, truth, judged);
    errors.push(sum / samples);
    similarities.push({
      ssim: maskedSsim(rgb, truth, judged, size),
      msSsim: maskedMsSsim(rgb, truth, judged, size),
    });
  }

  return {
    add({ rgb, hole, judged, truth }) {
      const luma = lumaBytes(rgb);
      if (canBeJudged(judged)) {
        addLook(luma, hole, judged);
        if (truth !== undefined) addComparison(rgb, truth, judged);
      }
      before = { luma, judged };
    },
    result: () => {
      const error = errors.length === 0 ? 0 : mean(errors);
      return {
        texture: middle(looks.map(({ texture }) => texture)),
        seam: middle(looks.map(({ seam }) => seam)),
        flicker: middle(flickers),
        psnr: error === 0 ? null : psnrOf({ sum: error, samples: 1 }),
        ssim: similarities.length === 0 ? null : mean(similarities.map(({ ssim }) => ssim)),
        msSsim: similarities.length === 0 ? null : mean(similarities.map(({ msSsim }) => msSsim)),
        frames: looks.length,
      };
    },
  };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const middle = (values: readonly number[]): number | null => (values.length === 0 ? null : median(values));
