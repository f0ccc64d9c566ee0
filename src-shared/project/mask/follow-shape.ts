import { mapPoint, type Homography } from '../../core/plate/index.ts';
import type { PlaneFreedom } from '../../core/plane/index.ts';
import type { Handles } from './bezier.ts';
import { poseAt, type MaskPose } from './keyframes.ts';
import type { MaskPoint, MaskShape, PosedShape } from './project-mask.ts';
import { mappedEllipse } from './mapped-ellipse.ts';
import type { Stretch, TrackDirection } from './track-shape.ts';

/** A shape with an outline: what can be followed as a plane. */
export type OutlinedShape = Exclude<PosedShape, { readonly kind: 'stroke' }>;
type OutlinedPose = Exclude<MaskPose, { readonly kind: 'stroke' }>;

/** A frame that was followed: `motion` [3, 3] from the reference frame's pixels, whose centres are at whole numbers. */
export interface FollowedPose {
  readonly frame: number;
  readonly motion: readonly number[];
  /** 0…1: how much of what is in the picture looks as it did there. */
  readonly confidence: number;
}

export const isOutlined = (shape: MaskShape): shape is OutlinedShape =>
  shape.kind === 'box' || shape.kind === 'ellipse' || shape.kind === 'polygon';

/** By so many pixels an outline may pass beside the one that was followed, between the keyframes that are kept. */
export const usualTolerancePx = 0.5;

/** A point of a document, where (0.5, 0.5) is the centre of the first pixel. */
function moved(motion: Homography, [x, y]: MaskPoint): MaskPoint {
  const [u, v] = mapPoint(motion, x - 0.5, y - 0.5);
  return [u + 0.5, v + 0.5];
}

/** A box that turns or tilts is no box any more. */
function cornersOf(pose: OutlinedPose): OutlinedPose {
  if (pose.kind !== 'box') return pose;
  const [[x0, y0], [x1, y1]] = [pose.from, pose.to];
  const points: MaskPoint[] = [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ];
  return { kind: 'polygon', frame: pose.frame, points };
}

/** The pose on a plane that moved. `before`: the pose of the frame before, beside which an ellipse's angle is chosen. */
function poseOnPlane(
  pose: OutlinedPose,
  { frame, motion: entries }: FollowedPose,
  before: OutlinedPose,
): OutlinedPose {
  const motion = Float64Array.from(entries);
  switch (pose.kind) {
    case 'box':
      return { ...pose, frame, from: moved(motion, pose.from), to: moved(motion, pose.to) };
    case 'ellipse':
      return mappedEllipse(pose, frame, (point) => moved(motion, point), before);
    case 'polygon': {
      const points = pose.points.map((point) => moved(motion, point));
      if (pose.handles === undefined) return { ...pose, frame, points };
      const handles = pose.handles.map((pair, at): Handles => {
        const turned = ([dx, dy]: MaskPoint): MaskPoint => {
          const [x, y] = pose.points[at];
          const [u, v] = moved(motion, [x + dx, y + dy]);
          return [u - points[at][0], v - points[at][1]];
        };
        return pair === null ? null : [turned(pair[0]), turned(pair[1])];
      });
      return { ...pose, frame, points, handles };
    }
  }
}

/** Directions in which the outlines of ellipses are compared. */
const ellipseDirections = 16;

/** How far an ellipse reaches in a direction, from the document's corner, in pixels. */
function reachOf(
  { centre, radii, angleDeg }: Extract<OutlinedPose, { kind: 'ellipse' }>,
  angle: number,
): number {
  const own = angle - (angleDeg * Math.PI) / 180;
  const half = Math.hypot(radii[0] * Math.cos(own), radii[1] * Math.sin(own));
  return centre[0] * Math.cos(angle) + centre[1] * Math.sin(angle) + half;
}

/** How far apart two poses of one shape are, at most, in pixels: point by point; of ellipses, in any direction. */
function apart(a: OutlinedPose, b: OutlinedPose): number {
  let most = 0;
  if (a.kind === 'ellipse' && b.kind === 'ellipse') {
    for (let at = 0; at < ellipseDirections; at++) {
      const angle = (2 * Math.PI * at) / ellipseDirections;
      most = Math.max(most, Math.abs(reachOf(a, angle) - reachOf(b, angle)));
    }
    return most;
  }
  const [from, to] = [a, b].map(pointsOf);
  for (const [at, [x, y]] of from.entries()) most = Math.max(most, Math.hypot(to[at][0] - x, to[at][1] - y));
  return most;
}

/** What a pose is made of, of the same number in all poses of a shape. */
function pointsOf(pose: OutlinedPose): readonly MaskPoint[] {
  if (pose.kind !== 'polygon') return pose.kind === 'box' ? [pose.from, pose.to] : [pose.centre];
  const { points, handles } = pose;
  if (handles === undefined) return points;
  return points.flatMap((point, at): MaskPoint[] => {
    const [x, y] = point;
    return [point, ...(handles[at] ?? []).map(([dx, dy]): MaskPoint => [x + dx, y + dy])];
  });
}

