import type { MaskPoint } from '../../src-shared/project/mask/index.ts';

/** Square of the distance from `point` to the segment from `a` to `b`. */
function squaredDistance(point: MaskPoint, a: MaskPoint, b: MaskPoint): number {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / squared;
  const share = Math.min(1, Math.max(0, along));
  return (point[0] - a[0] - share * dx) ** 2 + (point[1] - a[1] - share * dy) ** 2;
}

/**
 * Fewer points whose line passes within `tolerance` pixels of all of them, the ends kept: Douglas and Peucker,
 * "Algorithms for the reduction of the number of points required to represent a digitized line or its caricature",
 * Cartographica 10(2), 1973. Higher: fewer points, a coarser line. Coordinates are rounded to 1/16 pixel.
 */
export function simplifyStroke(points: readonly MaskPoint[], tolerance: number): MaskPoint[] {
  const kept = new Uint8Array(points.length);
  kept[0] = 1;
  kept[points.length - 1] = 1;
  // A list of spans instead of recursion: a long stroke has more points than a stack has room.
  const spans: [number, number][] = [[0, points.length - 1]];
  for (let span = spans.pop(); span !== undefined; span = spans.pop()) {
    const [first, last] = span;
    let farthest = first;
    let most = tolerance * tolerance;
    for (let index = first + 1; index < last; index++) {
      const distance = squaredDistance(points[index], points[first], points[last]);
      if (distance <= most) continue;
      most = distance;
      farthest = index;
    }
    if (farthest === first) continue;
    kept[farthest] = 1;
    spans.push([first, farthest], [farthest, last]);
  }
  const rounded = (value: number): number => Math.round(value * 16) / 16;
  return points.flatMap(([x, y], index): MaskPoint[] =>
    kept[index] === 1 ? [[rounded(x), rounded(y)]] : [],
  );
}
