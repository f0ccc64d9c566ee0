/** A connected part of a mask. */
export interface Region {
  readonly pixels: Int32Array;
  /** Bounds, the last two exclusive. */
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/**
 * Grows the non-zero part of a mask by a square of (2·radius + 1) pixels a side.
 *
 * @param mask [height, width].
 * @returns A new mask of 0 and 255.
 */
export function growMask(mask: Uint8Array, width: number, height: number, radius: number): Uint8Array<ArrayBuffer> {
  const rows = new Uint8Array(mask.length);
  for (let y = 0; y < height; y++) growLine(mask, rows, y * width, 1, width, radius);
  const grown = new Uint8Array(mask.length);
  for (let x = 0; x < width; x++) growLine(rows, grown, x, width, height, radius);
  return grown;
}

function growLine(
  from: Uint8Array,
  to: Uint8Array,
  start: number,
  stride: number,
  length: number,
  radius: number,
): void {
  // `reach` is the first place that the last non-zero value seen does not touch any more.
  let reach = 0;
  for (let ahead = 0; ahead < length + radius; ahead++) {
    if (ahead < length && from[start + ahead * stride] !== 0) reach = ahead + radius + radius + 1;
    const at = ahead - radius;
    if (at >= 0 && at + radius < reach) to[start + at * stride] = 255;
  }
}

/** Takes `radius` pixels off the border of the non-zero part; the picture's own border does not count as border. */
export function shrinkMask(mask: Uint8Array, width: number, height: number, radius: number): Uint8Array<ArrayBuffer> {
  const outside = mask.map((value) => (value === 0 ? 255 : 0));
  return growMask(outside, width, height, radius).map((value) => (value === 0 ? 255 : 0));
}

/** The 8-connected parts of the non-zero part of a mask [height, width], in reading order of their first pixel. */
export function maskRegions(mask: Uint8Array, width: number, height: number): Region[] {
  const seen = new Uint8Array(mask.length);
  const regions: Region[] = [];
  for (let first = 0; first < mask.length; first++) {
    if (mask[first] === 0 || seen[first] !== 0) continue;
    regions.push(floodRegion(mask, seen, width, height, first));
  }
  return regions;
}

function floodRegion(mask: Uint8Array, seen: Uint8Array, width: number, height: number, first: number): Region {
  const pixels: number[] = [first];
  seen[first] = 1;
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let next = 0; next < pixels.length; next++) {
    const x = pixels[next] % width;
    const y = (pixels[next] - x) / width;
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + 1);
    for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
      for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
        const neighbour = row * width + column;
        if (mask[neighbour] === 0 || seen[neighbour] !== 0) continue;
        seen[neighbour] = 1;
        pixels.push(neighbour);
      }
    }
  }
  return { pixels: Int32Array.from(pixels), left, top, right, bottom };
}
