import type { VaeSpec } from '../../../src-shared/core/families/index.ts';
import type { TiledPass, VideoSize } from '../../../src-shared/core/flops/index.ts';
import {
  axisTiles,
  mostTiles,
  tileLength,
  tileWeights,
  type AxisTile,
} from '../../../src-shared/core/tiles/index.ts';

/** A volume [channels, frames, height, width]; several parts of one have all but their place in common. */
export interface Volume {
  readonly data: Float32Array;
  readonly channels: number;
  readonly size: VideoSize;
}

/** Frames [start, end); the volume itself where that is all of it. */
export function cutFrames(volume: Volume, start: number, end: number): Volume {
  const { data, channels, size } = volume;
  if (start === 0 && end === size.frames) return volume;
  const plane = size.height * size.width;
  const part = new Float32Array(channels * (end - start) * plane);
  for (let c = 0; c < channels; c++) {
    const from = c * size.frames * plane;
    part.set(data.subarray(from + start * plane, from + end * plane), c * (end - start) * plane);
  }
  return { data: part, channels, size: { ...size, frames: end - start } };
}

/** Volumes one after the other in time. */
export function joinFrames(parts: readonly Volume[]): Volume {
  const [{ channels, size }] = parts;
  const plane = size.height * size.width;
  const frames = parts.reduce((sum, part) => sum + part.size.frames, 0);
  const data = new Float32Array(channels * frames * plane);
  let start = 0;
  for (const part of parts) {
    const length = part.size.frames * plane;
    for (let c = 0; c < channels; c++) {
      data.set(part.data.subarray(c * length, (c + 1) * length), (c * frames + start) * plane);
    }
    start += part.size.frames;
  }
  return { data, channels, size: { ...size, frames } };
}

/** A tile of a picture: its rows and columns, and what it has a part in of the output made from it. */
export interface TilePlace {
  readonly rows: AxisTile;
  readonly columns: AxisTile;
  /** Weights of the output's rows and columns. */
  readonly rowWeights: Float32Array;
  readonly columnWeights: Float32Array;
}

/** The tiles of a pass over a volume of `size`: pixels of the encoder's video, or cells of the decoder's features. */
export function tilePlaces(
  { tileHalo, spatialFactor }: VaeSpec,
  size: VideoSize,
  isEncoder: boolean,
  pass: TiledPass,
): readonly TilePlace[] {
  const halo = tileHalo ?? 0;
  // Cells are counted, so that every tile begins on one; the encoder takes pixels and gives cells.
  const inputPerCell = isEncoder ? spatialFactor : 1;
  const outputPerCell = isEncoder ? 1 : spatialFactor;
  const axis = (length: number, tilePx: number) => {
    const cells = length / inputPerCell;
    const counts = Array.from({ length: mostTiles(cells, halo) }, (_, i) => i + 1);
    const count = counts.find((n) => tileLength(cells, n, halo) === tilePx / spatialFactor);
    if (count === undefined) throw new RangeError(`no tiles of ${tilePx} pixels in ${cells} cells`);
    const tiles = axisTiles(cells, count, halo);
    const weights = tileWeights(tiles, halo, outputPerCell);
    return tiles.map(({ start, end }, i) => ({
      tile: { start: start * inputPerCell, end: end * inputPerCell },
      weights: weights[i],
    }));
  };
  const columns = axis(size.width, pass.tileWidth);
  return axis(size.height, pass.tileHeight).flatMap((row) =>
    columns.map((column) => ({
      rows: row.tile,
      columns: column.tile,
      rowWeights: row.weights,
      columnWeights: column.weights,
    })),
  );
}

/** The part of a volume that a tile covers. */
export function cutPlace({ data, channels, size }: Volume, { rows, columns }: TilePlace): Volume {
  const height = rows.end - rows.start;
  const width = columns.end - columns.start;
  const part = new Float32Array(channels * size.frames * height * width);
  for (let plane = 0; plane < channels * size.frames; plane++) {
    for (let y = 0; y < height; y++) {
      const from = (plane * size.height + rows.start + y) * size.width + columns.start;
      part.set(data.subarray(from, from + width), (plane * height + y) * width);
    }
  }
  return { data: part, channels, size: { frames: size.frames, height, width } };
}

/** Puts the outputs of tiles together. */
export interface TileJoiner {
  readonly result: Volume;
  add(output: Volume, place: TilePlace): void;
}

/** For a picture of `source`'s size; `scale`: places of the output for one of the source. */
export function createJoiner({ channels, size }: Volume, source: VideoSize, scale: number): TileJoiner {
  const whole = { frames: size.frames, height: source.height * scale, width: source.width * scale };
  const data = new Float32Array(channels * whole.frames * whole.height * whole.width);
  return {
    result: { data, channels, size: whole },
    add(output, { rows, columns, rowWeights, columnWeights }) {
      const { height, width } = output.size;
      const top = rows.start * scale;
      const left = columns.start * scale;
      for (let plane = 0; plane < channels * whole.frames; plane++) {
        for (let y = 0; y < height; y++) {
          const rowWeight = rowWeights[y];
          if (rowWeight === 0) continue;
          const from = (plane * height + y) * width;
          const to = (plane * whole.height + top + y) * whole.width + left;
          for (let x = 0; x < width; x++)
            data[to + x] += rowWeight * columnWeights[x] * output.data[from + x];
        }
      }
    },
  };
}
