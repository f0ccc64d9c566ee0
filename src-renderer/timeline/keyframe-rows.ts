import type { EditMask } from '../../src-shared/project/index.ts';
import {
  isPosed,
  isThere,
  maskTextAt,
  poseAt,
  withKeyMoved,
  withoutKey,
  withoutTrackKey,
  withPose,
  withTrackKey,
  type MaskShape,
  type PosedShape,
  type TrackShape,
} from '../../src-shared/project/mask/index.ts';

/** Whether the shape's keyframes are worth a mark: it moves, or it is tracked from what was painted in them. */
const hasKeys = ({ kind, keyframes }: MaskShape): boolean => kind === 'track' || keyframes.length > 1;

/** Frames with a keyframe of any shape that moves, or painted for one that is tracked, ascending. */
export function keyframesOf(mask: EditMask): number[] {
  const frames = mask.shapes.flatMap((shape) =>
    hasKeys(shape) ? shape.keyframes.map(({ frame }) => frame) : [],
  );
  return [...new Set(frames)].sort((a, b) => a - b);
}

function mapMoving(
  mask: EditMask,
  change: (shape: PosedShape) => PosedShape,
  changeTracked: (shape: TrackShape) => TrackShape = (shape) => shape,
): EditMask {
  return {
    ...mask,
    shapes: mask.shapes.map((shape) => {
      if (!isPosed(shape)) return changeTracked(shape);
      return hasKeys(shape) ? change(shape) : shape;
    }),
  };
}

/** The mask with the keyframes of one frame at another; what was painted of a tracked object stays in its frame. */
export function withKeysMoved(mask: EditMask, fromFrame: number, toFrame: number): EditMask {
  return mapMoving(mask, (shape) => withKeyMoved(shape, fromFrame, toFrame));
}

/** The mask without the keyframes of a frame; each shape keeps at least one. */
export function withoutKeys(mask: EditMask, frame: number): EditMask {
  return mapMoving(
    mask,
    (shape) => withoutKey(shape, frame),
    (shape) => withoutTrackKey(shape, frame),
  );
}

/** The indices of the shapes that get a keyframe at `frame`: the chosen one, else all that move; of those there. */
export function shapesToKey(mask: EditMask, chosen: number | null, frame: number): number[] {
  return mask.shapes.flatMap((shape, index) => {
    const meant = chosen === null ? hasKeys(shape) : index === chosen;
    const keyed = shape.keyframes.some((key) => key.frame === frame);
    return meant && !keyed && isThere(shape, frame) ? [index] : [];
  });
}

/** The mask with a keyframe at `frame` for the shapes of these indices, as they are there. */
export function withKeys(mask: EditMask, shapes: readonly number[], frame: number): EditMask {
  return {
    ...mask,
    shapes: mask.shapes.map((shape, index) => {
      if (!shapes.includes(index)) return shape;
      if (isPosed(shape)) return withPose(shape, poseAt(shape, frame));
      // As it was tracked, so from now on.
      return withTrackKey(shape, frame, maskTextAt(shape, frame) ?? '');
    }),
  };
}

/** The nearest keyframe before or after `frame`; undefined where there is none. */
export function nextKeyframe(keys: readonly number[], frame: number, direction: -1 | 1): number | undefined {
  return direction === 1 ? keys.find((key) => key > frame) : keys.filter((key) => key < frame).at(-1);
}
