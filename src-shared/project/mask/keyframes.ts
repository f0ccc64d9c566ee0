import { mixHandles, roundHandles, type Handles } from './bezier.ts';
import type { Easing, MaskPoint, MaskShape, PosedShape } from './project-mask.ts';
import { mix, mixPoint, mixPoints, neighbours } from './interpolate.ts';
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
      const handles = mixHandles(a.handles, b.handles, share);
      const points = mixPoints(a.points, b.points, share);
      return { kind: 'polygon', frame, points, ...(handles === undefined ? {} : { handles }) };
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
  readonly easing?: Easing | undefined;
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
  const keys: readonly Keyed[] = shape.keyframes;
  const others = keys.filter(({ frame }) => frame !== key.frame);
  // How it goes on from there is no part of where it is.
  const easing = keys.find(({ frame }) => frame === key.frame)?.easing;
  return withKeys(
    shape,
    [...others, { ...key, ...(easing === undefined ? {} : { easing }) }].sort(ascending),
  );
}

/** The keyframe from which the shape goes on at a frame, to another behind it; undefined where it does not. */
export function keyBefore(shape: PosedShape, frame: number): Keyed | undefined {
  const keys: readonly Keyed[] = shape.keyframes;
  const at = keys.findLastIndex((key) => key.frame <= frame);
  return at === -1 || at === keys.length - 1 ? undefined : keys[at];
}

/** The shape going on from its keyframe of a frame in another way; undefined: straight on. */
export function withEasing(shape: PosedShape, frame: number, easing: Easing | undefined): PosedShape {
  const keys: readonly Keyed[] = shape.keyframes;
  return withKeys(
    shape,
    keys.map((key) => {
      if (key.frame !== frame) return key;
      const { easing: _, ...straight } = key;
      return easing === undefined ? straight : { ...straight, easing };
    }),
  );
}

/**
 * The polygon with other handles of one point, or of all, in every keyframe: what is round in one and a corner in the next
 * would change its form on the way.
 */
export function withRound(shape: PosedShape, at: number | 'all', round: boolean): PosedShape {
  if (shape.kind !== 'polygon') return shape;
  return {
    ...shape,
    keyframes: shape.keyframes.map((key) => {
      const { handles: before, ...plain } = key;
      const handles = key.points.map((_, point): Handles => {
        if (at !== 'all' && at !== point) return before?.[point] ?? null;
        return round ? roundHandles(key.points, point) : null;
      });
      return handles.every((pair) => pair === null) ? plain : { ...plain, handles };
    }),
  };
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
