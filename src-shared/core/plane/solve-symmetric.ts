/** Below this share of its diagonal a pivot is taken for nothing: the direction is not held. */
const leastPivot = 1e-7;

/**
 * Solves a symmetric positive system by Cholesky's decomposition; undefined where it does not hold all directions.
 *
 * @param matrix [size, size], the lower triangle; overwritten.
 * @param right [size]
 */
export function solveSymmetric(matrix: Float64Array, right: Float64Array): Float64Array | undefined {
  const size = right.length;
  const solved = Float64Array.from(right);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * size + column];
      const whole = sum;
      for (let k = 0; k < column; k++) sum -= matrix[row * size + k] * matrix[column * size + k];
      if (column === row) {
        if (!(sum > leastPivot * whole) || !(whole > 1e-9)) return undefined;
        matrix[row * size + row] = Math.sqrt(sum);
      } else matrix[row * size + column] = sum / matrix[column * size + column];
    }
  }
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < row; k++) solved[row] -= matrix[row * size + k] * solved[k];
    solved[row] /= matrix[row * size + row];
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let k = row + 1; k < size; k++) solved[row] -= matrix[k * size + row] * solved[k];
    solved[row] /= matrix[row * size + row];
  }
  return solved;
}
