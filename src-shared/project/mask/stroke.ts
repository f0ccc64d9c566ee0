import type { MaskPoint, MaskShape } from './project-mask.ts';

export interface StrokeBrush {
  /** Pixels. */
  readonly radius: number;
  /** 0…1; see `strokeCoverage`. */
  readonly softness: number;
  readonly effect: MaskShape['effect'];
}

/** The part [from, to] of a row, in pixels' places along it; empty where from > to. */
interface Span {
  from: number;
  to: number;
}

/**
 * Where the line y = `dy` (from the segment's first point) is within `radius` of the segment (0, 0) → (`dx`, `rise`).
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
  // A level segment's rectangle reaches no row that the discs do not, and is between them. Level to a billionth of a
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
 * Fills the pixels whose centres are within `radius` pixels of the polyline through `points` (one point: a disc).
 * `mask`: [height, width]. Only the rows near each segment are looked at, and what neighbouring segments cover of a
 * row is written once: a brush's points are much closer together than it is wide.
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

/**
 * Coverage, 0…1, at `distance` pixels from a stroke's line: 1 within radius · (1 − softness), and from there to 0 at the
 * radius t² · (3 − 2t) with t = (radius − distance) / (radius · softness). `softness` above 0.
 */
function strokeCoverage(distance: number, radius: number, softness: number): number {
  const t = Math.min(1, Math.max(0, (radius - distance) / (radius * softness)));
  return t * t * (3 - 2 * t);
}

/** The part of a row between two bounds of a·x: `span` cut to least ≤ a·x ≤ most. */
function cutSpan(span: Span, a: number, least: number, most: number): void {
  // A bound that is level to a billionth holds for all of the row, or for none of it.
  if (Math.abs(a) < 1e-9) {
    if (least > 0 || most < 0) span.to = -Infinity;
    return;
  }
  span.from = Math.max(span.from, a > 0 ? least / a : most / a);
  span.to = Math.min(span.to, a > 0 ? most / a : least / a);
}

/** Pixels by which the places that are looked at for two neighbouring parts of a line overlap, against rounding. */
const overlapPx = 0.01;

/**
 * Brings a soft stroke (`softness` above 0) into the mask [height, width], 0…255: `remove` leaves the larger of what is
 * there and the stroke's coverage, `keep` the smaller of what is there and what the coverage leaves. So it makes no
 * difference how often a stroke passes a place, or in how many pieces it is drawn.
 *
 * A pixel's nearest point of the line is a corner or is within a segment. Beside a segment its distance is that from
 * the segment, in the wedge beyond both segments of a corner that from the corner; so nearly every pixel is looked at
 * once, however close the points are.
 */
export function softenStroke(
  mask: Uint8Array,
  width: number,
  height: number,
  points: readonly MaskPoint[],
  { radius, softness, effect }: StrokeBrush,
): void {
  const core = radius * (1 - softness);
  const done = effect === 'remove' ? 255 : 0;
  // What is covered in full is not looked at again.
  if (core > 0) fillStroke(mask, width, height, points, core, done);
  const line = points.filter(([x, y], i) => i === 0 || x !== points[i - 1][0] || y !== points[i - 1][1]);
  const span: Span = { from: 0, to: 0 };
  for (let index = 0; index < line.length; index++) {
    const [x0, y0] = line[index];
    const next = index + 1 < line.length ? line[index + 1] : null;
    const [x1, y1] = next ?? [x0, y0];
    const [dx, rise] = [x1 - x0, y1 - y0];
    const squared = dx * dx + rise * rise;
    const overlap = overlapPx * Math.sqrt(squared);
    const [beforeX, beforeY] = index === 0 ? [x0, y0] : line[index - 1];
    const [fromX, fromY] = [x0 - beforeX, y0 - beforeY];
    const overlapBefore = overlapPx * Math.sqrt(fromX * fromX + fromY * fromY);
    const firstRow = Math.max(0, Math.ceil(Math.min(y0, y1) - radius - 0.5));
    const lastRow = Math.min(height - 1, Math.floor(Math.max(y0, y1) + radius - 0.5));
    for (let row = firstRow; row <= lastRow; row++) {
      const down = row + 0.5 - y0;
      // Beside the segment, or no further along it than its first point and beyond the end of the one before.
      if (next !== null) {
        capsuleSpan(span, dx, rise, radius, down);
        cutSpan(span, dx, -overlap - down * rise, squared + overlap - down * rise);
        softenRow(row, down, x0, dx, rise, squared);
      }
      const half = radius * radius - down * down;
      if (half < 0) continue;
      span.from = -Math.sqrt(half);
      span.to = -span.from;
      if (next !== null) cutSpan(span, dx, -Infinity, overlap - down * rise);
      if (index > 0) cutSpan(span, fromX, -overlapBefore - down * fromY, Infinity);
      softenRow(row, down, x0, 0, 0, 0);
    }
  }

  /** The pixels of `span`, from (x0, its row): by their distance from the segment (0, 0) → (dx, rise). */
  function softenRow(row: number, down: number, x0: number, dx: number, rise: number, squared: number): void {
    const from = Math.max(0, Math.ceil(x0 + span.from - 0.5));
    const to = Math.min(width, Math.floor(x0 + span.to - 0.5) + 1);
    for (let x = from; x < to; x++) {
      const at = row * width + x;
      if (mask[at] === done) continue;
      const across = x + 0.5 - x0;
      const along = squared === 0 ? 0 : (across * dx + down * rise) / squared;
      const share = along < 0 ? 0 : along > 1 ? 1 : along;
      const beside = across - share * dx;
      const below = down - share * rise;
      const distance = Math.sqrt(beside * beside + below * below);
      const covered = Math.round(255 * strokeCoverage(distance, radius, softness));
      if (effect === 'remove') {
        if (covered > mask[at]) mask[at] = covered;
      } else if (255 - covered < mask[at]) mask[at] = 255 - covered;
    }
  }
}
