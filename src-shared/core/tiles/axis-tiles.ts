/** Cells [start, end) of an axis. */
export interface AxisTile {
  readonly start: number;
  readonly end: number;
}

/** Most tiles of an axis: each has at least `halo` cells of its own beside those on both sides that it shares. */
export function mostTiles(length: number, halo: number): number {
  return Math.max(1, Math.floor((length - 2 * halo) / halo));
}

/** Cells of each of `count` tiles that cover an axis and share at least `2·halo` cells with the next. */
export function tileLength(length: number, count: number, halo: number): number {
  return count === 1 ? length : Math.ceil((length - 2 * halo) / count) + 2 * halo;
}

/** Tiles of equal length, evenly spaced: a border between two is `halo` cells away from where either is cut off. */
export function axisTiles(length: number, count: number, halo: number): readonly AxisTile[] {
  const tile = tileLength(length, count, halo);
  return Array.from({ length: count }, (_, i) => {
    const start = count === 1 ? 0 : Math.round((i * (length - tile)) / (count - 1));
    return { start, end: start + tile };
  });
}

/**
 * What each tile has a part in: for each a weight for its positions, `scale` of them to a cell. At every position the
 * weights of all tiles add up to 1. Between two tiles they go over into each other within `halo / 2` cells in the middle
 * of what both cover: what lies nearer to a cut than 3/4 of the halo has no part in the picture.
 */
export function tileWeights(tiles: readonly AxisTile[], halo: number, scale: number): Float32Array[] {
  const reach = halo / 4;
  /** How far the axis has gone over from tile i − 1 to tile i at a place in cells. */
  const arrived = (i: number, place: number): number => {
    if (i === 0) return 1;
    if (i === tiles.length) return 0;
    const border = (tiles[i].start + tiles[i - 1].end) / 2;
    return Math.min(1, Math.max(0, (place - border + reach) / (2 * reach)));
  };
  return tiles.map(({ start, end }, i) =>
    Float32Array.from({ length: (end - start) * scale }, (_, position) => {
      const place = start + (position + 0.5) / scale;
      return arrived(i, place) * (1 - arrived(i + 1, place));
    }),
  );
}
