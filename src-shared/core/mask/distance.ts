/**
 * Exact Euclidean distance, in pixels between centres, from every pixel to the nearest one where `goal` is not 0,
 * as far as `limitPx`; `limitPx` where there is none within it. goal [height, width] → float32 [height, width].
 * Along the rows first, then the least dx² + dy² along the columns: the time grows with pixels × limit.
 */
export function distanceWithin(
  goal: Uint8Array,
  width: number,
  height: number,
  limitPx: number,
): Float32Array {
  const reach = Math.ceil(limitPx);
  const across = rowDistances(goal, width, height, reach + 1);
  const result = new Float32Array(goal.length);
  for (let y = 0; y < height; y++) {
    const top = Math.max(0, y - reach);
    const bottom = Math.min(height - 1, y + reach);
    for (let x = 0; x < width; x++) {
      const index = y * width + x;
      if (across[index] === 0) continue;
      let squared = limitPx * limitPx;
      for (let row = top; row <= bottom; row++) {
        const dx = across[row * width + x];
        squared = Math.min(squared, dx * dx + (row - y) * (row - y));
      }
      result[index] = Math.sqrt(squared);
    }
  }
  return result;
}

/** Distance to the nearest goal in the same row, at most `cap`. */
function rowDistances(goal: Uint8Array, width: number, height: number, cap: number): Uint16Array {
  const distances = new Uint16Array(goal.length);
  for (let start = 0; start < width * height; start += width) {
    let distance = cap;
    for (let i = start; i < start + width; i++) {
      distance = goal[i] === 0 ? Math.min(cap, distance + 1) : 0;
      distances[i] = distance;
    }
    distance = cap;
    for (let i = start + width - 1; i >= start; i--) {
      distance = goal[i] === 0 ? Math.min(cap, distance + 1) : 0;
      if (distance < distances[i]) distances[i] = distance;
    }
  }
  return distances;
}
