import type { FrameSource, MaskSource } from '../frames.ts';
import { framesWithMasks, type MaskedFrame } from './frames-with-masks.ts';

/** Frames with as many between them, or fewer, are decoded in one pass: entering a file takes longer. */
const nearFrames = 16;
/** Frames that may be held until they are asked for, in bytes. */
const heldBytes = 2 ** 28;

/**
 * Frames with their masks in any order, each asked for once. Frames that are near each other are decoded together, which
 * starts two programs instead of two for each of them, as long as all of `wanted` may be held.
 */
export function pickFrames(
  source: FrameSource,
  mask: MaskSource,
  wanted: readonly number[],
  signal: AbortSignal,
): (index: number) => AsyncGenerator<MaskedFrame> {
  const { width, height, pixelFormat } = source.info;
  // Three planes of the picture, the hole and its coverage, at most.
  const frameBytes = width * height * (3 * (pixelFormat.bitDepth > 8 ? 2 : 1) + 2);
  const gap = wanted.length * frameBytes > heldBytes ? 0 : nearFrames;
  const runs = nearRuns(wanted, gap);
  const held = new Map<number, MaskedFrame>();
  return async function* (index) {
    const run = runs.find((frames) => frames.includes(index)) ?? [index];
    if (!held.has(index)) {
      const end = run[run.length - 1] + 1;
      for await (const masked of framesWithMasks(source, mask, run[0], end, signal)) {
        if (run.includes(masked.frame.index)) held.set(masked.frame.index, masked);
      }
    }
    const found = held.get(index);
    held.delete(index);
    if (found !== undefined) yield found;
  };
}

/** The numbers in ascending order, in runs between which more than `gap` are left out; with a gap of 0 one by one. */
function nearRuns(wanted: readonly number[], gap: number): number[][] {
  const runs: number[][] = [];
  for (const index of [...wanted].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run === undefined || last === undefined || index - last > gap) runs.push([index]);
    else run.push(index);
  }
  return runs;
}
