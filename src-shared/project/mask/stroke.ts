import type { MaskPoint } from './project-mask.ts';

/** The part [from, to] of a row, in pixels' places along it; empty where from > to. */
interface Span {
  from: number;
  to: number;
}

/**
 * Where the line y = `dy` (from the segment's first point) lies within `radius` of the segment (0, 0) → (`dx`, `rise`).
 * Such points form a convex shape, a capsule, so they are one span: from the leftmost to the rightmost of what the
 * discs at both ends and the rectangle between them cover. Written into `span`, relative to the first point.
 */
function capsuleSpan(span: Span, dx: number, rise: number, radius: number, dy: number): void {
  span.from = Infinity;
  span.to = -Infinity;
  const first = radius * radius - dy * dy;
  if (first >= 0) {
    const half = Math.sqrt(first);
    span.from = -half;
    span.to = half;
  }
  const last = radius * radius - (dy - rise) * (dy - rise);
  if (last >= 0) {
    const half = Math.sqrt(last);
    span.from = Math.min(span.from, dx - half);
    span.to = Math.max(span.to, dx + half);
  }
  // A level segment's rectangle reaches no row that the discs do not, and lies between them. Level to a billionth of a
  // pixel is level: what follows divides by the rise.
  if (Math.abs(rise) < 1e-9) return;
  // The rectangle: |x·rise − dy·dx| ≤ radius · length, and 0 ≤ x·dx + dy·rise ≤ length².
  const squared = dx * dx + rise * rise;
  const middle = (dy * dx) / rise;
  const half = (radius * Math.sqrt(squared)) / Math.abs(rise);
  let from = middle - half;
  let to = middle + half;
  if (dx === 0) {
    if (rise > 0 ? dy < 0 || dy > rise : dy > 0 || dy < rise) return;
  } else {
    const start = (-dy * rise) / dx;
    const end = (squared - dy * rise) / dx;
    from = Math.max(from, Math.min(start, end));
    to = Math.min(to, Math.max(start, end));
  }
  if (from > to) return;
  span.from = Math.min(span.from, from);
  span.to = Math.max(span.to, to);
}

/**
 * Fills the pixels whose centres lie within `radius` pixels of the polyline through `points` (one point: a disc).
 * `mask`: [height, width]. Only the rows near each segment are looked at, and what neighbouring segments cover of a
 * row is written once: a brush's points lie much closer together than it is wide.
 */
export function fillStroke(
  mask: Uint8Array,
  width: number,
  height: number,
  points: readonly MaskPoint[],
  radius: number,
  value: number,
): void {
  // Pixels [from, to) of each row that are covered and not yet written.
  const froms = new Int32Array(height);
  const tos = new Int32Array(height);
  const span: Span = { from: 0, to: 0 };
  for (let index = 0; index === 0 || index + 1 < points.length; index++) {
    const [x0, y0] = points[index];
    const [x1, y1] = points[Math.min(index + 1, points.length - 1)];
    const firstRow = Math.max(0, Math.ceil(Math.min(y0, y1) - radius - 0.5));
    const lastRow = Math.min(height - 1, Math.floor(Math.max(y0, y1) + radius - 0.5));
    for (let row = firstRow; row <= lastRow; row++) {
      capsuleSpan(span, x1 - x0, y1 - y0, radius, row + 0.5 - y0);
      const from = Math.max(0, Math.ceil(x0 + span.from - 0.5));
      const to = Math.min(width, Math.floor(x0 + span.to - 0.5) + 1);
      if (from >= to) continue;
      if (from <= tos[row] && to >= froms[row]) {
        froms[row] = Math.min(froms[row], from);
        tos[row] = Math.max(tos[row], to);
        continue;
      }
      mask.fill(value, row * width + froms[row], row * width + tos[row]);
      froms[row] = from;
      tos[row] = to;
    }
  }
  for (let row = 0; row < height; row++) {
    if (froms[row] < tos[row]) mask.fill(value, row * width + froms[row], row * width + tos[row]);
  }
}
