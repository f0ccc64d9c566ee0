import type { Handles } from './bezier.ts';
import type { MaskPose } from './keyframes.ts';
import type { MaskPoint } from './project-mask.ts';

/** Least width and height that a shape is resized to, in pixels. */
const leastSide = 1;

interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function boundsOf(points: readonly MaskPoint[]): Bounds {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}

/** `length` pixels more, but not less than the least side. */
const lengthened = (side: number, length: number): number => Math.max(leastSide, side + length);

/**
 * Width and height in pixels: of an ellipse along its own axes, of a stroke the thickness of its brush twice, else of
 * the rectangle around the shape.
 */
export function poseSize(pose: MaskPose): readonly [width: number, height: number] {
  switch (pose.kind) {
    case 'box': {
      const { width, height } = boundsOf([pose.from, pose.to]);
      return [width, height];
    }
    case 'ellipse':
      return [2 * pose.radii[0], 2 * pose.radii[1]];
    case 'stroke':
      return [2 * pose.radius, 2 * pose.radius];
    case 'polygon': {
      const { width, height } = boundsOf(pose.points);
      return [width, height];
    }
  }
}

/** The middle of the pose, in pixels: of strokes and polygons that of the rectangle around their points. */
export function poseMiddle(pose: MaskPose): MaskPoint {
  if (pose.kind === 'ellipse') return pose.centre;
  const { left, top, width, height } = boundsOf(pose.kind === 'box' ? [pose.from, pose.to] : pose.points);
  return [left + width / 2, top + height / 2];
}

/**
 * The pose made wider and higher by so many pixels about its middle; a pixel of each side is always left. A stroke's
 * brush becomes thicker by either.
 */
export function resizedPose(pose: MaskPose, [wider, higher]: readonly [number, number]): MaskPose {
  const [width, height] = poseSize(pose);
  const size = [lengthened(width, wider), lengthened(height, higher)] as const;
  switch (pose.kind) {
    case 'box': {
      const [x, y] = poseMiddle(pose);
      const half = [size[0] / 2, size[1] / 2] as const;
      return { ...pose, from: [x - half[0], y - half[1]], to: [x + half[0], y + half[1]] };
    }
    case 'ellipse':
      return { ...pose, radii: [size[0] / 2, size[1] / 2] };
    case 'stroke':
      return { ...pose, radius: lengthened(width, wider + higher) / 2 };
    case 'polygon': {
      const middle = poseMiddle(pose);
      // What has no width has none to stretch.
      const factors = [width === 0 ? 1 : size[0] / width, height === 0 ? 1 : size[1] / height] as const;
      const stretched = (point: MaskPoint): MaskPoint => [
        middle[0] + (point[0] - middle[0]) * factors[0],
        middle[1] + (point[1] - middle[1]) * factors[1],
      ];
      const points = pose.points.map(stretched);
      if (pose.handles === undefined) return { ...pose, points };
      const longer = ([x, y]: MaskPoint): MaskPoint => [x * factors[0], y * factors[1]];
      const handles = pose.handles.map((pair): Handles =>
        pair === null ? null : [longer(pair[0]), longer(pair[1])],
      );
      return { ...pose, points, handles };
    }
  }
}

/** The pose turned clockwise; only an ellipse can be. */
export function turnedPose(pose: MaskPose, byDeg: number): MaskPose {
  return pose.kind === 'ellipse' ? { ...pose, angleDeg: pose.angleDeg + byDeg } : pose;
}

/** A polygon with one of its corners moved. */
export function cornerMoved(pose: MaskPose, at: number, [dx, dy]: MaskPoint): MaskPose {
  if (pose.kind !== 'polygon') return pose;
  const points = pose.points.map(([x, y], corner): MaskPoint => (corner === at ? [x + dx, y + dy] : [x, y]));
  return { ...pose, points };
}

/**
 * A polygon with a handle of one of its points moved; the one on the other side follows, so that the curve has no kink,
 * unless `alone`.
 */
export function handleMoved(
  pose: MaskPose,
  at: number,
  side: 0 | 1,
  to: MaskPoint,
  alone: boolean,
): MaskPose {
  if (pose.kind !== 'polygon') return pose;
  const pair = pose.handles?.[at] ?? null;
  if (pair === null) return pose;
  const [x, y] = pose.points[at];
  const moved: MaskPoint = [to[0] - x, to[1] - y];
  const other = pair[1 - side];
  const length = Math.hypot(...moved);
  const kept = Math.hypot(...other);
  const opposite: MaskPoint =
    alone || length === 0 ? other : [(-moved[0] * kept) / length, (-moved[1] * kept) / length];
  const next: Handles = side === 0 ? [moved, opposite] : [opposite, moved];
  return { ...pose, handles: (pose.handles ?? []).map((one, point) => (point === at ? next : one)) };
}
