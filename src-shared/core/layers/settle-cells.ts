import { mapPoint, type Homography } from '../plate/index.ts';
import { forNeighbours, type LabelledCells } from './label-cells.ts';

/**
 * Decides on cells of which the frame itself is not certain, such as those in the mask, by what other frames show: the
 * nearest layer that is seen where its motion leads, more often than a farther one, which would be hidden if it were
 * there. Where no frame tells, the label stays unless it is disproved so.
 *
 * @param others With their motions for each layer: from the frame's pixels to theirs; undefined where it is not seen.
 * @param order Layers, nearest first.
 * @returns [rows, columns]: the labels.
 */
export function settleCells(
  frame: LabelledCells,
  others: readonly {
    readonly cells: LabelledCells;
    readonly motions: readonly (Homography | undefined)[];
  }[],
  order: readonly number[],
): Uint8Array {
  const { side, columns, rows } = frame.grid;
  const settled = frame.labels.slice();
  const place = new Map(order.map((layer, at) => [layer, at]));
  for (let cell = 0; cell < columns * rows; cell++) {
    if (frame.certain[cell] !== 0) continue;
    const column = cell % columns;
    const [x, y] = [(column + 0.5) * side, ((cell - column) / columns + 0.5) * side];
    /** How many frames speak for the layer, less those that speak against it. */
    const balance = (layer: number): number => {
      let sum = 0;
      for (const { cells, motions } of others) {
        const motion = motions[layer];
        if (motion === undefined) continue;
        const [u, v] = mapPoint(motion, x, y);
        const [toColumn, toRow] = [Math.floor(u / side), Math.floor(v / side)];
        if (!(toColumn >= 0 && toRow >= 0 && toColumn < columns && toRow < rows)) continue;
        const there = toRow * columns + toColumn;
        if (cells.certain[there] === 0) continue;
        const seen = cells.labels[there];
        if (seen === layer) sum++;
        else if ((place.get(seen) ?? 0) > (place.get(layer) ?? 0)) sum--;
      }
      return sum;
    };
    const balances = order.map(balance);
    const shown = balances.findIndex((value) => value > 0);
    const first = place.get(frame.labels[cell]) ?? 0;
    const kept = balances.findIndex((value, at) => at >= first && value >= 0);
    settled[cell] = order[shown >= 0 ? shown : kept >= 0 ? kept : order.length - 1];
  }
  return withoutSpecks(settled, frame.certain, columns, rows);
}

/** A nearer layer must fit a cell at its border better than a farther one by so much, in levels. */
const leastLead = 1;

/**
 * Takes back a nearer layer's labels at its border where the cell itself does not speak for it: what fits is then mostly
 * the layer's texture next to it.
 *
 * @param order Layers, nearest first.
 */
export function trimNearer(frame: LabelledCells, order: readonly number[]): LabelledCells {
  const { columns, rows } = frame.grid;
  const cells = columns * rows;
  const place = new Map(order.map((layer, at) => [layer, at]));
  const placeOf = (layer: number): number => place.get(layer) ?? 0;
  const labels = frame.labels.slice();
  const certain = frame.certain.slice();
  for (let cell = 0; cell < cells; cell++) {
    const own = frame.labels[cell];
    let farther = own;
    forNeighbours(cell, columns, rows, (near) => {
      if (placeOf(frame.labels[near]) > placeOf(farther)) farther = frame.labels[near];
    });
    if (farther === own) continue;
    if (frame.costs[farther * cells + cell] - frame.costs[own * cells + cell] >= leastLead) continue;
    labels[cell] = farther;
    certain[cell] = 0;
  }
  return { ...frame, labels, certain };
}

/** Gives cells that are not certain the label of most of their neighbours, where most agree. */
function withoutSpecks(labels: Uint8Array, certain: Uint8Array, columns: number, rows: number): Uint8Array {
  const votes = new Uint8Array(16);
  return labels.map((label, cell) => {
    if (certain[cell] !== 0) return label;
    votes.fill(0);
    forNeighbours(cell, columns, rows, (near) => votes[labels[near]]++);
    const most = votes.indexOf(Math.max(...votes));
    return votes[most] > 5 ? most : label;
  });
}
