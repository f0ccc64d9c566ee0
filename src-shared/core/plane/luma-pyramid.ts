/** Brightness [height, width] in 8-bit levels. */
export interface LumaLevel {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/** A picture, and the same halved again and again; level k has pixels of 2^k × 2^k. */
export type LumaPyramid = readonly LumaLevel[];

/** Levels stop where a side would fall below this, in pixels. */
const leastSide = 16;

export function lumaPyramid(luma: Uint8Array, width: number, height: number, most: number): LumaPyramid {
  const levels: LumaLevel[] = [smoothed({ width, height, values: Float32Array.from(luma) })];
  while (levels.length < most) {
    const above = levels[levels.length - 1];
    if (Math.min(above.width, above.height) < 2 * leastSide) break;
    levels.push(halved(above));
  }
  return levels;
}

/** By 1-2-1 along both axes: slopes of single pixels are mostly noise. */
function smoothed({ width, height, values }: LumaLevel): LumaLevel {
  const across = new Float32Array(values.length);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      const left = values[row + Math.max(0, x - 1)];
      const right = values[row + Math.min(width - 1, x + 1)];
      across[row + x] = (left + 2 * values[row + x] + right) / 4;
    }
  }
  const both = new Float32Array(values.length);
  for (let y = 0; y < height; y++) {
    const [above, row, below] = [Math.max(0, y - 1), y, Math.min(height - 1, y + 1)].map((at) => at * width);
    for (let x = 0; x < width; x++)
      both[row + x] = (across[above + x] + 2 * across[row + x] + across[below + x]) / 4;
  }
  return { width, height, values: both };
}

function halved({ width, height, values }: LumaLevel): LumaLevel {
  const [columns, rows] = [width >> 1, height >> 1];
  const half = new Float32Array(columns * rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const at = 2 * y * width + 2 * x;
      half[y * columns + x] = (values[at] + values[at + 1] + values[at + width] + values[at + width + 1]) / 4;
    }
  }
  return { width: columns, height: rows, values: half };
}
