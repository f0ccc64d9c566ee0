import type { Alignment } from './align.ts';
import { isIdentity } from './homography.ts';
import { chromaSize, sampleCubic, type PictureLayout, type PicturePlanes } from './picture.ts';

/** A candidate that fits around the hole. */
export interface AlignedCandidate {
  readonly planes: PicturePlanes;
  /** [height, width]; non-zero = not to be used. */
  readonly blocked: Uint8Array;
  readonly alignment: Alignment;
  /** How far its samples count, 0…1. */
  readonly trust: number;
}

/** Luma pixels under one chroma sample. */
export function cellLuma(layout: PictureLayout): { columns: number; rows: number; dims: number } {
  const columns = 1 << layout.chromaShiftX;
  const rows = 1 << layout.chromaShiftY;
  return { columns, rows, dims: columns * rows + 2 };
}

/**
 * The values that one candidate shows at a cell of the target: its luma pixels row by row, then Cb and Cr,
 * exposure corrected. Where nothing moved they are copies, not interpolations.
 *
 * @param cell Index of the cell in the chroma plane of the target.
 * @param samples Written from `offset` on.
 * @returns False where the candidate does not show the whole cell.
 */
export function gatherSample(
  { planes, blocked, alignment }: AlignedCandidate,
  cell: number,
  layout: PictureLayout,
  samples: Float32Array,
  offset: number,
): boolean {
  const { width, height } = layout;
  const chroma = chromaSize(layout);
  const { columns, rows } = cellLuma(layout);
  const cellX = cell % chroma.width;
  const cellY = (cell - cellX) / chroma.width;
  const { motion, gain, bias } = alignment;

  if (isIdentity(motion)) {
    let at = offset;
    for (let row = 0; row < rows; row++) {
      const y = Math.min(cellY * rows + row, height - 1);
      for (let column = 0; column < columns; column++) {
        const pixel = y * width + Math.min(cellX * columns + column, width - 1);
        if (blocked[pixel] !== 0) return false;
        samples[at++] = gain * planes[0][pixel] + bias[0];
      }
    }
    samples[at] = planes[1][cell] + bias[1];
    samples[at + 1] = planes[2][cell] + bias[2];
    return true;
  }

  let at = offset;
  for (let row = 0; row < rows; row++) {
    const y = Math.min(cellY * rows + row, height - 1);
    for (let column = 0; column < columns; column++) {
      const x = Math.min(cellX * columns + column, width - 1);
      const w = motion[6] * x + motion[7] * y + motion[8];
      const u = (motion[0] * x + motion[1] * y + motion[2]) / w;
      const v = (motion[3] * x + motion[4] * y + motion[5]) / w;
      if (!(w > 0 && u >= 0 && v >= 0 && u <= width - 1 && v <= height - 1)) return false;
      if (blocked[Math.round(v) * width + Math.round(u)] !== 0) return false;
      samples[at++] = gain * sampleCubic(planes[0], width, height, u, v) + bias[0];
    }
  }
  // The chroma sample stands for the middle of its luma pixels.
  const x = cellX * columns + (columns - 1) / 2;
  const y = cellY * rows + (rows - 1) / 2;
  const w = motion[6] * x + motion[7] * y + motion[8];
  const u = ((motion[0] * x + motion[1] * y + motion[2]) / w - (columns - 1) / 2) / columns;
  const v = ((motion[3] * x + motion[4] * y + motion[5]) / w - (rows - 1) / 2) / rows;
  samples[at] = sampleCubic(planes[1], chroma.width, chroma.height, u, v) + bias[1];
  samples[at + 1] = sampleCubic(planes[2], chroma.width, chroma.height, u, v) + bias[2];
  return true;
}
