import { fillFromNeighbours, writeHole } from './hole-planes.ts';
import {
  growMask,
  maskBounds,
  maskRegions,
  partOfMask,
  shrinkMask,
  type Bounds,
  type Region,
} from './morphology.ts';
import type { PlaneLayout, PicturePlanes } from './planes.ts';

/** A frame whose hole has been filled as far as other frames allow. */
export interface ComposedHole {
  /** Copies of the frame's planes; confident pixels of the hole replaced, all others as they were. */
  readonly planes: PicturePlanes;
  /** [height, width]; 255 = still to be generated, a part of the mask. */
  readonly residual: Uint8Array<ArrayBuffer>;
  /** [height, width]; 0…255: 0 outside the mask and where nothing was found. */
  readonly confidence: Uint8Array<ArrayBuffer>;
}

/** From this confidence on a pixel is known. */
const confident = 128;
/** Rests that are thinner than twice this plus one, in pixels, are closed from their neighbours. */
const thinPx = 1;
/** Rests of fewer pixels than this are closed too, and known islands of fewer pixels inside rests are given up. */
const leastArea = 32;

/**
 * Decides what is known and what is left: confident pixels are taken over, specks of doubt among them are filled
 * from their neighbours, and specks of confidence inside a rest are dropped.
 *
 * @param found What the other frames show, valid where `confidence` is not 0.
 */
export function composeHole(
  target: PicturePlanes,
  found: PicturePlanes,
  mask: Uint8Array,
  confidence: Uint8Array,
  layout: PlaneLayout,
): ComposedHole {
  const { width, height } = layout;
  const bounds = maskBounds(mask, width);
  const inHole = (belongs: (pixel: number) => boolean) => partOfMask(mask, width, bounds, belongs);
  const unsure = inHole((pixel) => confidence[pixel] < confident);
  const residual = withoutSpecks(unsure, mask, bounds, width, height);
  const planes: PicturePlanes = [target[0].slice(), target[1].slice(), target[2].slice()];
  const known = inHole((pixel) => unsure[pixel] === 0 && residual[pixel] === 0);
  writeHole(planes, found, mask, known, layout);

  const specks = inHole((pixel) => unsure[pixel] !== 0 && residual[pixel] === 0);
  const unknown = inHole((pixel) => unsure[pixel] !== 0 || residual[pixel] !== 0);
  fillFromNeighbours(planes, mask, specks, unknown, layout);
  const composed = confidence.slice();
  for (let pixel = 0; pixel < composed.length; pixel++) {
    if (specks[pixel] !== 0) composed[pixel] = confident;
    else if (residual[pixel] !== 0) composed[pixel] = Math.min(composed[pixel], confident - 1);
  }
  return { planes, residual, confidence: composed };
}

/** Fills what is open by the push-pull fill: new planes, chroma as in `writeHole`. */
export function fillSmoothly(
  planes: PicturePlanes,
  mask: Uint8Array,
  open: Uint8Array,
  layout: PlaneLayout,
): PicturePlanes {
  const filled: PicturePlanes = [planes[0].slice(), planes[1].slice(), planes[2].slice()];
  fillFromNeighbours(filled, mask, open, open, layout);
  return filled;
}

/** `unsure` without its thin and small parts, and with the small known islands inside it. */
function withoutSpecks(
  unsure: Uint8Array,
  mask: Uint8Array,
  bounds: Bounds,
  width: number,
  height: number,
): Uint8Array<ArrayBuffer> {
  const core = growMask(shrinkMask(unsure, width, height, thinPx), width, height, thinPx);
  const opened = partOfMask(unsure, width, bounds, (pixel) => core[pixel] !== 0);
  for (const region of maskRegions(opened, width, height)) {
    if (region.pixels.length < leastArea) for (const pixel of region.pixels) opened[pixel] = 0;
  }
  const known = partOfMask(mask, width, bounds, (pixel) => opened[pixel] === 0);
  for (const region of maskRegions(known, width, height)) {
    if (region.pixels.length >= leastArea || touchesOutside(region, mask, width, height)) continue;
    for (const pixel of region.pixels) opened[pixel] = 255;
  }
  return opened;
}

/** True where a pixel next to the region belongs to the untouched picture. */
function touchesOutside({ pixels }: Region, mask: Uint8Array, width: number, height: number): boolean {
  return pixels.some((pixel) => {
    const x = pixel % width;
    return (
      (x > 0 && mask[pixel - 1] === 0) ||
      (x < width - 1 && mask[pixel + 1] === 0) ||
      (pixel >= width && mask[pixel - width] === 0) ||
      (pixel < width * (height - 1) && mask[pixel + width] === 0)
    );
  });
}
