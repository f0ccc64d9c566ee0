import type { FillLevel } from './fill-level.ts';
import { featureCount } from './patch.ts';

/** What counts as one line on both sides of a hole. Lengths in pixels, steps as `features` differ. */
const rules = {
  /** Pixels next to the hole that are passed over: they may be its soft edge. */
  gap: 2,
  /** A line must be seen over this share of its way through the hole, within these bounds. */
  seenShare: 0.3,
  leastSeen: 10,
  mostSeen: 28,
  /** A shorter way through the hole needs no help. */
  leastWay: 8,
  /** The step across it: at least this, and so many times what is usual around this hole. */
  leastStep: 8,
  usual: 2.5,
  /** The step's mean along the line, beside its deviation: texture changes from pixel to pixel, a line does not. */
  steadiness: 1.6,
  /** How much the profiles of one side of it may differ, beside the step. */
  difference: 0.35,
  /** Of lines that nearly coincide the clearest is kept. */
  apart: 3,
  most: 12,
} as const;

/** The profile across a line reaches so far to both sides. */
export const profileReach = 4;
export const profileLength = 2 * profileReach + 1;

/** A straight edge or line that runs into a hole from both sides. */
export interface Line {
  /** Where it enters the hole and where it leaves it, in pixels. */
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  /** [profileLength, featureCount]: features across it, before it enters and after it leaves, along (−dy, dx). */
  readonly before: Float32Array;
  readonly after: Float32Array;
  /** On how many of its sides it looks the same at both ends: 1 or 2. */
  readonly alike: number;
}

interface Way {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  /** Where the way enters and leaves the hole, in pixels along it. */
  readonly enters: number;
  readonly leaves: number;
}

/** What is seen of a line on one side of the hole. */
interface Side {
  /** The mean step across the line. */
  readonly step: number;
  /** As in `Line`; undefined where the step is small, or not steady. */
  readonly profile: Float32Array | undefined;
}

/**
 * Finds the straight lines and edges that run into a hole on one side and out of it on another: lines through the hole
 * in all directions, with a steady step across them at both ends, and the same on one side at least. Where what lies on the
 * other side changes on the way, the line stands before it: such lines come first, and of the others the clearest.
 */
export function findLines(level: FillLevel): Line[] {
  const pairs: { way: Way; before: Float32Array; after: Float32Array; step: number; alike: number }[] = [];
  const steps: number[] = [];
  for (const way of waysThrough(level)) {
    const before = lookAt(level, way, -1);
    if (before === undefined) continue;
    steps.push(before.step);
    if (before.profile === undefined) continue;
    const after = lookAt(level, way, 1);
    if (after?.profile === undefined) continue;
    const step = Math.min(before.step, after.step);
    const alike = sidesAlike(before.profile, after.profile, step);
    if (alike > 0) pairs.push({ way, before: before.profile, after: after.profile, step, alike });
  }
  const least = rules.usual * (steps.sort((a, b) => a - b)[steps.length >> 1] ?? 0);
  const lines: Line[] = [];
  for (const { way, before, after, step, alike } of pairs.sort((a, b) => b.step - a.step)) {
    if (lines.length === rules.most || step < least) break;
    const at = (t: number): [number, number] => [way.x + t * way.dx, way.y + t * way.dy];
    const line: Line = { from: at(way.enters), to: at(way.leaves), before, after, alike };
    if (!lines.some((other) => coincide(other, line))) lines.push(line);
  }
  return lines.sort((a, b) => a.alike - b.alike);
}

function coincide(a: Line, b: Line): boolean {
  const distance = (p: readonly [number, number], q: readonly [number, number]) =>
    Math.hypot(p[0] - q[0], p[1] - q[1]);
  return (
    Math.max(distance(a.from, b.from), distance(a.to, b.to)) < rules.apart ||
    Math.max(distance(a.from, b.to), distance(a.to, b.from)) < rules.apart
  );
}

