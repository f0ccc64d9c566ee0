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
export function growMask(
  mask: Uint8Array,
  width: number,
  height: number,
  radius: number,
): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(mask.length);
  // Columns first, all side by side: `columnReach` is the first row that the last non-zero value no longer touches.
  const columnReach = new Int32Array(width);
  for (let ahead = 0; ahead < height + radius; ahead++) {
    if (ahead < height) {
      for (let x = 0, at = ahead * width; x < width; x++, at++)
        if (mask[at] !== 0) columnReach[x] = ahead + radius + 1;
    }
    const y = ahead - radius;
    if (y < 0) continue;
    for (let x = 0, at = y * width; x < width; x++, at++) if (y < columnReach[x]) grown[at] = 255;
  }
  const line = new Uint8Array(width);
  for (let y = 0; y < height; y++) {
    const row = grown.subarray(y * width, (y + 1) * width);
    line.set(row);
    let reach = 0;
    for (let ahead = 0; ahead < width + radius; ahead++) {
      if (ahead < width && line[ahead] !== 0) reach = ahead + radius + 1;
      if (ahead >= radius && ahead - radius < reach) row[ahead - radius] = 255;
    }
  }
  return grown;
}

/** Takes `radius` pixels off the border of the non-zero part; the picture's own border does not count as border. */
export function shrinkMask(
  mask: Uint8Array,
  width: number,
  height: number,
  radius: number,
): Uint8Array<ArrayBuffer> {
  return inverted(growMask(inverted(mask), width, height, radius));
}

function inverted(mask: Uint8Array): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(mask.length);
  for (let pixel = 0; pixel < mask.length; pixel++) if (mask[pixel] === 0) result[pixel] = 255;
  return result;
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

function floodRegion(
  mask: Uint8Array,
  seen: Uint8Array,
  width: number,
  height: number,
  first: number,
): Region {
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
