import type { FrameSource, MaskSource, VideoFrame } from './frames.ts';

export interface MaskedFrame {
  readonly frame: VideoFrame;
  /** [height, width]; 255 = hole. */
  readonly hole: Uint8Array;
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
  try {
    for await (const frame of source.frames(startFrame, endFrame, signal)) {
      const next = await masks.next();
      if (next.done === true) throw new Error('the mask ended before the clip');
      yield { frame, hole: next.value };
    }
  } finally {
    await masks.return?.();
  }
}
