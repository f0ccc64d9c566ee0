/** Sums over squares of (2·radius + 1) pixels, cut off at the picture's edges. */
export function boxSum(plane: Float32Array, width: number, height: number, radius: number): Float32Array {
  const across = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    let sum = 0;
    for (let x = -radius; x < width; x++) {
      if (x + radius < width) sum += plane[row + x + radius];
      if (x - radius > 0) sum -= plane[row + x - radius - 1];
      if (x >= 0) across[row + x] = sum;
    }
  }
  const sums = new Float32Array(plane.length);
  const column = new Float64Array(width);
  for (let y = -radius; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (y + radius < height) column[x] += across[(y + radius) * width + x];
      if (y - radius > 0) column[x] -= across[(y - radius - 1) * width + x];
      if (y >= 0) sums[y * width + x] = column[x];
    }
  }
  return sums;
}
