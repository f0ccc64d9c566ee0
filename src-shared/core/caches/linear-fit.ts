/** How a linear map is fitted. */
export interface LinearFit {
  /** Elements of a row, in and out. */
  readonly width: number;
  /** λ relative to the mean of XᵀX's diagonal. Higher: a smaller map. */
  readonly ridge: number;
  /** Rows used at most, evenly spread. */
  readonly maxRows: number;
}

/**
 * The map W [width, width] (row-major, out = in · W) that minimises ‖X·W − Y‖² + λ‖W‖² over the rows of X and Y
 * [m, width]: ridge regression by the normal equations and Cholesky's factorisation, in double precision.
 */
export function fitLinear(x: Float32Array, y: Float32Array, fit: LinearFit): Float32Array {
  const { width, ridge, maxRows } = fit;
  const rows = x.length / width;
  const stride = Math.max(1, Math.ceil(rows / maxRows));
  const gram = new Float64Array(width * width);
  const moment = new Float64Array(width * width);
  for (let row = 0; row < rows; row += stride) {
    const at = row * width;
    for (let i = 0; i < width; i++) {
      const value = x[at + i];
      for (let j = 0; j < width; j++) {
        gram[i * width + j] += value * x[at + j];
        moment[i * width + j] += value * y[at + j];
      }
    }
  }
  let trace = 0;
  for (let i = 0; i < width; i++) trace += gram[i * width + i];
  // No movement at all: nothing to learn from.
  if (trace === 0) return new Float32Array(width * width);
  for (let i = 0; i < width; i++) gram[i * width + i] += (ridge * trace) / width;
  factorise(gram, width);
  return solve(gram, moment, width);
}

/** rows · map, as a new array [m, width]. */
export function applyLinear(rows: Float32Array, map: Float32Array, width: number): Float32Array {
  const result = new Float32Array(rows.length);
  for (let at = 0; at < rows.length; at += width) {
    for (let i = 0; i < width; i++) {
      const value = rows[at + i];
      for (let j = 0; j < width; j++) result[at + j] += value * map[i * width + j];
    }
  }
  return result;
}

/** A symmetric positive definite matrix becomes its lower Cholesky factor, in place. */
function factorise(matrix: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j];
      for (let k = 0; k < j; k++) sum -= matrix[i * n + k] * matrix[j * n + k];
      matrix[i * n + j] = i === j ? Math.sqrt(sum) : sum / matrix[j * n + j];
    }
  }
}

/** X of L·Lᵀ·X = B [n, n], forwards and backwards. */
function solve(factor: Float64Array, b: Float64Array, n: number): Float32Array {
  const x = Float64Array.from(b);
  for (let column = 0; column < n; column++) {
    for (let i = 0; i < n; i++) {
      let sum = x[i * n + column];
      for (let k = 0; k < i; k++) sum -= factor[i * n + k] * x[k * n + column];
      x[i * n + column] = sum / factor[i * n + i];
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = x[i * n + column];
      for (let k = i + 1; k < n; k++) sum -= factor[k * n + i] * x[k * n + column];
      x[i * n + column] = sum / factor[i * n + i];
    }
  }
  return Float32Array.from(x);
}
