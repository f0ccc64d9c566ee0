import { chain, invert, mapPoint, type Homography } from '../plate/index.ts';

/** What a followed plane may do beside moving: all of it is a projective map of the plane. */
export const planeFreedoms = ['position', 'scale', 'rotation', 'similarity', 'perspective'] as const;
/** `similarity`: scale and rotation. `perspective`: anything that a plane before a camera does. */
export type PlaneFreedom = (typeof planeFreedoms)[number];

/** Coordinates about the middle of a shape, about −1…1 inside it: pixel = middle + radius · (x, y). */
export interface PlaneFrame {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/**
 * Directions in which a point (x, y) of the shape's own coordinates can move, for each freedom; writes [2] numbers per
 * direction. The maps of each freedom are a group, so that a step is undone by its inverse.
 */
export const directionCounts: Readonly<Record<PlaneFreedom, number>> = {
  position: 2,
  scale: 3,
  rotation: 3,
  similarity: 4,
  perspective: 8,
};

/** d(x, y)/d(parameter k), as [dx, dy] in `into` at 2k. */
export function directionsAt(freedom: PlaneFreedom, x: number, y: number, into: Float64Array): void {
  into[0] = 1;
  into[1] = 0;
  into[2] = 0;
  into[3] = 1;
  switch (freedom) {
    case 'position':
      return;
    case 'scale':
      into.set([x, y], 4);
      return;
    case 'rotation':
      into.set([-y, x], 4);
      return;
    case 'similarity':
      into.set([x, y, -y, x], 4);
      return;
    case 'perspective':
      into.set([x, 0, y, 0, 0, x, 0, y, -x * x, -x * y, -x * y, -y * y], 4);
  }
}

/** The map of the shape's own coordinates that a step in these directions makes. */
export function stepMotion(freedom: PlaneFreedom, step: Float64Array): Homography {
  const [dx, dy] = step;
  if (freedom === 'perspective') {
    const [, , a, b, c, d, g, h] = step;
    return Float64Array.of(1 + a, b, dx, c, 1 + d, dy, g, h, 1);
  }
  const scale = freedom === 'scale' || freedom === 'similarity' ? Math.exp(step[2]) : 1;
  const turn = freedom === 'rotation' ? step[2] : freedom === 'similarity' ? step[3] : 0;
  const [cos, sin] = [scale * Math.cos(turn), scale * Math.sin(turn)];
  return Float64Array.of(cos, -sin, dx, sin, cos, dy, 0, 0, 1);
}

/** A map of the shape's own coordinates in pixels. */
export function toPixels(motion: Homography, { x, y, radius }: PlaneFrame): Homography {
  const pixels = Float64Array.of(radius, 0, x, 0, radius, y, 0, 0, 1);
  return chain(chain(invert(pixels), motion), pixels);
}

/** The map of a freedom that comes nearest to another about the middle of the shape. */
export function nearestMotion(freedom: PlaneFreedom, motion: Homography, frame: PlaneFrame): Homography {
  if (freedom === 'perspective') return motion;
  const [u, v] = mapPoint(motion, frame.x, frame.y);
  const spread = frame.radius / 2;
  const [left, right] = [-1, 1].map((side) => mapPoint(motion, frame.x + side * spread, frame.y));
  const [above, below] = [-1, 1].map((side) => mapPoint(motion, frame.x, frame.y + side * spread));
  // The similarity nearest to the derivative there.
  const cos = (right[0] - left[0] + below[1] - above[1]) / (4 * spread);
  const sin = (right[1] - left[1] - below[0] + above[0]) / (4 * spread);
  const length = Math.hypot(cos, sin);
  const scale = freedom === 'scale' || freedom === 'similarity' ? length : 1;
  const turns = (freedom === 'rotation' || freedom === 'similarity') && length > 1e-9;
  const [a, b] = turns ? [(scale * cos) / length, (scale * sin) / length] : [scale, 0];
  return Float64Array.of(a, -b, u - a * frame.x + b * frame.y, b, a, v - b * frame.x - a * frame.y, 0, 0, 1);
}

/** Bounds of a believable change from one picture to the next, or since the reference. */
const believable = { leastScale: 0.05, mostScale: 20 } as const;

const squareCorners = [
  [-1, -1],
  [1, -1],
  [1, 1],
  [-1, 1],
] as const;

/** Whether a motion keeps the corners of the shape's square before the camera, unfolded, and of a believable size. */
export function isBelievable(motion: Homography, { x, y, radius }: PlaneFrame): boolean {
  const corners = squareCorners.map(([dx, dy]) => [x + dx * radius, y + dy * radius] as const);
  if (!corners.every(([px, py]) => motion[6] * px + motion[7] * py + motion[8] > 0.05)) return false;
  const mapped = corners.map(([px, py]) => mapPoint(motion, px, py));
  let twiceArea = 0;
  for (let at = 0; at < 4; at++) {
    const [[ax, ay], [bx, by], [cx, cy]] = [0, 1, 2].map((next) => mapped[(at + next) % 4]);
    // A convex quadrilateral turns the same way at each corner.
    if (!((bx - ax) * (cy - by) - (by - ay) * (cx - bx) > 0)) return false;
    twiceArea += ax * by - ay * bx;
  }
  const scale = Math.sqrt(twiceArea / (8 * radius * radius));
  return scale >= believable.leastScale && scale <= believable.mostScale;
}

/** Lengths of the sides and diagonals of the shape's square under a motion, in pixels. */
export function sidesOf(motion: Homography, { x, y, radius }: PlaneFrame): number[] {
  const corners = squareCorners.map(([dx, dy]) => mapPoint(motion, x + dx * radius, y + dy * radius));
  return corners.flatMap(([u, v], at) => {
    const others = [corners[(at + 1) % 4], ...(at < 2 ? [corners[at + 2]] : [])];
    return others.map(([p, q]) => Math.hypot(p - u, q - v));
  });
}

/** How far, at most, a map of the shape's own coordinates moves the corners of its square. */
export function cornerShift(motion: Homography): number {
  let most = 0;
  for (const [x, y] of squareCorners) {
    const [u, v] = mapPoint(motion, x, y);
    most = Math.max(most, Math.hypot(u - x, v - y));
  }
  return most;
}