const shapeOf = (shape: OutlinedShape, poses: readonly OutlinedPose[]): OutlinedShape =>
  ({ ...shape, keyframes: poses.map(({ kind: _, ...key }) => key), kind: poses[0].kind }) as OutlinedShape;

/**
 * The poses that are enough: between two of them that follow each other, straight lines stay within `tolerancePx` of every
 * pose left out. The first, the last and that of `keep` are among them.
 */
function reducePoses(
  shape: OutlinedShape,
  poses: readonly OutlinedPose[],
  keep: number,
  tolerancePx: number,
): OutlinedPose[] {
  const kept = [poses[0]];
  let from = 0;
  const fits = (to: number): boolean => {
    const way = shapeOf(shape, [poses[from], poses[to]]);
    for (let at = from + 1; at < to; at++) {
      if (apart(poseAt(way, poses[at].frame) as OutlinedPose, poses[at]) > tolerancePx) return false;
    }
    return true;
  };
  while (from < poses.length - 1) {
    let to = from + 1;
    while (poses[to].frame !== keep && to + 1 < poses.length && fits(to + 1)) to++;
    kept.push(poses[to]);
    from = to;
  }
  return kept;
}

/** How a shape was followed. */
export interface Following {
  /** The reference frame: there the shape stays exactly as it is. */
  readonly frame: number;
  /** A box stays one where it neither turns nor tilts, else it becomes a polygon. */
  readonly freedom: PlaneFreedom;
  readonly range: Stretch;
  readonly direction: TrackDirection;
}

/**
 * The shape with keyframes that follow a plane. It is there as far as it was found: it ends at a cut, and where it left the
 * picture.
 *
 * @param shape As it was drawn; its keyframes in the frames that were followed give way, others stay.
 * @param followed What was found; frames that are missing lie between their neighbours.
 * @param tolerancePx Below 0: a keyframe for every frame.
 */
export function followedShape(
  shape: OutlinedShape,
  following: Following,
  followed: readonly FollowedPose[],
  tolerancePx: number,
): OutlinedShape {
  if (followed.length === 0) return shape;
  const { frame: at, freedom } = following;
  const staysBox = freedom === 'position' || freedom === 'scale';
  const poseOf = (frame: number): OutlinedPose => {
    const pose = poseAt(shape, frame) as OutlinedPose;
    return staysBox ? pose : cornersOf(pose);
  };
  const reference = poseOf(at);
  const behind = followed.filter(({ frame }) => frame > at).sort((a, b) => a.frame - b.frame);
  const ahead = followed.filter(({ frame }) => frame < at).sort((a, b) => b.frame - a.frame);
  const along = (frames: readonly FollowedPose[]): OutlinedPose[] => {
    let before = reference;
    return frames.map((one) => (before = poseOnPlane(reference, one, before)));
  };
  const poses = [...along(ahead).reverse(), reference, ...along(behind)];
  const kept = tolerancePx < 0 ? poses : reducePoses(shape, poses, at, tolerancePx);
  const [first, last] = [poses[0].frame, poses[poses.length - 1].frame];
  const others = shape.keyframes.map(({ frame }) => frame).filter((frame) => frame < first || frame > last);
  const all = [...others.map(poseOf), ...kept].sort((a, b) => a.frame - b.frame);
  return withSpan(shapeOf(shape, all.map(settled)), following, first, last);
}

/** There as far as it was found, in the directions in which it was followed. */
function withSpan(
  shape: OutlinedShape,
  { range, direction }: Following,
  first: number,
  last: number,
): OutlinedShape {
  const { startFrame, endFrame, ...plain } = shape;
  const start =
    direction === 'forward' || (first === range.startFrame && startFrame === undefined) ? startFrame : first;
  const end =
    direction === 'backward' || (last + 1 === range.endFrame && endFrame === undefined) ? endFrame : last + 1;
  return {
    ...plain,
    ...(start === undefined ? {} : { startFrame: start }),
    ...(end === undefined ? {} : { endFrame: end }),
  };
}

/** Numbers of a document to a thousandth of a pixel. */
function settled(pose: OutlinedPose): OutlinedPose {
  const round = (value: number): number => Math.round(value * 1000) / 1000;
  const place = ([x, y]: MaskPoint): MaskPoint => [round(x), round(y)];
  switch (pose.kind) {
    case 'box':
      return { ...pose, from: place(pose.from), to: place(pose.to) };
    case 'ellipse':
      return {
        ...pose,
        centre: place(pose.centre),
        radii: [round(pose.radii[0]), round(pose.radii[1])] as const,
        angleDeg: round(pose.angleDeg),
      };
    case 'polygon': {
      const points = pose.points.map(place);
      if (pose.handles === undefined) return { ...pose, points };
      const handles = pose.handles.map((pair): Handles =>
        pair === null ? null : [place(pair[0]), place(pair[1])],
      );
      return { ...pose, points, handles };
    }
  }
}
