import { mapPoint, type Homography } from '../plate/index.ts';
import type { LabelledCells } from './label-cells.ts';

/**
 * Counts where one layer hides another: a cell where, by another picture's labels, two layers should be seen, shows the
 * nearer one.
 *
 * @param motions For each layer: from the frame's pixels to the other picture's; undefined where it is not seen.
 * @param hides Called with the layer that is seen and the one that it hides.
 */
export function countOcclusions(
  frame: LabelledCells,
  other: LabelledCells,
  motions: readonly (Homography | undefined)[],
  hides: (nearer: number, farther: number) => void,
): void {
  const { side, columns, rows } = frame.grid;
  const labelIn = (motion: Homography | undefined, cell: number): number => {
    if (motion === undefined) return -1;
    const column = cell % columns;
    const [u, v] = mapPoint(motion, (column + 0.5) * side, ((cell - column) / columns + 0.5) * side);
    const [x, y] = [Math.floor(u / side), Math.floor(v / side)];
    if (!(x >= 0 && y >= 0 && x < columns && y < rows)) return -1;
    return other.certain[y * columns + x] === 0 ? -1 : other.labels[y * columns + x];
  };
  for (let cell = 0; cell < columns * rows; cell++) {
    if (frame.certain[cell] === 0) continue;
    const own = frame.labels[cell];
    if (labelIn(motions[own], cell) !== own) continue;
    motions.forEach((motion, layer) => {
      if (layer !== own && labelIn(motion, cell) === layer) hides(own, layer);
    });
  }
}

/** A layer is nearer where it hides the other so many times as often, and so often at least. */
const evidence = { times: 2, least: 30 } as const;

/**
 * Layers by their depth, nearest first: by what hides what, and where nothing tells, by how fast they move.
 *
 * @param hidden [i][j]: how often `ids[i]` hides `ids[j]`.
 * @param speeds For each of `ids` how far it moves.
 */
export function nearestFirst(
  ids: readonly number[],
  hidden: readonly (readonly number[])[],
  speeds: readonly number[],
): number[] {
  const hides = (i: number, j: number): boolean =>
    hidden[i][j] >= Math.max(evidence.least, evidence.times * hidden[j][i]);
  const nearer = (i: number, j: number): boolean => hides(i, j) || (!hides(j, i) && speeds[i] > speeds[j]);
  const wins = ids.map((_, i) => ids.reduce((sum, _id, j) => sum + (i !== j && nearer(i, j) ? 1 : 0), 0));
  return ids
    .map((id, i) => ({ id, wins: wins[i], speed: speeds[i] }))
    .sort((a, b) => b.wins - a.wins || b.speed - a.speed || a.id - b.id)
    .map(({ id }) => id);
}
