import { encodeMask } from '../../core/mask/index.ts';
import { isPosed } from './keyframes.ts';
import type { MaskShape, PosedShape, ProjectMask, TrackShape } from './project-mask.ts';
import { paintShape } from './rasterise.ts';
import type { Stretch } from './track-shape.ts';

/** Why painted shapes cannot be tracked. */
export type StartProblem =
  /** `nothing`: no shape is painted; `erased`: all of it was. */
  | { readonly problem: 'nothing' | 'erased' }
  /** None is painted in a frame of the range, but in `frame`. */
  | { readonly problem: 'outside'; readonly frame: number };

/** What becomes of the painted shapes of a mask when they are tracked. */
export type TrackStart =
  | {
      readonly object: TrackShape;
      /** The shapes that it takes the place of. */
      readonly replaces: readonly MaskShape[];
    }
  | StartProblem;

/** What is held out or switched off is no part of the object. */
const isPainted = (shape: MaskShape): shape is PosedShape =>
  isPosed(shape) && shape.holdOut !== true && shape.off !== true;

/**
 * The frames of a range in which an object was painted or moved, ascending; what can be wrong with that at a glance, that
 * is, all but `erased`.
 */
export function paintedKeys(shapes: readonly MaskShape[], range: Stretch): readonly number[] | StartProblem {
  const removing = shapes.filter(isPainted).filter(({ effect }) => effect === 'remove');
  if (removing.length === 0) return { problem: 'nothing' };
  const frames = [...new Set(removing.flatMap(({ keyframes }) => keyframes.map(({ frame }) => frame)))].sort(
    (a, b) => a - b,
  );
  const inside = frames.filter((frame) => frame >= range.startFrame && frame < range.endFrame);
  return inside.length === 0 ? { problem: 'outside', frame: frames[0] } : inside;
}

/**
 * The object that the painted shapes of a mask show, all together: its mask in each frame of the range in which one of
 * them was painted or moved. What is taken away from them in such a frame is missing in its mask.
 */
export function startTrack(
  { width, height, shapes }: Pick<ProjectMask, 'width' | 'height' | 'shapes'>,
  range: Stretch,
): TrackStart {
  const painted = shapes.filter(isPainted);
  const frames = paintedKeys(shapes, range);
  if ('problem' in frames) return frames;
  const keyframes = frames.flatMap((frame) => {
    const mask = new Uint8Array(width * height);
    for (const shape of painted) {
      const { effect, startFrame = 0, endFrame = Infinity } = shape;
      const isHere = frame >= startFrame && frame < endFrame;
      const isKey = shape.keyframes.some((key) => key.frame === frame);
      // What was painted in another frame shows here too, but says nothing about where the object is now.
      if (isHere && (effect === 'keep' || isKey)) paintShape(mask, { width, height }, shape, frame);
    }
    const text = encodeMask(mask);
    return text === '' ? [] : [{ frame, mask: text }];
  });
  if (keyframes.length === 0) return { problem: 'erased' };
  return { object: { kind: 'track', effect: 'remove', keyframes, tracked: [] }, replaces: painted };
}
