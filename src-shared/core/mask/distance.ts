/**
 * Exact Euclidean distance, in pixels between centres, from every pixel to the nearest one where `goal` is not 0,
 * as far as `limitPx`; `limitPx` where there is none within it. goal [height, width] → float32 [height, width].
 * First along the rows, then the least of dx² + dy² along the columns: time grows with pixels · limit.
 */
export function distanceWithin(
  goal: Uint8Array,
  width: number,
  height: number,
  limitPx: number,
): Float32Array {
  const reach = Math.ceil(limitPx);
  const across = rowDistances(goal, width, height, reach);
  const result = new Float32Array(goal.length);
  const limitSquared = limitPx * limitPx;
  for (let y = 0; y < height; y++) {
    const top = Math.max(0, y - reach);
    const bottom = Math.min(height - 1, y + reach);
    for (let x = 0; x < width; x++) {
      const index = y * width + x;
      if (across[index] === 0) continue;
      let best = limitSquared;
      for (let row = top; row <= bottom; row++) {
        const dx = across[row * width + x];
        // `reach` stands for nothing found in that row.
        const squared = dx * dx + (row - y) * (row - y);
        if (squared < best && (dx < reach || goalAt(goal, width, row, x, reach))) best = squared;
      }
      result[index] = Math.sqrt(best);
    }
  }
  return result;
}
