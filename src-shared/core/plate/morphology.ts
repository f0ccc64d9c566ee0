import { boundingBox } from '../mask/index.ts';

/** A box in a picture, in pixels; `right` and `bottom` are exclusive. */
export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A connected part of a mask. */
export interface Region extends Bounds {
  /** Indices into [height, width]. */
  readonly pixels: Int32Array;
}

/** The smallest box around the non-zero part of a mask [height, width]; all 0 where there is none. */
export function maskBounds(mask: Uint8Array, width: number): Bounds {
  const box = boundingBox(mask, width);
  if (box === null) return { left: 0, top: 0, right: 0, bottom: 0 };
  return { left: box.x, top: box.y, right: box.x + box.width, bottom: box.y + box.height };
}

export function paddedBounds(bounds: Bounds, by: number, width: number, height: number): Bounds {
  return {
    left: Math.max(0, bounds.left - by),
    top: Math.max(0, bounds.top - by),
    right: Math.min(width, bounds.right + by),
    bottom: Math.min(height, bounds.bottom + by),
  };
}

/** The part of a mask that `belongs`: a new mask of 0 and 255. `bounds` hold all of the mask's non-zero pixels. */
export function partOfMask(
  mask: Uint8Array,
  width: number,
  bounds: Bounds,
  belongs: (pixel: number) => boolean,
): Uint8Array<ArrayBuffer> {
  const part = new Uint8Array(mask.length);
  for (let y = bounds.top; y < bounds.bottom; y++) {
    for (let x = bounds.left; x < bounds.right; x++) {
      const pixel = y * width + x;
      if (mask[pixel] !== 0 && belongs(pixel)) part[pixel] = 255;
    }
  }
  return part;
}

/**
 * Grows the non-zero part of a mask by a square of (2·radius + 1) pixels a side. The plate grows several masks for
 * every frame; a square costs a small part of what the exact disk of the mask module does.
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
  const box = maskBounds(mask, width);
  const { left, top, right, bottom } = paddedBounds(box, radius, width, height);
  // Columns first, all side by side: `reach` is the first row that the last non-zero value no longer touches.
  const reach = new Int32Array(width);
  for (let y = top; y < bottom; y++) {
    // Every row is looked at once, as soon as it can touch this one.
    for (let ahead = y === top ? top : y + radius; ahead <= Math.min(y + radius, height - 1); ahead++) {
      for (let x = box.left; x < box.right; x++) {
        if (mask[ahead * width + x] !== 0) reach[x] = ahead + radius + 1;
      }
    }
    for (let x = box.left; x < box.right; x++) if (y < reach[x]) grown[y * width + x] = 255;
  }
  const line = new Uint8Array(width);
  for (let y = top; y < bottom; y++) {
    const row = grown.subarray(y * width, (y + 1) * width);
    line.set(row);
    let end = 0;
    for (let ahead = left; ahead < right + radius; ahead++) {
      if (ahead < width && line[ahead] !== 0) end = ahead + radius + 1;
      if (ahead - radius >= left && ahead - radius < end) row[ahead - radius] = 255;
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
  const bounds = maskBounds(mask, width);
  const { left, top, right, bottom } = paddedBounds(bounds, radius, width, height);
  const [boxWidth, boxHeight] = [right - left, bottom - top];
  const outside = new Uint8Array(boxWidth * boxHeight);
  for (let at = 0; at < outside.length; at++) {
    const x = at % boxWidth;
    if (mask[(top + (at - x) / boxWidth) * width + left + x] === 0) outside[at] = 255;
  }
  const grown = growMask(outside, boxWidth, boxHeight, radius);
  return partOfMask(mask, width, bounds, (pixel) => {
    const x = pixel % width;
    return grown[((pixel - x) / width - top) * boxWidth + x - left] === 0;
  });
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
