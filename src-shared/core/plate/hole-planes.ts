import { pushPullFill } from '../fill/index.ts';
import { maskBounds, maskRegions, paddedBounds, type Bounds } from './morphology.ts';
import { chromaSize, type PlaneLayout, type PicturePlanes, type Plane } from './planes.ts';

/** Least surroundings that take part in filling a part of a hole, in pixels; larger parts take their own size. */
const leastMarginPx = 12;

/**
 * Writes `source` into `planes` where `where` is not 0. A chroma sample is written with any of its luma pixels, but
 * only if all of them are in the mask: the picture outside keeps its colour exactly.
 *
 * @param mask [height, width], `where` [height, width]: a part of the mask.
 */
export function writeHole(
  planes: PicturePlanes,
  source: PicturePlanes,
  mask: Uint8Array,
  where: Uint8Array,
  layout: PlaneLayout,
): void {
  for (let pixel = 0; pixel < where.length; pixel++)
    if (where[pixel] !== 0) planes[0][pixel] = source[0][pixel];
  const touched = touchedCells(where, layout);
  for (let cell = 0; cell < touched.length; cell++) {
    if (touched[cell] === 0 || !cellInside(cell, mask, layout)) continue;
    planes[1][cell] = source[1][cell];
    planes[2][cell] = source[2][cell];
  }
}

/**
 * Fills `where` from what surrounds it by the push-pull fill, part by part, in place; chroma as in `writeHole`.
 *
 * @param unknown [height, width]; non-zero = must not be taken from; includes `where`.
 */
export function fillFromNeighbours(
  planes: PicturePlanes,
  mask: Uint8Array,
  where: Uint8Array,
  unknown: Uint8Array,
  layout: PlaneLayout,
): void {
  const regions = maskRegions(where, layout.width, layout.height);
  if (regions.length === 0) return;
  const filled: PicturePlanes = [planes[0].slice(), planes[1].slice(), planes[2].slice()];
  const unknownCells = touchedCells(unknown, layout);
  const chroma = chromaSize(layout);
  for (const region of regions) {
    fillBounds(filled[0], unknown, layout.width, layout.height, region, layout.bitDepth);
    const cells = {
      left: region.left >> layout.chromaShiftX,
      top: region.top >> layout.chromaShiftY,
      right: (region.right + layout.chromaShiftX) >> layout.chromaShiftX,
      bottom: (region.bottom + layout.chromaShiftY) >> layout.chromaShiftY,
    };
    fillBounds(filled[1], unknownCells, chroma.width, chroma.height, cells, layout.bitDepth);
    fillBounds(filled[2], unknownCells, chroma.width, chroma.height, cells, layout.bitDepth);
  }
  writeHole(planes, filled, mask, where, layout);
}

/** Push-pull fill of the hole within bounds, in place, from the bounds' surroundings; mid-grey if nothing is known. */
function fillBounds(
  plane: Plane,
  hole: Uint8Array,
  planeWidth: number,
  planeHeight: number,
  bounds: Bounds,
  bitDepth: number,
): void {
  const margin = Math.max(leastMarginPx, bounds.right - bounds.left, bounds.bottom - bounds.top);
  const { left, top, right, bottom } = paddedBounds(bounds, margin, planeWidth, planeHeight);
  const [width, height] = [right - left, bottom - top];
  const crop = new Float32Array(width * height);
  const mask = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * planeWidth + left;
    crop.set(plane.subarray(from, from + width), y * width);
    mask.set(hole.subarray(from, from + width), y * width);
  }
  const known = mask.includes(0);
  const filled = pushPullFill(crop, mask, { channels: 1, height, width });
  for (let y = bounds.top; y < bounds.bottom; y++) {
    for (let x = bounds.left; x < bounds.right; x++) {
      if (hole[y * planeWidth + x] === 0) continue;
      const value = known ? Math.round(filled[(y - top) * width + x - left]) : 1 << (bitDepth - 1);
      plane[y * planeWidth + x] = value;
    }
  }
}

/** 255 for every chroma sample of whose luma pixels at least one is not 0. */
function touchedCells(mask: Uint8Array, layout: PlaneLayout): Uint8Array {
  const { width, chromaShiftX, chromaShiftY } = layout;
  const chroma = chromaSize(layout);
  const cells = new Uint8Array(chroma.width * chroma.height);
  const { left, top, right, bottom } = maskBounds(mask, width);
  for (let y = top; y < bottom; y++) {
    const row = (y >> chromaShiftY) * chroma.width;
    for (let x = left; x < right; x++) if (mask[y * width + x] !== 0) cells[row + (x >> chromaShiftX)] = 255;
  }
  return cells;
}

/** True where all luma pixels of a chroma sample are in the mask. */
function cellInside(cell: number, mask: Uint8Array, layout: PlaneLayout): boolean {
  const { width, height, chromaShiftX, chromaShiftY } = layout;
  const stride = chromaSize(layout).width;
  const left = (cell % stride) << chromaShiftX;
  const top = Math.floor(cell / stride) << chromaShiftY;
  for (let y = top; y < Math.min(height, top + (1 << chromaShiftY)); y++) {
    for (let x = left; x < Math.min(width, left + (1 << chromaShiftX)); x++) {
      if (mask[y * width + x] === 0) return false;
    }
  }
  return true;
}
