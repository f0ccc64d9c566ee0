import { squaredDistance } from './distance.ts';

/** A rectangle in whole pixels. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The smallest box that holds every pixel of the mask [height, width]; null where it is empty. */
export function boundingBox(mask: Uint8Array, width: number, height: number): Box | null {
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

/** Every pixel within `radiusPx` of the mask [height, width], as 0 or 255: a disk of that radius. */
export function dilate(mask: Uint8Array, width: number, height: number, radiusPx: number): Uint8Array {
  const squared = squaredDistance(mask, width, height);
  return Uint8Array.from(squared, (value) => (value <= radiusPx * radiusPx ? 255 : 0));
}

/**
 * Blending weights of a hole [height, width]: 0 outside the mask; inside, rising smoothly from its border to 1
 * at `featherPx` pixels from it. The picture's own edge is no border. float32.
 */
export function featherWeights(
  mask: Uint8Array,
  width: number,
  height: number,
  featherPx: number,
): Float32Array {
  const outside = Uint8Array.from(mask, (value) => (value === 0 ? 1 : 0));
  const squared = squaredDistance(outside, width, height);
  const weights = new Float32Array(mask.length);
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    // The first masked pixel is 1 away from the border pixel: it has the first share of the ramp.
    const share = Math.min(1, Math.sqrt(squared[i]) / (featherPx + 1));
    weights[i] = share * share * (3 - 2 * share);
  }
  return weights;
}
