import type { MaskPoint } from './project-mask.ts';

/** From a point to the handle of the line that comes, and to that of the line that goes; null: a corner. */
export type Handles = readonly [MaskPoint, MaskPoint] | null;

const corner: readonly [MaskPoint, MaskPoint] = [
  [0, 0],
  [0, 0],
];

const isZero = ([x, y]: MaskPoint): boolean => x === 0 && y === 0;

/** Straight pieces of a curve are about this long, in pixels. */
const piecePx = 2;
const pieces = { least: 4, most: 64 } as const;

/** The polygon through a shape's points, with what is curved between them in straight pieces. */
export function bezierOutline(
  points: readonly MaskPoint[],
  handles: readonly Handles[] | undefined,
): MaskPoint[] {
  if (handles === undefined) return [...points];
  return points.flatMap((from, at) => {
    const next = (at + 1) % points.length;
    const to = points[next];
    const [, out] = handles[at] ?? corner;
    const [into] = handles[next] ?? corner;
    if (isZero(out) && isZero(into)) return [from];
    const [b, c]: MaskPoint[] = [
      [from[0] + out[0], from[1] + out[1]],
      [to[0] + into[0], to[1] + into[1]],
    ];
    const length = [from, b, c].reduce((sum, [x, y], leg) => {
      const [nextX, nextY] = [b, c, to][leg];
      return sum + Math.hypot(nextX - x, nextY - y);
    }, 0);
    const count = Math.round(Math.min(pieces.most, Math.max(pieces.least, length / piecePx)));
    return Array.from({ length: count }, (_, piece): MaskPoint => {
      const t = piece / count;
      const s = 1 - t;
      const [wa, wb, wc, wd] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
      return [
        wa * from[0] + wb * b[0] + wc * c[0] + wd * to[0],
        wa * from[1] + wb * b[1] + wc * c[1] + wd * to[1],
      ];
    });
  });
}

/** The handles between two keyframes; undefined where neither has any. */
export function mixHandles(
  a: readonly Handles[] | undefined,
  b: readonly Handles[] | undefined,
  share: number,
): Handles[] | undefined {
  if (a === undefined && b === undefined) return undefined;
  const count = (a ?? b ?? []).length;
  return Array.from({ length: count }, (_, at): Handles => {
    const [from, to] = [a?.[at] ?? null, b?.[at] ?? null];
    if (from === null && to === null) return null;
    const mixed = ([x, y]: MaskPoint, [u, v]: MaskPoint): MaskPoint => [
      x + (u - x) * share,
      y + (v - y) * share,
    ];
    return [mixed((from ?? corner)[0], (to ?? corner)[0]), mixed((from ?? corner)[1], (to ?? corner)[1])];
  });
}

/** A third of the way to the neighbours, along the line between them, makes a round corner. */
const roundness = 1 / 3;

/** The handles that make the corner at a point round. */
export function roundHandles(points: readonly MaskPoint[], at: number): Handles {
  const [x, y] = points[at];
  const before = points[(at + points.length - 1) % points.length];
  const after = points[(at + 1) % points.length];
  const along = Math.hypot(after[0] - before[0], after[1] - before[1]);
  if (along === 0) return null;
  const [dx, dy] = [(after[0] - before[0]) / along, (after[1] - before[1]) / along];
  const reach = (to: MaskPoint): number => roundness * Math.hypot(to[0] - x, to[1] - y);
  return [
    [-dx * reach(before), -dy * reach(before)],
    [dx * reach(after), dy * reach(after)],
  ];
}
