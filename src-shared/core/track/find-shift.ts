import type { TrackPicture } from './track-picture.ts';

/** How a shape of one picture is found in another. */
export interface Shift {
  readonly x: number;
  readonly y: number;
  /** Mean difference of the samples there, in levels, each point's at most `mostDifference`. */
  readonly difference: number;
}

/** Points that stand for the shape. */
const mostPoints = 300;
/** A point that is covered or that changed counts no more than this, in levels. */
const mostDifference = 30;
/** Levels that a pixel farther from where the shape was expected costs: of equal places the near one. */
const farCost = 0.007;

/**
 * Where the pixels of a shape go, as a shift by whole pixels: the place of least difference, searched within `radius`
 * of the expected one on every second pixel and then next to the best.
 *
 * @param core Pixels of `from` that surely belong to the shape; at least one.
 */
export function findShift(
  from: TrackPicture,
  core: readonly number[],
  to: TrackPicture,
  expected: { readonly x: number; readonly y: number },
  radius: number,
): Shift {
  const stride = Math.max(1, Math.floor(core.length / mostPoints));
  const points = core.filter((_, index) => index % stride === 0);
  const { width, height } = to;
  const differenceAt = (shiftX: number, shiftY: number, enough: number): number => {
    const most = enough * points.length;
    let sum = 0;
    for (const pixel of points) {
      const x = (pixel % width) + shiftX;
      const y = Math.floor(pixel / width) + shiftY;
      if (x < 0 || y < 0 || x >= width || y >= height) sum += mostDifference;
      else {
        const [here, there] = [3 * pixel, 3 * (y * width + x)];
        const difference =
          Math.abs(from.samples[here] - to.samples[there]) +
          Math.abs(from.samples[here + 1] - to.samples[there + 1]) +
          Math.abs(from.samples[here + 2] - to.samples[there + 2]);
        sum += Math.min(mostDifference, difference / 3);
      }
      if (sum > most) return Infinity;
    }
    return sum / points.length;
  };
  let best: Shift = { x: Math.round(expected.x), y: Math.round(expected.y), difference: Infinity };
  let bestCost = Infinity;
  for (const [reach, step] of [
    [radius, 2],
    [2, 1],
  ]) {
    const centre = best;
    for (let dy = -reach; dy <= reach; dy += step) {
      for (let dx = -reach; dx <= reach; dx += step) {
        const [x, y] = [centre.x + dx, centre.y + dy];
        const far = farCost * Math.hypot(x - expected.x, y - expected.y);
        const difference = differenceAt(x, y, bestCost - far);
        if (difference + far < bestCost) [best, bestCost] = [{ x, y, difference }, difference + far];
      }
    }
  }
  return best;
}
