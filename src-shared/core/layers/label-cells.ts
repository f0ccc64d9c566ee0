import { pushPullFill } from '../fill/index.ts';
import { sampleLinear, type Homography } from '../plate/index.ts';
import { emptyCells, type LayerCells } from './layer-cells.ts';

/** A picture [height, width], 8 bit, and where it is not to be looked at: `mask` [height, width] not 0. */
interface Masked {
  readonly width: number;
  readonly height: number;
  readonly luma: Uint8Array;
  readonly mask: Uint8Array;
}

/** Another picture that a frame is compared with. */
export interface ComparedPicture extends Masked {
  /** For each layer: from the frame's pixels to this picture's; undefined where it is not seen there. */
  readonly motions: readonly (Homography | undefined)[];
}

export interface LabelledCells {
  readonly grid: Omit<LayerCells, 'packed'>;
  /** [rows, columns]: numbers of the layers. */
  readonly labels: Uint8Array;
  /** [rows, columns]: 1 where the frame itself says so, 0 where the neighbours had to. */
  readonly certain: Uint8Array;
  /** [layers, rows, columns]: how well the cell without its neighbours is found again by each motion, in levels. */
  readonly costs: Float32Array;
}

/** Differences beyond this are all alike, in levels. */
const mostLevels = 30;
/** A layer's motion that leads out of the pictures or into their masks fits neither well nor badly, in levels. */
const unseenLevels = 5;
/** Every so many pixels are compared. */
const step = 2;
/** What a differing neighbour costs, in levels, and passes over the grid. */
const smoothness = { levels: 0.5, passes: 6 } as const;
/** A layer must fit better than the next by so much to be certain, in levels. */
const certainLevels = 1.5;

/**
 * Which layer each cell of a frame belongs to: the one by whose motion it is found again, before or after. What a
 * nearer layer hides on one side is mostly seen on the other. Neighbours that say the same cost less (iterated
 * conditional modes, Besag 1986); cells in the mask take what surrounds them.
 *
 * @param before Pictures on one side in time, `after` those on the other.
 * @param layers How many.
 */
export function labelCells(
  frame: Masked,
  before: readonly ComparedPicture[],
  after: readonly ComparedPicture[],
  layers: number,
  side: number,
): LabelledCells {
  const grid = emptyCells(frame.width, frame.height, side);
  const { columns, rows } = grid;
  const cells = columns * rows;
  const sides = [before, after].map((others) => differences(frame, others, layers, grid));
  const costs = lesser(sides.map(({ around }) => around));
  const labels = new Uint8Array(cells);
  const certain = new Uint8Array(cells);
  for (let cell = 0; cell < cells; cell++) {
    let [best, second] = [Infinity, Infinity];
    for (let layer = 0; layer < layers; layer++) {
      const cost = costs[layer * cells + cell];
      if (cost < best) [labels[cell], second, best] = [layer, best, cost];
      else if (cost < second) second = cost;
    }
    if (second - best >= certainLevels) certain[cell] = 1;
  }
  spread(labels, certain, layers, columns, rows);
  for (let pass = 0; pass < smoothness.passes; pass++) smooth(labels, costs, layers, columns, rows);
  const hidden = hiddenCells(frame, grid);
  const known = hidden.map((value) => 1 - value);
  spread(labels, known, layers, columns, rows);
  return {
    grid,
    labels,
    certain: certain.map((value, cell) => value & known[cell]),
    costs: lesser(sides.map(({ alone }) => alone)),
  };
}

/** The cost on the side in time where it is less. */
function lesser([before, after]: readonly Float32Array[]): Float32Array {
  return before.map((cost, at) => {
    const least = Math.min(cost, after[at]);
    return least === Infinity ? unseenLevels : least;
  });
}

