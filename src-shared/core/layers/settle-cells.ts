import { mapPoint, type Homography } from '../plate/index.ts';
import type { LabelledCells } from './label-cells.ts';

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

/** Gives cells that are not certain the label of most of their neighbours, where most agree. */
function withoutSpecks(labels: Uint8Array, certain: Uint8Array, columns: number, rows: number): Uint8Array {
  const votes = new Uint8Array(16);
  return labels.map((label, cell) => {
    if (certain[cell] !== 0) return label;
    votes.fill(0);
    const column = cell % columns;
    const row = (cell - column) / columns;
    for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
        votes[labels[y * columns + x]]++;
      }
    }
    const most = votes.indexOf(Math.max(...votes));
    return votes[most] > 5 ? most : label;
  });
}
