import type { Rect } from '../../../src-shared/core/plan/index.ts';
import type { FrameRange } from '../edit-job.ts';
import type { FrameSource, MaskSource } from '../frames.ts';
import { framesWithMasks, type MaskedFrame } from './frames-with-masks.ts';

/** Frames nearer to each other than this are read in one go: decoding on is cheaper than entering a file again. */
export const readOnFrames = 48;

/** Stretches of frames of whose mask there is a box; short gaps between them are taken along. */
export function maskedStretches(boxes: readonly (Rect | null)[]): FrameRange[] {
  const stretches: { startFrame: number; endFrame: number }[] = [];
  boxes.forEach((box, index) => {
    if (box === null) return;
    const last = stretches.at(-1);
    if (last !== undefined && index - last.endFrame < readOnFrames) last.endFrame = index + 1;
    else stretches.push({ startFrame: index, endFrame: index + 1 });
  });
  return stretches;
}

/** How many frames stretches have together. */
export const framesIn = (stretches: readonly FrameRange[]): number =>
  stretches.reduce((sum, { startFrame, endFrame }) => sum + endFrame - startFrame, 0);

/** The frames of stretches of a clip with their masks; the others are not decoded. */
export async function* framesOfStretches(
  source: FrameSource,
  mask: MaskSource,
  stretches: readonly FrameRange[],
  signal: AbortSignal,
): AsyncGenerator<MaskedFrame> {
  for (const { startFrame, endFrame } of stretches)
    yield* framesWithMasks(source, mask, startFrame, endFrame, signal);
}
