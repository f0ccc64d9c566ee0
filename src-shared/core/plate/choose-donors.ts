import { invert, type Homography } from './homography.ts';
import type { PlaneLayout } from './planes.ts';

/**
 * Which parts of a frame its mask hides, on a coarse grid: one bit a cell, set where more than half of it is masked.
 * Coarse, so that it can be kept for every frame of a long clip.
 */
export type CoarseMask = Uint8Array;

/** What must be known of a frame to choose it. */
export interface FrameView {
  /** Position in the clip. */
  readonly index: number;
  /** From this frame's pixels to those that all frames given share. */
  readonly toReference: Homography;
  readonly hidden: CoarseMask;
}

/** Cells along the width of a picture; they are square. */
const gridColumns = 64;
/** Targets that stand for all of them. */
const probes = 8;
/** A donor this many frames away counts half: light changes, and errors of the camera's path grow. */
const halfTrustFrames = 120;
/** Neighbouring frames hold the same noise and the same mistakes: full value from this distance on. */
const leastApartFrames = 4;
/** A donor that is held already is as good as one this many times better that must be read first. */
const heldBonus = 1.5;

interface Grid {
  readonly side: number;
  readonly columns: number;
  readonly rows: number;
}

function gridOf({ width, height }: PlaneLayout): Grid {
  const side = Math.max(1, Math.ceil(width / gridColumns));
  return { side, columns: Math.ceil(width / side), rows: Math.ceil(height / side) };
}

/** @param mask [height, width]; non-zero = hole. */
export function coarseMask(mask: Uint8Array, layout: PlaneLayout): CoarseMask {
  const { side, columns, rows } = gridOf(layout);
  const masked = new Uint32Array(columns * rows);
  for (let y = 0; y < layout.height; y++) {
    const row = Math.floor(y / side) * columns;
    for (let x = 0; x < layout.width; x++) {
      if (mask[y * layout.width + x] !== 0) masked[row + Math.floor(x / side)]++;
    }
  }
  const hidden = new Uint8Array(Math.ceil(masked.length / 8));
  masked.forEach((count, cell) => {
    if (2 * count > side * side) hidden[cell >> 3] |= 1 << (cell & 7);
  });
  return hidden;
}

/**
 * Chooses the frames that together show most of what the targets' masks hide, each spot several times: greedily,
 * every further view of a spot counting less. (The gain is submodular, so this is within 1 − 1/e of the best choice:
 * Nemhauser, Wolsey and Fisher, 1978.)
 *
 * @param targets Frames to be completed, ascending.
 * @param pool Frames to choose from.
 * @param held Indices of frames that need not be read again.
 * @returns At most `most` indices into the clip, ascending; fewer where no further frame shows anything.
 */
export function chooseDonors(
  targets: readonly FrameView[],
  pool: readonly FrameView[],
  held: ReadonlySet<number>,
  most: number,
  layout: PlaneLayout,
): number[] {
  const spots = hiddenSpots(targets, layout);
  const views = pool.map((view) => visibleSpots(view, spots, layout));
  const times = new Float32Array(spots.length);
  const first = targets[0].index;
  const last = targets[targets.length - 1].index;
  const worth = pool.map(({ index }) => {
    const away = Math.max(0, first - index, index - last);
    return (held.has(index) ? heldBonus : 1) / (1 + away / halfTrustFrames);
  });
  const apart = new Float32Array(pool.length).fill(leastApartFrames);

  const chosen: number[] = [];
  while (chosen.length < most) {
    let best = -1;
    let bestGain = 0;
    for (let candidate = 0; candidate < pool.length; candidate++) {
      if (apart[candidate] === 0) continue;
      let gain = 0;
      for (const spot of views[candidate]) gain += 1 / (1 + times[spot]) ** 2;
      gain *= (worth[candidate] * apart[candidate]) / leastApartFrames;
      if (gain > bestGain) [best, bestGain] = [candidate, gain];
    }
    if (best === -1) break;
    for (const spot of views[best]) times[spot]++;
    pool.forEach(({ index }, at) => {
      apart[at] = Math.min(apart[at], Math.abs(index - pool[best].index));
    });
    chosen.push(pool[best].index);
  }
  return chosen.sort((a, b) => a - b);
}

/** A hidden cell of one of the targets. */
interface Spot {
  /** Centre, in the pixels that all frames share. */
  readonly x: number;
  readonly y: number;
}

function hiddenSpots(targets: readonly FrameView[], layout: PlaneLayout): Spot[] {
  const { side, columns, rows } = gridOf(layout);
  const step = Math.max(1, targets.length / probes);
  const spots: Spot[] = [];
  for (let at = 0; at < targets.length; at += step) {
    const { hidden, toReference: m } = targets[Math.floor(at)];
    for (let cell = 0; cell < columns * rows; cell++) {
      if ((hidden[cell >> 3] & (1 << (cell & 7))) === 0) continue;
      const x = ((cell % columns) + 0.5) * side;
      const y = (Math.floor(cell / columns) + 0.5) * side;
      const w = m[6] * x + m[7] * y + m[8];
      spots.push({ x: (m[0] * x + m[1] * y + m[2]) / w, y: (m[3] * x + m[4] * y + m[5]) / w });
    }
  }
  return spots;
}

/** Numbers of the spots that a frame shows unmasked. */
function visibleSpots(view: FrameView, spots: readonly Spot[], layout: PlaneLayout): Int32Array {
  const { side, columns } = gridOf(layout);
  const m = invert(view.toReference);
  const visible: number[] = [];
  spots.forEach((spot, number) => {
    const w = m[6] * spot.x + m[7] * spot.y + m[8];
    const x = (m[0] * spot.x + m[1] * spot.y + m[2]) / w;
    const y = (m[3] * spot.x + m[4] * spot.y + m[5]) / w;
    if (!(w > 0 && x >= 0 && y >= 0 && x < layout.width && y < layout.height)) return;
    const cell = Math.floor(y / side) * columns + Math.floor(x / side);
    if ((view.hidden[cell >> 3] & (1 << (cell & 7))) === 0) visible.push(number);
  });
  return Int32Array.from(visible);
}
