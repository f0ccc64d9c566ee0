/**
 * Non-negative least squares: the x ≥ 0 that makes Σᵢ (wᵢ·(rowsᵢ · x − valuesᵢ))² least. For a few columns only: it
 * tries every set of columns that may be positive (2^k of them), which is exact (Lawson and Hanson, "Solving Least
 * Squares Problems", 1974, chapter 23: the solution is the plain one on its own positive columns).
 *
 * @param rows Each [k]; as many as `values` and `weights`.
 */
export function nonNegativeLeastSquares(
  rows: readonly (readonly number[])[],
  values: readonly number[],
  weights: readonly number[],
): number[] {
  const columns = rows[0].length;
  // Columns of one size, so that the normal equations keep their digits: n and n² differ by thousands.
  const scale = Array.from(
    { length: columns },
    (_, c) => Math.max(...rows.map((row, i) => weights[i] * Math.abs(row[c]))) || 1,
  );
  const scaled = rows.map((row, i) => row.map((value, c) => (weights[i] * value) / scale[c]));
  const targets = values.map((value, i) => weights[i] * value);
  const squaredError = (x: readonly number[]): number =>
    scaled.reduce(
      (sum, row, i) => sum + (row.reduce((dot, value, c) => dot + value * x[c], 0) - targets[i]) ** 2,
      0,
    );
  let best = new Array<number>(columns).fill(0);
  let leastError = squaredError(best);
  for (let set = 1; set < 1 << columns; set++) {
    const used = Array.from({ length: columns }, (_, c) => c).filter((c) => (set & (1 << c)) !== 0);
    const part = solveNormalEquations(
      scaled.map((row) => used.map((c) => row[c])),
      targets,
    );
    if (part === undefined || part.some((value) => value < 0)) continue;
    const x = new Array<number>(columns).fill(0);
    used.forEach((c, place) => (x[c] = part[place]));
    const error = squaredError(x);
    if (error < leastError) [best, leastError] = [x, error];
  }
  return best.map((value, c) => value / scale[c]);
}

/** Plain least squares by Gaussian elimination with pivoting; undefined where the columns depend on each other. */
function solveNormalEquations(
  rows: readonly (readonly number[])[],
  values: readonly number[],
): number[] | undefined {
  const size = rows[0].length;
  const system = Array.from({ length: size }, (_, r) => [
    ...Array.from({ length: size }, (_, c) => rows.reduce((sum, row) => sum + row[r] * row[c], 0)),
    rows.reduce((sum, row, i) => sum + row[r] * values[i], 0),
  ]);
  for (let c = 0; c < size; c++) {
    let pivot = c;
    for (let r = c + 1; r < size; r++) if (Math.abs(system[r][c]) > Math.abs(system[pivot][c])) pivot = r;
    if (Math.abs(system[pivot][c]) < 1e-13) return undefined;
    [system[c], system[pivot]] = [system[pivot], system[c]];
    for (let r = 0; r < size; r++) {
      if (r === c) continue;
      const factor = system[r][c] / system[c][c];
      for (let k = c; k <= size; k++) system[r][k] -= factor * system[c][k];
    }
  }
  return system.map((row, r) => row[size] / row[r]);
}