/** Mean difference in each cell, `alone` and with those `around` it, under each layer's motion, [layers, rows, columns]; Infinity: unseen. */
function differences(
  { width, height, luma, mask }: Masked,
  others: readonly ComparedPicture[],
  layers: number,
  { side, columns, rows }: Omit<LayerCells, 'packed'>,
): { readonly alone: Float32Array; readonly around: Float32Array } {
  const cells = columns * rows;
  const alone = new Float32Array(layers * cells);
  const around = new Float32Array(layers * cells);
  for (let layer = 0; layer < layers; layer++) {
    const sums = new Float32Array(cells);
    const counts = new Float32Array(cells);
    for (const other of others) {
      const m = other.motions[layer];
      if (m === undefined) continue;
      for (let y = 0; y < height; y += step) {
        for (let x = 0; x < width; x += step) {
          if (mask[y * width + x] !== 0) continue;
          const w = m[6] * x + m[7] * y + m[8];
          const u = (m[0] * x + m[1] * y + m[2]) / w;
          const v = (m[3] * x + m[4] * y + m[5]) / w;
          if (!(w > 0 && u >= 0 && v >= 0 && u <= width - 1 && v <= height - 1)) continue;
          if (other.mask[Math.round(v) * width + Math.round(u)] !== 0) continue;
          const off = Math.abs(luma[y * width + x] - sampleLinear(other.luma, width, height, u, v));
          const cell = Math.floor(y / side) * columns + Math.floor(x / side);
          sums[cell] += Math.min(mostLevels, off);
          counts[cell]++;
        }
      }
    }
    for (let cell = 0; cell < cells; cell++) {
      let [sum, count] = [0, 0];
      forNeighbours(cell, columns, rows, (near) => {
        sum += sums[near];
        count += counts[near];
      });
      around[layer * cells + cell] = count === 0 ? Infinity : sum / count;
      alone[layer * cells + cell] = counts[cell] === 0 ? Infinity : sums[cell] / counts[cell];
    }
  }
  return { alone, around };
}

/** The cell itself and those around it. */
export function forNeighbours(
  cell: number,
  columns: number,
  rows: number,
  visit: (near: number) => void,
): void {
  const column = cell % columns;
  const row = (cell - column) / columns;
  for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
    for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) visit(y * columns + x);
  }
}

function smooth(
  labels: Uint8Array,
  costs: Float32Array,
  layers: number,
  columns: number,
  rows: number,
): void {
  const cells = columns * rows;
  const votes = new Float32Array(layers);
  for (let cell = 0; cell < cells; cell++) {
    votes.fill(0);
    forNeighbours(cell, columns, rows, (near) => (votes[labels[near]] += near === cell ? 0 : 1));
    let least = Infinity;
    for (let layer = 0; layer < layers; layer++) {
      const cost = costs[layer * cells + cell] - smoothness.levels * votes[layer];
      if (cost < least) [labels[cell], least] = [layer, cost];
    }
  }
}

/** Gives cells that are not `known` the label of what surrounds them. */
function spread(labels: Uint8Array, known: Uint8Array, layers: number, columns: number, rows: number): void {
  if (!known.includes(0) || !known.includes(1)) return;
  const cells = columns * rows;
  const shares = new Float32Array(layers * cells);
  labels.forEach((label, cell) => (shares[label * cells + cell] = 1));
  const unknown = known.map((value) => 1 - value);
  const filled = pushPullFill(shares, unknown, { channels: layers, height: rows, width: columns });
  for (let cell = 0; cell < cells; cell++) {
    if (known[cell] !== 0) continue;
    let most = -Infinity;
    for (let layer = 0; layer < layers; layer++) {
      const share = filled[layer * cells + cell];
      if (share > most) [labels[cell], most] = [layer, share];
    }
  }
}

/** 1 for cells of which the mask hides more than half. */
function hiddenCells({ width, height, mask }: Masked, { side, columns, rows }: Omit<LayerCells, 'packed'>) {
  const counts = new Float32Array(columns * rows);
  const all = new Float32Array(columns * rows);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = Math.floor(y / side) * columns + Math.floor(x / side);
      all[cell]++;
      if (mask[y * width + x] !== 0) counts[cell]++;
    }
  }
  return Uint8Array.from(counts, (count, cell) => (2 * count > all[cell] ? 1 : 0));
}
