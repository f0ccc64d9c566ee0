import type { PicturePlanes } from '../picture/index.ts';

export type { PicturePlanes };

/** One plane of a picture, [height, width]: Uint8Array for 8 bit, Uint16Array for 10 bit. */
export type Plane = PicturePlanes[number];

/** How planes are in memory; chroma planes are [ceil(height / 2^shiftY), ceil(width / 2^shiftX)]. */
export interface PlaneLayout {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: 8 | 10;
  readonly chromaShiftX: 0 | 1;
  readonly chromaShiftY: 0 | 1;
}

export function chromaSize(layout: PlaneLayout): { readonly width: number; readonly height: number } {
  return {
    width: (layout.width + layout.chromaShiftX) >> layout.chromaShiftX,
    height: (layout.height + layout.chromaShiftY) >> layout.chromaShiftY,
  };
}

/** Levels of this depth in one level of 8 bit: thresholds are given in 8-bit levels. */
export function levelUnit(layout: PlaneLayout): number {
  return 1 << (layout.bitDepth - 8);
}

/**
 * The value of a plane at (x, y) by Catmull-Rom cubic interpolation (Keys, "Cubic convolution interpolation",
 * 1981, a = -1/2), edges clamped. At whole numbers it is the pixel itself.
 */
export function sampleCubic(
  plane: Plane | Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const tx = x - column;
  const ty = y - row;
  const x0 = clampIndex(column - 1, width);
  const x1 = clampIndex(column, width);
  const x2 = clampIndex(column + 1, width);
  const x3 = clampIndex(column + 2, width);
  const a = tx * (-0.5 + tx * (1 - 0.5 * tx));
  const b = 1 + tx * tx * (-2.5 + 1.5 * tx);
  const c = tx * (0.5 + tx * (2 - 1.5 * tx));
  const d = tx * tx * (-0.5 + 0.5 * tx);
  const r0 = clampIndex(row - 1, height) * width;
  const r1 = clampIndex(row, height) * width;
  const r2 = clampIndex(row + 1, height) * width;
  const r3 = clampIndex(row + 2, height) * width;
  const v0 = a * plane[r0 + x0] + b * plane[r0 + x1] + c * plane[r0 + x2] + d * plane[r0 + x3];
  const v1 = a * plane[r1 + x0] + b * plane[r1 + x1] + c * plane[r1 + x2] + d * plane[r1 + x3];
  const v2 = a * plane[r2 + x0] + b * plane[r2 + x1] + c * plane[r2 + x2] + d * plane[r2 + x3];
  const v3 = a * plane[r3 + x0] + b * plane[r3 + x1] + c * plane[r3 + x2] + d * plane[r3 + x3];
  return (
    ty * (-0.5 + ty * (1 - 0.5 * ty)) * v0 +
    (1 + ty * ty * (-2.5 + 1.5 * ty)) * v1 +
    ty * (0.5 + ty * (2 - 1.5 * ty)) * v2 +
    ty * ty * (-0.5 + 0.5 * ty) * v3
  );
}

/** The value of a plane at (x, y) by bilinear interpolation, edges clamped. */
export function sampleLinear(
  plane: Plane | Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const tx = x - column;
  const ty = y - row;
  const x0 = clampIndex(column, width);
  const x1 = clampIndex(column + 1, width);
  const r0 = clampIndex(row, height) * width;
  const r1 = clampIndex(row + 1, height) * width;
  const above = plane[r0 + x0] + tx * (plane[r0 + x1] - plane[r0 + x0]);
  const below = plane[r1 + x0] + tx * (plane[r1 + x1] - plane[r1 + x0]);
  return above + ty * (below - above);
}

function clampIndex(value: number, length: number): number {
  return value < 0 ? 0 : value >= length ? length - 1 : value;
}

/** A luma plane averaged over blocks of `factor` × `factor`, as 8 bit; what does not fill a block is left out. */
export function reduceLuma(luma: Plane, layout: PlaneLayout, factor: number): Uint8Array {
  if (factor === 1 && luma instanceof Uint8Array) return luma;
  const width = Math.floor(layout.width / factor);
  const height = Math.floor(layout.height / factor);
  const reduced = new Uint8Array(width * height);
  const unit = levelUnit(layout) * factor * factor;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let row = y * factor; row < (y + 1) * factor; row++) {
        const start = row * layout.width + x * factor;
        for (let at = start; at < start + factor; at++) sum += luma[at];
      }
      reduced[y * width + x] = Math.min(255, Math.round(sum / unit));
    }
  }
  return reduced;
}