/** All straight ways through the hole, a pixel apart, in directions that differ by a pixel where they are seen last. */
function* waysThrough({ hole, width, height }: FillLevel): Generator<Way> {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let pixel = 0; pixel < hole.length; pixel++) {
    if (hole[pixel] === 0) continue;
    const x = pixel % width;
    const y = (pixel - x) / width;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = y;
  }
  if (right < 0) return;
  const [middleX, middleY] = [(left + right) / 2, (top + bottom) / 2];
  const reach = Math.ceil(Math.hypot(right - left, bottom - top) / 2) + 1;
  const directions = 2 * Math.ceil((Math.PI * (reach + rules.mostSeen)) / 2);
  for (let k = 0; k < directions; k++) {
    const angle = (Math.PI * k) / directions;
    const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
    for (let across = -reach; across <= reach; across++) {
      const [x, y] = [middleX - across * dy, middleY + across * dx];
      let enters: number | undefined;
      for (let along = -reach; along <= reach; along++) {
        const column = Math.floor(x + along * dx + 0.5);
        const row = Math.floor(y + along * dy + 0.5);
        const inside =
          column >= 0 && row >= 0 && column < width && row < height && hole[row * width + column] !== 0;
        if (inside) enters ??= along;
        else if (enters !== undefined) {
          if (along - enters >= rules.leastWay) yield { x, y, dx, dy, enters, leaves: along - 1 };
          enters = undefined;
        }
      }
    }
  }
}

/** What is seen of a way before it enters the hole (−1) or after it has left it (1); undefined where too little is. */
function lookAt(level: FillLevel, way: Way, side: -1 | 1): Side | undefined {
  const { features } = level;
  const { enters, leaves } = way;
  const start = side < 0 ? enters - rules.gap - 1 : leaves + rules.gap + 1;
  const seen = Math.round(
    Math.min(rules.mostSeen, Math.max(rules.leastSeen, rules.seenShare * (leaves - enters + 1))),
  );
  let [luma, cb, cr, squares] = [0, 0, 0, 0];
  for (let k = 0; k < seen; k++) {
    const along = start + side * k;
    const far = knownAt(level, way, along, 2);
    const above = knownAt(level, way, along, 1);
    const below = knownAt(level, way, along, -1);
    const beneath = knownAt(level, way, along, -2);
    if (far < 0 || above < 0 || below < 0 || beneath < 0) return undefined;
    const stepLuma = (features[far] + features[above] - features[below] - features[beneath]) / 2;
    const stepCb =
      (features[far + 1] + features[above + 1] - features[below + 1] - features[beneath + 1]) / 2;
    const stepCr =
      (features[far + 2] + features[above + 2] - features[below + 2] - features[beneath + 2]) / 2;
    luma += stepLuma;
    cb += stepCb;
    cr += stepCr;
    squares += stepLuma * stepLuma + stepCb * stepCb + stepCr * stepCr;
  }
  const square = (luma * luma + cb * cb + cr * cr) / (seen * seen);
  const variance = Math.max(0, squares / seen - square);
  const step = Math.sqrt(square);
  if (step < rules.leastStep || square < rules.steadiness ** 2 * variance)
    return { step, profile: undefined };
  const profile = profileOf(level, way, start, side, seen);
  return profile && { step, profile };
}

/** Where the features begin of a place beside a way; −1 where it is not known. */
function knownAt({ hole, width, height }: FillLevel, way: Way, along: number, across: number): number {
  // Rounded; what is outside stays outside.
  const column = Math.floor(way.x + along * way.dx - across * way.dy + 0.5);
  const row = Math.floor(way.y + along * way.dy + across * way.dx + 0.5);
  if (column < 0 || row < 0 || column >= width || row >= height) return -1;
  const pixel = row * width + column;
  return hole[pixel] === 0 ? pixel * featureCount : -1;
}

function profileOf(
  level: FillLevel,
  way: Way,
  start: number,
  side: -1 | 1,
  seen: number,
): Float32Array | undefined {
  const profile = new Float32Array(profileLength * featureCount);
  for (let across = -profileReach; across <= profileReach; across++) {
    const middle = (across + profileReach) * featureCount;
    let count = 0;
    for (let k = 0; k < seen; k++) {
      const at = knownAt(level, way, start + side * k, across);
      if (at < 0) continue;
      count++;
      for (let channel = 0; channel < featureCount; channel++) {
        profile[middle + channel] += level.features[at + channel];
      }
    }
    if (2 * count < seen) return undefined;
    for (let channel = 0; channel < featureCount; channel++) profile[middle + channel] /= count;
  }
  return profile;
}

/**
 * On how many of its sides a line looks the same at both ends. It is one line if it does on one: on the other side that
 * may change, as what stands behind a pole does.
 */
function sidesAlike(before: Float32Array, after: Float32Array, step: number): number {
  const starts = [0, profileReach + 1];
  return starts.filter((start) => difference(before, after, start) <= rules.difference * step).length;
}

/** The root mean square difference of two profiles over one side, from `start` on. */
function difference(before: Float32Array, after: Float32Array, start: number): number {
  let squares = 0;
  for (let k = start * featureCount; k < (start + profileReach) * featureCount; k++) {
    squares += (before[k] - after[k]) ** 2;
  }
  return Math.sqrt(squares / profileReach);
}
