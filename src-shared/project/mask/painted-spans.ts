import type { MaskShape } from './project-mask.ts';
import { maskedFrames } from './track-shape.ts';

/** Spans [start, end) of frames on which something is painted, joined and ascending. */
export function paintedSpans(
  mask: { readonly shapes: readonly MaskShape[]; readonly invert: boolean },
  frames: number,
): [number, number][] {
  if (mask.invert) return [[0, frames]];
  const spans = mask.shapes
    .filter(({ effect, off }) => effect === 'remove' && off !== true)
    .flatMap((shape): [number, number][] => {
      const { startFrame = 0, endFrame = frames } = shape;
      if (shape.kind !== 'track') return [[startFrame, endFrame]];
      return maskedFrames(shape).map((frame) => [frame, frame + 1]);
    })
    .sort((a, b) => a[0] - b[0]);
  const joined: [number, number][] = [];
  for (const [start, end] of spans) {
    const last = joined.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined;
}
