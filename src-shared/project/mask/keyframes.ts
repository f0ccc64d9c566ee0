import type { MaskPoint, MaskShape, PosedShape } from './project-mask.ts';
import { mix, mixPoint, mixPoints, neighbours } from './rasterise.ts';
import { maskTextAt } from './track-shape.ts';

type Kind = PosedShape['kind'];
type ShapeOf<K extends Kind> = Extract<PosedShape, { readonly kind: K }>;
type KeyOf<K extends Kind> = ShapeOf<K>['keyframes'][number];
/** Where a shape is: one of its kind's keyframes, with the frame it is for. */
export type MaskPose = { [K in Kind]: { readonly kind: K } & KeyOf<K> }[Kind];

/** Whether the shape is there at `frame` of a clip, and switched on. */
export function isThere(shape: MaskShape, frame: number): boolean {
  if (shape.off === true) return false;
  if (frame < (shape.startFrame ?? 0) || frame >= (shape.endFrame ?? Infinity)) return false;
  return shape.kind !== 'track' || (maskTextAt(shape, frame) ?? '') !== '';
}

/** Whether the shape lies somewhere by its keyframes; a tracked object has masks instead. */
export function isPosed(shape: MaskShape): shape is PosedShape {
  return shape.kind !== 'track';
}

/** Where the shape is at `frame`, between its keyframes. */
export function poseAt(shape: PosedShape, frame: number): MaskPose {
  switch (shape.kind) {
    case 'box': {
      const { a, b, share } = neighbours(shape.keyframes, frame);
      return { kind: 'box', frame, from: mixPoint(a.from, b.from, share), to: mixPoint(a.to, b.to, share) };
    }
    case 'ellipse': {
      const { a, b, share } = neighbours(shape.keyframes, frame);
      return {
        kind: 'ellipse',
        frame,
        centre: mixPoint(a.centre, b.centre, share),
        radii: [mix(a.radii[0], b.radii[0], share), mix(a.radii[1], b.radii[1], share)],
        angleDeg: mix(a.angleDeg, b.angleDeg, share),
      };
    }
    case 'stroke': {
      const { a, b, share } = neighbours(shape.keyframes, frame);
      const points = mixPoints(a.points, b.points, share);
      return { kind: 'stroke', frame, points, radius: mix(a.radius, b.radius, share) };
    }
    case 'polygon': {
      const { a, b, share } = neighbours(shape.keyframes, frame);
      return { kind: 'polygon', frame, points: mixPoints(a.points, b.points, share) };
    }
  }
}

/** The pose moved by whole or part pixels. */
export function movedPose(pose: MaskPose, [dx, dy]: MaskPoint): MaskPose {
  const moved = ([x, y]: MaskPoint): MaskPoint => [x + dx, y + dy];
  switch (pose.kind) {
    case 'box':
      return { ...pose, from: moved(pose.from), to: moved(pose.to) };
    case 'ellipse':
      return { ...pose, centre: moved(pose.centre) };
    case 'stroke':
    case 'polygon':
      return { ...pose, points: pose.points.map(moved) };
  }
}

interface Keyed {
  readonly frame: number;
}

const ascending = (a: Keyed, b: Keyed): number => a.frame - b.frame;

/** The shape with other keyframes of its own kind. */
function withKeys(shape: PosedShape, keyframes: readonly Keyed[]): PosedShape {
  return { ...shape, keyframes } as PosedShape;
}

/**
 * The shape lying at `pose.frame` as the pose says: its keyframe there is replaced or made. The pose is of the shape's
 * kind and, for points, of as many as it has.
 */
export function withPose(shape: PosedShape, pose: MaskPose): PosedShape {
  const { kind: _, ...key } = pose;
  const others = (shape.keyframes as readonly Keyed[]).filter(({ frame }) => frame !== key.frame);
  return withKeys(shape, [...others, key].sort(ascending));
}

/** The shape with its keyframe of one frame at another; a keyframe that was there is replaced. */
export function withKeyMoved(shape: PosedShape, fromFrame: number, toFrame: number): PosedShape {
  const keys: readonly Keyed[] = shape.keyframes;
  const moving = keys.find(({ frame }) => frame === fromFrame);
  if (moving === undefined || fromFrame === toFrame) return shape;
  const others = keys.filter(({ frame }) => frame !== fromFrame && frame !== toFrame);
  return withKeys(shape, [...others, { ...moving, frame: toFrame }].sort(ascending));
}

/** The shape without its keyframe of a frame; the last keyframe stays, for a shape must be somewhere. */
export function withoutKey(shape: PosedShape, atFrame: number): PosedShape {
  if (shape.keyframes.length === 1) return shape;
  return withKeys(
    shape,
    (shape.keyframes as readonly Keyed[]).filter(({ frame }) => frame !== atFrame),
  );
}
