import type { RingFit } from './align.ts';
import { usableLevel, type PlateCandidate } from './candidate.ts';
import type { Exposure } from './exposure.ts';
import { chromaSize, sampleCubic, type PlaneLayout } from './planes.ts';

/** A candidate, and how it fits around the hole that is being filled. */
export interface FittedCandidate {
  readonly candidate: PlateCandidate;
  readonly exposure: Exposure;
  readonly fit: RingFit;
  /** Nothing moved between the two: samples are copies. */
  readonly still: boolean;
}

/** The luma pixels under one chroma sample, the unit that is filled at a time. */
export interface CellShape {
  readonly columns: number;
  readonly rows: number;
  /** Values of one cell: its luma pixels row by row, then Cb and Cr. */
  readonly dims: number;
}

export function cellShape(layout: PlaneLayout): CellShape {
  const columns = 1 << layout.chromaShiftX;
  const rows = 1 << layout.chromaShiftY;
  return { columns, rows, dims: columns * rows + 2 };
}

/**
 * The values that a candidate shows at one cell of the target, exposure corrected. Where nothing moved they are
 * copies, not interpolations.
 *
 * @param cellX Column of the cell in the target's chroma plane; `cellY` its row.
 * @param samples Written from `offset` on.
 * @returns The least `usableLevel` of the cell's pixels; `no` also where the candidate does not show them.
 */
export function gatherSample(
  { candidate, exposure, still }: FittedCandidate,
  cellX: number,
  cellY: number,
  shiftX: number,
  shiftY: number,
  layout: PlaneLayout,
  samples: Float32Array,
  offset: number,
): number {
  const { width, height } = layout;
  const { planes, usable, motion } = candidate;
  const { gain, chromaBias } = exposure;
  const columns = 1 << layout.chromaShiftX;
  const rows = 1 << layout.chromaShiftY;
  const chroma = chromaSize(layout);
  let level: number = usableLevel.yes;
  let at = offset;
  for (let row = 0; row < rows; row++) {
    const y = Math.min(cellY * rows + row, height - 1);
    for (let column = 0; column < columns; column++) {
      const x = Math.min(cellX * columns + column, width - 1);
      if (still) {
        const pixel = y * width + x;
        level = Math.min(level, usable[pixel]);
        samples[at++] = gain * planes[0][pixel];
      } else {
        const w = motion[6] * (x + shiftX) + motion[7] * (y + shiftY) + motion[8];
        const u = (motion[0] * (x + shiftX) + motion[1] * (y + shiftY) + motion[2]) / w;
        const v = (motion[3] * (x + shiftX) + motion[4] * (y + shiftY) + motion[5]) / w;
        if (!(w > 0 && u >= 0 && v >= 0 && u <= width - 1 && v <= height - 1)) return usableLevel.no;
        level = Math.min(level, usable[Math.round(v) * width + Math.round(u)]);
        if (level !== usableLevel.no) samples[at++] = gain * sampleCubic(planes[0], width, height, u, v);
      }
      if (level === usableLevel.no) return level;
    }
  }
  if (still) {
    const cell = cellY * chroma.width + cellX;
    samples[at] = planes[1][cell] + chromaBias[0];
    samples[at + 1] = planes[2][cell] + chromaBias[1];
    return level;
  }
  // The chroma sample stands for the middle of its luma pixels.
  const [midX, midY] = [(columns - 1) / 2, (rows - 1) / 2];
  const x = cellX * columns + midX + shiftX;
  const y = cellY * rows + midY + shiftY;
  const w = motion[6] * x + motion[7] * y + motion[8];
  const u = ((motion[0] * x + motion[1] * y + motion[2]) / w - midX) / columns;
  const v = ((motion[3] * x + motion[4] * y + motion[5]) / w - midY) / rows;
  samples[at] = sampleCubic(planes[1], chroma.width, chroma.height, u, v) + chromaBias[0];
  samples[at + 1] = sampleCubic(planes[2], chroma.width, chroma.height, u, v) + chromaBias[1];
  return level;
}
