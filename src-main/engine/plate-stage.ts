import {
  chain,
  composePlate,
  enlargeMotion,
  fillResidual,
  identityMotion,
  invert,
  mostCandidates,
  usability,
  type Homography,
  type PictureLayout,
  type PlateCandidate,
} from '../../src-shared/core/plate/index.ts';
import type { CameraPose, OpenCameraTracker } from './camera-tracker.ts';
import type { ClipInfo, FrameSource, MaskSource, VideoFrame } from './frames.ts';

/** The camera is followed in pictures of at most this width: fast, and precise to a fraction of a pixel. */
const trackingWidth = 640;
/** Frames before and after a frame that may lend it background. */
const reachFrames = 240;

export interface PlateStageInput {
  readonly source: FrameSource;
  readonly mask: MaskSource;
  readonly openTracker: OpenCameraTracker;
  /** Fill what no frame shows smoothly from its neighbours, so that nothing is left for the network. */
  readonly fillRest: boolean;
  readonly signal: AbortSignal;
  /** Frames whose camera position is known. */
  readonly onTracked: (done: number, frames: number) => void;
}

/** What other frames show of one frame's hole. */
export interface PlateFrame {
  /** The frame's planes with the confident pixels of its hole replaced. */
  readonly planes: VideoFrame['planes'];
  /** [height, width]; 255 = still to be generated. */
  readonly residual: Uint8Array;
}

/** Frames and masks of a clip side by side. */
async function* framesWithMasks(
  source: FrameSource,
  mask: MaskSource,
  signal: AbortSignal,
): AsyncGenerator<{ frame: VideoFrame; hole: Uint8Array }> {
  const frameCount = source.info.ptsSec.length;
  const masks = mask.masks(0, frameCount, signal)[Symbol.asyncIterator]();
  try {
    for await (const frame of source.frames(0, frameCount, signal)) {
      const picture = await masks.next();
      if (picture.done === true) throw new Error('the mask ended before the clip');
      yield { frame, hole: picture.value };
    }
  } finally {
    await masks.return?.();
  }
}

/** Luma averaged over blocks of factor × factor as 8 bit, and the mask of every block that holds a masked pixel. */
function reduced(
  frame: VideoFrame,
  hole: Uint8Array,
  clip: ClipInfo,
  factor: number,
): { luma: Uint8Array; mask: Uint8Array } {
  const width = Math.floor(clip.width / factor);
  const height = Math.floor(clip.height / factor);
  const luma = new Uint8Array(width * height);
  const mask = new Uint8Array(width * height);
  const unit = 2 ** (clip.pixelFormat.bitDepth - 8) * factor * factor;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      let masked = 0;
      for (let row = y * factor; row < (y + 1) * factor; row++) {
        const start = row * clip.width + x * factor;
        for (let i = start; i < start + factor; i++) {
          sum += frame.planes[0][i];
          masked |= hole[i];
        }
      }
      luma[y * width + x] = Math.round(sum / unit);
      mask[y * width + x] = masked;
    }
  }
  return { luma, mask };
}

/** Where the camera looked in every frame, in full-size pixels. */
async function followCamera(input: PlateStageInput): Promise<CameraPose[]> {
  const { source, mask, signal, onTracked } = input;
  const clip = source.info;
  const factor = Math.ceil(clip.width / trackingWidth);
  const tracker = await input.openTracker(Math.floor(clip.width / factor), Math.floor(clip.height / factor));
  const poses: CameraPose[] = [];
  for await (const { frame, hole } of framesWithMasks(source, mask, signal)) {
    const small = reduced(frame, hole, clip, factor);
    const pose = tracker.add(small.luma, small.mask);
    poses.push({ ...pose, toReference: enlargeMotion(pose.toReference, factor) });
    onTracked(poses.length, clip.ptsSec.length);
  }
  return poses;
}

/** From `target`'s pixels to `other`'s; the exact identity where the camera stood still. */
function motionBetween(target: CameraPose, other: CameraPose): Homography {
  const same = target.toReference.every((value, i) => value === other.toReference[i]);
  return same ? identityMotion() : chain(target.toReference, invert(other.toReference));
}

type Lender = Omit<PlateCandidate, 'motion'> & { readonly index: number };

/**
 * Frames that may lend background, kept while they are within reach. Every `stride`-th frame is read ahead of the
 * frame being filled, so memory holds `mostCandidates` of them however long the clip is.
 */
class LenderWindow {
  readonly #stream: AsyncGenerator<{ frame: VideoFrame; hole: Uint8Array }>;
  readonly #layout: PictureLayout;
  readonly #stride: number;
  #lenders: Lender[] = [];
  #readFrames = 0;

  constructor(input: PlateStageInput, layout: PictureLayout) {
    const frameCount = input.source.info.ptsSec.length;
    this.#stream = framesWithMasks(input.source, input.mask, input.signal);
    this.#layout = layout;
    this.#stride = Math.ceil(Math.min(frameCount, 2 * reachFrames + 1) / mostCandidates);
  }

  /** The lenders of frame `index`, nearest in time first. `index` must not go back. */
  async around(index: number): Promise<readonly Lender[]> {
    while (this.#readFrames <= index + reachFrames) {
      const { value, done } = await this.#stream.next();
      if (done === true) break;
      if (value.frame.index % this.#stride === 0) {
        const usable = usability(value.hole, this.#layout);
        this.#lenders.push({ index: value.frame.index, planes: value.frame.planes, usable });
      }
      this.#readFrames = value.frame.index + 1;
    }
    this.#lenders = this.#lenders.filter((lender) => lender.index >= index - reachFrames);
    return this.#lenders
      .filter((lender) => lender.index !== index)
      .sort((a, b) => Math.abs(a.index - index) - Math.abs(b.index - index));
  }

  async close(): Promise<void> {
    await this.#stream.return(undefined);
  }
}

export interface Plate {
  /** Fills the hole of one frame; to be asked for in the order of the clip. */
  frame(frame: VideoFrame, hole: Uint8Array): Promise<PlateFrame>;
  close(): Promise<void>;
}

/** Follows the camera through the clip and lends frames to each other. Memory does not grow with the clip. */
export async function createPlate(input: PlateStageInput): Promise<Plate> {
  const { width, height, pixelFormat } = input.source.info;
  const layout: PictureLayout = { width, height, ...pixelFormat };
  const poses = await followCamera(input);
  const lenders = new LenderWindow(input, layout);
  return {
    async frame(frame, hole) {
      const pose = poses[frame.index];
      const candidates = (await lenders.around(frame.index))
        .filter(({ index }) => poses[index].segment === pose.segment)
        .map(({ index, planes, usable }) => ({ planes, usable, motion: motionBetween(pose, poses[index]) }));
      const settled = composePlate(frame.planes, hole, candidates, layout);
      return input.fillRest ? fillResidual(settled, hole, layout) : settled;
    },
    close: () => lenders.close(),
  };
}
