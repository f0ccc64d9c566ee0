import { coveredRegion } from '../../../src-shared/core/mask/index.ts';
import type { FrameSource, MaskSource, VideoFrame } from '../frames.ts';

export interface MaskedFrame {
  readonly frame: VideoFrame;
  /** [height, width]; 255 = hole: all that the mask covers, however little. */
  readonly hole: Uint8Array;
  /** [height, width], 0…255: how much of what fills the hole is to be seen. */
  readonly coverage: Uint8Array;
}

/** Frames [startFrame, endFrame) of a clip with their masks. */
export async function* framesWithMasks(
  source: FrameSource,
  mask: MaskSource,
  startFrame: number,
  endFrame: number,
  signal: AbortSignal,
): AsyncGenerator<MaskedFrame> {
  const masks = mask.masks(startFrame, endFrame, signal)[Symbol.asyncIterator]();
  let last: Omit<MaskedFrame, 'frame'> | undefined;
  try {
    for await (const frame of source.frames(startFrame, endFrame, signal)) {
      const next = await masks.next();
      if (next.done === true) throw new Error('the mask ended before the clip');
      // Most masks do not move for most of a clip, and are given as one array then.
      if (last?.coverage !== next.value) last = { hole: coveredRegion(next.value), coverage: next.value };
      yield { frame, ...last };
    }
  } finally {
    await masks.return?.();
  }
}
