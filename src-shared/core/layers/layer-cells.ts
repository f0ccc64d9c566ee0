/** Which layer each part of a frame belongs to, on a coarse grid, so that it can be kept for every frame of a long clip. */
export interface LayerCells {
  /** Side of the square cells, in pixels. */
  readonly side: number;
  readonly columns: number;
  readonly rows: number;
  /** Ids of layers, 0 to 15, two in a byte; row by row. */
  readonly packed: Uint8Array;
}

/** The grid over a picture, all of layer 0. */
export function emptyCells(width: number, height: number, side: number): LayerCells {
  const [columns, rows] = [Math.ceil(width / side), Math.ceil(height / side)];
  return { side, columns, rows, packed: new Uint8Array((columns * rows + 1) >> 1) };
}

/** @param ids [rows, columns] of the same grid. */
export function packCells(grid: Omit<LayerCells, 'packed'>, ids: Uint8Array): LayerCells {
  const packed = new Uint8Array((ids.length + 1) >> 1);
  ids.forEach((id, cell) => (packed[cell >> 1] |= id << (4 * (cell & 1))));
  const { side, columns, rows } = grid;
  return { side, columns, rows, packed };
}

/** @returns [rows, columns]. */
export function unpackCells({ columns, rows, packed }: LayerCells): Uint8Array {
  return Uint8Array.from(
    { length: columns * rows },
    (_, cell) => (packed[cell >> 1] >> (4 * (cell & 1))) & 15,
  );
}

/** The cell of a pixel; what lies beyond the last whole cell belongs to it. */
export function cellAt({ side, columns, rows }: LayerCells, x: number, y: number): number {
  const column = Math.min(columns - 1, Math.floor(x / side));
  return Math.min(rows - 1, Math.floor(y / side)) * columns + column;
}

/**
 * Which pixels of a picture belong to a layer; between the middles of cells the nearer ones count more, so that its edge
 * is no staircase.
 *
 * @returns [height, width]; 1 = the layer's.
 */
export function ownedPixels(cells: LayerCells, id: number, width: number, height: number): Uint8Array {
  const { side, columns, rows } = cells;
  const ids = unpackCells(cells);
  const owned = new Uint8Array(width * height);
  const votes = new Float32Array(16);
  for (let y = 0; y < height; y++) {
    const row = Math.max(0, Math.min(rows - 1, (y + 0.5) / side - 0.5));
    const [top, below] = [Math.floor(row), row - Math.floor(row)];
    const bottom = Math.min(rows - 1, top + 1);
    for (let x = 0; x < width; x++) {
      const column = Math.max(0, Math.min(columns - 1, (x + 0.5) / side - 0.5));
      const [left, beyond] = [Math.floor(column), column - Math.floor(column)];
      const right = Math.min(columns - 1, left + 1);
      const around = [
        [ids[top * columns + left], (1 - below) * (1 - beyond)],
        [ids[top * columns + right], (1 - below) * beyond],
        [ids[bottom * columns + left], below * (1 - beyond)],
        [ids[bottom * columns + right], below * beyond],
      ];
      votes.fill(0);
      for (const [owner, weight] of around) votes[owner] += weight;
      let best = around[0][0];
      for (const [owner] of around) if (votes[owner] > votes[best]) best = owner;
      if (best === id) owned[y * width + x] = 1;
    }
  }
  return owned;
}
