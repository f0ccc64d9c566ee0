import type { MaskShape } from './project-mask.ts';
import { withTracked, type TrackedFrame } from './track-shape.ts';

/** Colours that tell objects apart, also for most who see red and green alike. */
const palette = ['#3e9dff', '#f5b83d', '#46c28e', '#b57bee', '#f0719b', '#57c7d4'] as const;

/** The colour of the next object of a mask; undefined for the first, which is shown as the mask is. */
export function nextColour(shapes: readonly MaskShape[]): string | undefined {
  const objects = shapes.filter(({ kind }) => kind === 'track').length;
  return objects === 0 ? undefined : palette[(objects - 1) % palette.length];
}

/** The shape held out of the mask, or no longer. */
export function withHoldOut(shape: MaskShape, holdOut: boolean): MaskShape {
  const { holdOut: _, ...rest } = shape;
  return holdOut ? { ...rest, effect: 'keep', holdOut } : { ...rest, effect: 'remove' };
}

/** The shape switched on or off. */
export function withOff(shape: MaskShape, off: boolean): MaskShape {
  const { off: _, ...rest } = shape;
  return off ? { ...rest, off } : rest;
}

/** The shapes as far as the mask depends on them: without those that are off, without names and colours. */
export function plainShapes(shapes: readonly MaskShape[]): MaskShape[] {
  return shapes.filter(({ off }) => off !== true).map(({ name: _, colour: __, ...shape }) => shape);
}

/** An object whose masks are all known, one a frame from 0 on; null where all are empty. Its first mask counts as painted. */
export function objectOfMasks(
  masks: readonly string[],
  name: string,
  colour: string | undefined,
): MaskShape | null {
  const first = masks.findIndex((mask) => mask !== '');
  if (first === -1) return null;
  const range = { startFrame: 0, endFrame: masks.length };
  const tracked = masks.flatMap((mask, frame): TrackedFrame[] =>
    frame === first ? [] : [{ frame, mask, confidence: 1 }],
  );
  const object = {
    kind: 'track',
    effect: 'remove',
    name,
    ...(colour === undefined ? {} : { colour }),
    keyframes: [{ frame: first, mask: masks[first] }],
    tracked: [],
  } as const;
  return withTracked(object, range, tracked, []);
}
