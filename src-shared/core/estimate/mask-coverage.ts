import type { Rect } from '../plan/index.ts';

/** Squares of the clip's picture, row by row from its upper left corner; those at the right and below may be cut. */
export interface CoverageGrid {
  readonly cellPx: number;
  readonly columns: number;
  readonly rows: number;
}

/** The cells of one frame that hold a masked pixel. */
export interface FrameCoverage {
  /** Smallest rectangle around the masked pixels, in pixels. */
  readonly box: Rect;
  /** The cells under the box, as a rectangle of the grid. */
  readonly cells: Rect;
  /** One bit a cell of `cells`, row by row, lowest bit first: 1 = any masked pixel. */
  readonly bits: Uint8Array;
}

/**
 * Where a mask is, frame by frame, coarsely: a hundredth of its size, and enough to count tokens without decoding it
 * again. Valid for one mask on one clip.
 */
export interface MaskCoverage {
  readonly grid: CoverageGrid;
  /** null where the frame has no hole. Frames with the same hole may share one object. */
  readonly frames: readonly (FrameCoverage | null)[];
}

/** Cells are 8 pixels; larger where more than this many would be needed in a row or column. */
const mostCells = 256;

export function coverageGrid({ width, height }: { width: number; height: number }): CoverageGrid {
  const cellPx = 8 * Math.ceil(Math.max(width, height) / (8 * mostCells));
  return { cellPx, columns: Math.ceil(width / cellPx), rows: Math.ceil(height / cellPx) };
}

/**
 * The coverage of one frame. `box` is the bounding box of `mask` [height, width], 0 or 255; `before` the frame before
 * it, which is returned where nothing has changed, so that a mask that does not move takes no memory.
 */
export function coverFrame(
  mask: Uint8Array,
  width: number,
  grid: CoverageGrid,
  box: Rect | null,
  before: FrameCoverage | null = null,
): FrameCoverage | null {
  if (box === null) return null;
  const { cellPx } = grid;
  const x = Math.floor(box.x / cellPx);
  const y = Math.floor(box.y / cellPx);
  const cells = {
    x,
    y,
    width: Math.ceil((box.x + box.width) / cellPx) - x,
    height: Math.ceil((box.y + box.height) / cellPx) - y,
  };
  const bits = new Uint8Array(Math.ceil((cells.width * cells.height) / 8));
  const [right, bottom] = [box.x + box.width, box.y + box.height];
  for (let py = box.y; py < bottom; py++) {
    const row = (Math.floor(py / cellPx) - y) * cells.width;
    for (let column = 0; column < cells.width; column++) {
      const cell = row + column;
      // One pixel is enough: most cells are known after their first row.
      if ((bits[cell >> 3] & (1 << (cell & 7))) !== 0) continue;
      const end = py * width + Math.min(right, (x + column + 1) * cellPx);
      let at = py * width + Math.max(box.x, (x + column) * cellPx);
      while (at < end && mask[at] === 0) at++;
      if (at < end) bits[cell >> 3] |= 1 << (cell & 7);
    }
  }
  const covered = { box, cells, bits };
  return before !== null && sameCoverage(before, covered) ? before : covered;
}

/** Whether two frames cover the same cells within the same box. */
export function sameCoverage(a: FrameCoverage, b: FrameCoverage): boolean {
  const same = (one: Rect, other: Rect): boolean =>
    one.x === other.x && one.y === other.y && one.width === other.width && one.height === other.height;
  return same(a.box, b.box) && same(a.cells, b.cells) && a.bits.every((byte, i) => byte === b.bits[i]);
}

/** Calls `visit` with the grid column and row of every covered cell, row by row. */
export function forEachCell(
  { cells, bits }: FrameCoverage,
  visit: (column: number, row: number) => void,
): void {
  for (let i = 0; i < cells.width * cells.height; i++) {
    if ((bits[i >> 3] & (1 << (i & 7))) === 0) continue;
    visit(cells.x + (i % cells.width), cells.y + Math.floor(i / cells.width));
  }
}

/** How many cells a frame covers. */
export function coveredCells({ bits }: FrameCoverage): number {
  let count = 0;
  for (let byte of bits) for (; byte !== 0; byte &= byte - 1) count++;
  return count;
}
