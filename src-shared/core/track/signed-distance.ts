/** Lengths of a step to a side and to a corner neighbour that come nearest to Euclid (Borgefors 1986), in pixels. */
const [side, diagonal] = [0.95509, 1.3693];

/**
 * Distance of every pixel from the border of a mask [height, width], in pixels to a few per cent: below 0 inside,
 * above 0 outside, ±½ next to the border. ±`limitPx` at most, and where the mask has no border.
 */
export function signedDistance(
  mask: Uint8Array,
  width: number,
  height: number,
  limitPx: number,
): Float32Array<ArrayBuffer> {
  const outside = chamfer(mask, width, height, limitPx, true);
  const inside = chamfer(mask, width, height, limitPx, false);
  return outside.map((distance, pixel) => (mask[pixel] !== 0 ? 0.5 - inside[pixel] : distance - 0.5));
}

/** Distance to the nearest pixel that is set (`toSet`) or not set, by two passes over the picture. */
function chamfer(
  mask: Uint8Array,
  width: number,
  height: number,
  limitPx: number,
  toSet: boolean,
): Float32Array<ArrayBuffer> {
  const distance = new Float32Array(width * height);
  for (let pixel = 0; pixel < distance.length; pixel++) {
    distance[pixel] = (mask[pixel] !== 0) === toSet ? 0 : limitPx + 0.5;
  }
  const relax = (pixel: number, x: number, y: number, direction: 1 | -1): void => {
    let least = distance[pixel];
    const before = x - direction >= 0 && x - direction < width;
    const after = x + direction >= 0 && x + direction < width;
    if (before) least = Math.min(least, distance[pixel - direction] + side);
    if (y - direction >= 0 && y - direction < height) {
      const above = pixel - direction * width;
      least = Math.min(least, distance[above] + side);
      if (before) least = Math.min(least, distance[above - direction] + diagonal);
      if (after) least = Math.min(least, distance[above + direction] + diagonal);
    }
    distance[pixel] = least;
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) relax(y * width + x, x, y, 1);
  }
  for (let y = height - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--) relax(y * width + x, x, y, -1);
  }
  return distance;
}
