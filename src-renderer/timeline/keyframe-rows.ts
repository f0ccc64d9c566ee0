import type { EditMask } from '../../src-shared/project/index.ts';
import {
  isThere,
  poseAt,
  withKeyMoved,
  withoutKey,
  withPose,
  type MaskShape,
} from '../../src-shared/project/mask/index.ts';

/** Frames with a keyframe of any shape that moves, ascending. */
export function keyframesOf(mask: EditMask): number[] {
  const frames = mask.shapes.flatMap(({ keyframes }) =>
    keyframes.length > 1 ? keyframes.map(({ frame }) => frame) : [],
  );
  return [...new Set(frames)].sort((a, b) => a - b);
}

function mapMoving(mask: EditMask, change: (shape: MaskShape) => MaskShape): EditMask {
  return {
    ...mask,
    shapes: mask.shapes.map((shape) => (shape.keyframes.length > 1 ? change(shape) : shape)),
  };
}

/** The mask with the keyframes of one frame at another. */
export function withKeysMoved(mask: EditMask, fromFrame: number, toFrame: number): EditMask {
  return mapMoving(mask, (shape) => withKeyMoved(shape, fromFrame, toFrame));
}

/** The mask without the keyframes of a frame; each shape keeps at least one. */
export function withoutKeys(mask: EditMask, frame: number): EditMask {
  return mapMoving(mask, (shape) => withoutKey(shape, frame));
}

/** The indices of the shapes that get a keyframe at `frame`: the chosen one, else all that move; of those there. */
export function shapesToKey(mask: EditMask, chosen: number | null, frame: number): number[] {
  return mask.shapes.flatMap((shape, index) => {
    const meant = chosen === null ? shape.keyframes.length > 1 : index === chosen;
    const keyed = shape.keyframes.some((key) => key.frame === frame);
    return meant && !keyed && isThere(shape, frame) ? [index] : [];
  });
}

/** The mask with a keyframe at `frame` for the shapes of these indices, lying where they lie there. */
export function withKeys(mask: EditMask, shapes: readonly number[], frame: number): EditMask {
  return {
    ...mask,
    shapes: mask.shapes.map((shape, index) =>
      shapes.includes(index) ? withPose(shape, poseAt(shape, frame)) : shape,
    ),
  };
}

/** The nearest keyframe before or after `frame`; undefined where there is none. */
export function nextKeyframe(keys: readonly number[], frame: number, direction: -1 | 1): number | undefined {
  return direction === 1 ? keys.find((key) => key > frame) : keys.filter((key) => key < frame).at(-1);
}
