import type { Rect } from '../plan/index.ts';
import { distanceWithin } from './distance.ts';

/** The bytes of a mask four at a time, from the byte `lead` on; the last few are left over. */
function wordsOf(mask: Uint8Array): { lead: number; words: Uint32Array } {
  const lead = Math.min(mask.length, (4 - (mask.byteOffset % 4)) % 4);
  const words =
    lead === mask.length
      ? new Uint32Array()
      : new Uint32Array(mask.buffer, mask.byteOffset + lead, (mask.length - lead) >> 2);
  return { lead, words };
}

/** Index of the first and of the last byte that is not 0; null where all are. */
function endsOf(mask: Uint8Array): { first: number; last: number } | null {
  const { lead, words } = wordsOf(mask);
  let first = 0;
  while (first < lead && mask[first] === 0) first++;
  if (first === lead) {
    let word = 0;
    while (word < words.length && words[word] === 0) word++;
    first += 4 * word;
    while (first < mask.length && mask[first] === 0) first++;
  }
  if (first === mask.length) return null;
  let last = mask.length - 1;
  while (last >= lead + 4 * words.length && mask[last] === 0) last--;
  if (last < lead + 4 * words.length) {
    let word = words.length - 1;
    while (word >= 0 && words[word] === 0) word--;
    last = Math.min(last, lead + 4 * word + 3);
    while (mask[last] === 0) last--;
  }
  return { first, last };
}

/** The smallest rectangle that holds every pixel of the mask [height, width]; null where it is empty. */
export function boundingBox(mask: Uint8Array, width: number): Rect | null {
  const ends = endsOf(mask);
  if (ends === null) return null;
  const top = Math.floor(ends.first / width);
  const bottom = Math.floor(ends.last / width);
  let left = ends.first % width;
  let right = left;
  for (let line = top * width; line <= bottom * width; line += width) {
    // Only what would make the box wider is looked at.
    for (let x = 0; x < left; x++) if (mask[line + x] !== 0) left = x;
    for (let x = width - 1; x > right; x--) if (mask[line + x] !== 0) right = x;
  }
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/**
 * Every pixel within `radiusPx` of the mask [height, width], as 0 or 255: a disk of that radius. Each run of masked
 * pixels in a row grows into the rows around it: the time goes with runs × radius, so it is short for what is drawn.
 */
export function dilate(mask: Uint8Array, width: number, height: number, radiusPx: number): Uint8Array {
  const sides = Array.from({ length: Math.floor(radiusPx) + 1 }, (_, rows) =>
    Math.floor(Math.sqrt(radiusPx * radiusPx - rows * rows)),
  );
  return dilateRuns(mask, width, height, sides);
}

/**
 * Dilation by a shape that is the same above and below: `sides[rows]` is how far a pixel reaches to both sides in the
 * row `rows` away from its own. A new mask [height, width] of 0 and 255.
 */
export function dilateRuns(
  mask: Uint8Array,
  width: number,
  height: number,
  sides: readonly number[],
): Uint8Array<ArrayBuffer> {
  const reach = sides.length - 1;
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

/**
 * The largest value within `radiusPx` of each pixel of a picture [height, width], 0…255: grey dilation by a disk, equal
 * to `dilate` where all values are 0 or 255. What is full is grown as that does it; each run of greys in a row then
 * grows into the rows around it, so that the time goes with the greys × radius.
 */
export function dilateGrey(mask: Uint8Array, width: number, height: number, radiusPx: number): Uint8Array {
  const full = new Uint8Array(mask.length);
  for (let i = 0; i < mask.length; i++) if (mask[i] === 255) full[i] = 255;
  const grown = dilate(full, width, height, radiusPx);
  const reach = Math.floor(radiusPx);
  const sides = Array.from({ length: reach + 1 }, (_, rows) =>
    Math.floor(Math.sqrt(radiusPx * radiusPx - rows * rows)),
  );
  // Of the current row: largest[k][x] is the largest of the 2^k values from x on.
  const largest = [new Uint8Array(width)];
  for (let size = 2; size <= Math.min(width, 2 * reach + 1); size *= 2) largest.push(new Uint8Array(width));
  for (let y = 0; y < height; y++) {
    const line = y * width;
    for (let x = 0; x < width; x++) {
      if (mask[line + x] === 0 || mask[line + x] === 255) continue;
      const start = x;
      while (x < width && mask[line + x] !== 0 && mask[line + x] !== 255) x++;
      const end = x;
      largest[0].set(mask.subarray(line + start, line + end), start);
      for (let k = 1; k < largest.length; k++) {
        const [half, row] = [largest[k - 1], largest[k]];
        const step = 1 << (k - 1);
        for (let at = start; at + 2 * step <= end; at++) row[at] = Math.max(half[at], half[at + step]);
      }
      for (let row = Math.max(0, y - reach); row <= Math.min(height - 1, y + reach); row++) {
        const side = sides[Math.abs(row - y)];
        const last = Math.min(width, end + side);
        for (let at = Math.max(0, start - side); at < last; at++) {
          if (grown[row * width + at] === 255) continue;
          // The part of the run that is within reach: two pieces of 2^k that may overlap.
          const from = Math.max(start, at - side);
          const to = Math.min(end, at + side + 1);
          const k = 31 - Math.clz32(to - from);
          const value = Math.max(largest[k][from], largest[k][to - (1 << k)]);
          if (value > grown[row * width + at]) grown[row * width + at] = value;
        }
      }
    }
  }
  return grown;
}

/** Whether a mask has values other than 0 and 255. Loops, over words: every frame of every pass is asked. */
export function hasGreys(mask: Uint8Array): boolean {
  const { lead, words } = wordsOf(mask);
  const isGreyWithin = (from: number, to: number): boolean => {
    for (let i = from; i < to; i++) if (mask[i] !== 0 && mask[i] !== 255) return true;
    return false;
  };
  if (isGreyWithin(0, lead)) return true;
  for (let word = 0; word < words.length; word++) {
    if (words[word] === 0 || words[word] === 0xffffffff) continue;
    if (isGreyWithin(lead + 4 * word, lead + 4 * word + 4)) return true;
  }
  return isGreyWithin(lead + 4 * words.length, mask.length);
}

/** Every pixel that a mask covers at all, as 255: what has to be filled. The mask itself where it has no greys. */
export function coveredRegion(coverage: Uint8Array): Uint8Array {
  if (!hasGreys(coverage)) return coverage;
  const region = new Uint8Array(coverage.length);
  for (let i = 0; i < region.length; i++) if (coverage[i] !== 0) region[i] = 255;
  return region;
}

/** The edge of a hole is blended over this many pixels where nobody says otherwise, inside the mask only. */
export const usualFeatherPx = 4;

/**
 * Blending weights of the part `region` (inside the picture) of a hole: float32 [region.height, region.width].
 * 0 outside the mask [height, width]; inside, its coverage (0…255 as 0…1) times a ramp that rises smoothly from the
 * border of all that is covered to 1 at `featherPx` + 1 pixels from it. The border is that of the whole mask; neither
 * the region's edge nor the picture's is one.
 */
export function featherWeights(
  mask: Uint8Array,
  size: { readonly width: number; readonly height: number },
  region: Rect,
  featherPx: number,
): Float32Array {
  // What is further from the region than the ramp is long has no say in it.
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
      const ramp = share * share * (3 - 2 * share);
      weights[y * region.width + x] = ramp * (mask[(region.y + y) * size.width + region.x + x] / 255);
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
