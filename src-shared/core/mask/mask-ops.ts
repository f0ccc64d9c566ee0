import type { Rect } from '../plan/index.ts';
import { distanceWithin } from './distance.ts';

/** The smallest rectangle that holds every pixel of the mask [height, width]; null where it is empty. */
export function boundingBox(mask: Uint8Array, width: number, height: number): Rect | null {
  let left = width;
  let right = -1;
  let top = -1;
  let bottom = -1;
  for (let y = 0; y < height; y++) {
    const row = mask.subarray(y * width, (y + 1) * width);
    let first = 0;
    while (first < width && row[first] === 0) first++;
    if (first === width) continue;
    let last = width - 1;
    while (row[last] === 0) last--;
    left = Math.min(left, first);
    right = Math.max(right, last);
    if (top < 0) top = y;
    bottom = y;
  }
  return bottom < 0 ? null : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/**
 * Every pixel within `radiusPx` of the mask [height, width], as 0 or 255: a disk of that radius. Each run of masked
 * pixels in a row grows into the rows around it: the time goes with runs × radius, so it is short for what is drawn.
 */
export function dilate(mask: Uint8Array, width: number, height: number, radiusPx: number): Uint8Array {
  const reach = Math.floor(radiusPx);
  // How far a pixel reaches to both sides in the row `rows` away from its own.
  const sides = Array.from({ length: reach + 1 }, (_, rows) =>
    Math.floor(Math.sqrt(radiusPx * radiusPx - rows * rows)),
  );
  const grown = new Uint8Array(mask.length);
  for (let y = 0; y < height; y++) {
    const line = y * width;
    let x = 0;
    for (;;) {
      while (x < width && mask[line + x] === 0) x++;
      if (x === width) break;
      const start = x;
      while (x < width && mask[line + x] !== 0) x++;
      for (let row = Math.max(0, y - reach); row <= Math.min(height - 1, y + reach); row++) {
        const side = sides[Math.abs(row - y)];
        grown.fill(255, row * width + Math.max(0, start - side), row * width + Math.min(width, x + side));
      }
    }
  }
  return grown;
}

/** The edge of a hole is blended over this many pixels where nobody says otherwise, inside the mask only. */
export const usualFeatherPx = 4;

/**
 * Blending weights of the part `region` (inside the picture) of a hole: float32 [region.height, region.width].
 * 0 outside the mask [height, width]; inside, rising smoothly from its border to 1 at `featherPx` + 1 pixels from
 * it. The border is that of the whole mask; neither the region's edge nor the picture's is one.
 */
export function featherWeights(
  mask: Uint8Array,
  size: { readonly width: number; readonly height: number },
  region: Rect,
  featherPx: number,
): Float32Array {
  // What lies further from the region than the ramp is long has no say in it.
  const wide = grow(region, featherPx + 1, size);
  const outside = new Uint8Array(wide.width * wide.height);
  for (let y = 0; y < wide.height; y++) {
    const line = (wide.y + y) * size.width + wide.x;
    for (let x = 0; x < wide.width; x++) outside[y * wide.width + x] = mask[line + x] === 0 ? 1 : 0;
  }
  const distances = distanceWithin(outside, wide.width, wide.height, featherPx + 1);
  const weights = new Float32Array(region.width * region.height);
  for (let y = 0; y < region.height; y++) {
    const line = (region.y - wide.y + y) * wide.width + region.x - wide.x;
    for (let x = 0; x < region.width; x++) {
      // Smoothstep. The outermost masked pixel is 1 away from the border and has the first share of the ramp.
      const share = distances[line + x] / (featherPx + 1);
      weights[y * region.width + x] = share * share * (3 - 2 * share);
    }
  }
  return weights;
}

function grow(region: Rect, by: number, size: { readonly width: number; readonly height: number }): Rect {
  const x = Math.max(0, region.x - by);
  const y = Math.max(0, region.y - by);
  return {
    x,
    y,
    width: Math.min(size.width, region.x + region.width + by) - x,
    height: Math.min(size.height, region.y + region.height + by) - y,
  };
}
