import { assertLength } from '../control/index.ts';

/** A straight line from the channels of a latent cell to the colour that its pixels have on average. */
export interface LatentColours {
  /** [3, channels], row-major. */
  readonly weights: Float64Array;
  /** [3] */
  readonly bias: Float64Array;
}

/** Cells that are enough for a fit: a line through 16 channels has 51 numbers. More only takes longer. */
const mostCells = 16_384;

/**
 * Fits the line by least squares with a ridge, so that no table per model is needed: the W and b that make
 * Σᵢ |W·zᵢ + b − yᵢ|² + λ·n·s·|W|² least, where s is the mean variance of the channels over the n cells (Hoerl and
 * Kennard, "Ridge Regression", Technometrics 12, 1970; the bias is not shrunk).
 *
 * @param latent [channels, cells] float32
 * @param rgb    [3, cells] float32: the mean colour of each cell's pixels
 * @param ridge  λ > 0. Higher keeps channels that hardly vary here from counting: they carry little colour, and noise in
 *               them would show. Lower follows the given cells more closely.
 */
export function fitLatentColours(
  latent: Float32Array,
  rgb: Float32Array,
  channels: number,
  ridge = 1e-3,
): LatentColours {
  const cells = latent.length / channels;
  assertLength('rgb', rgb.length, 3 * cells);
  const stride = Math.ceil(cells / mostCells);
  const count = Math.ceil(cells / stride);
  const at = (values: Float32Array, row: number, i: number): number => values[row * cells + i * stride];
  const meanOf = (values: Float32Array, row: number): number => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += at(values, row, i);
    return sum / count;
  };
  const latentMeans = Float64Array.from({ length: channels }, (_, c) => meanOf(latent, c));
  const rgbMeans = Float64Array.from({ length: 3 }, (_, k) => meanOf(rgb, k));

  // Moments about the means, divided by the count.
  const covariance = new Float64Array(channels * channels);
  const products = new Float64Array(3 * channels);
  const z = new Float64Array(channels);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < channels; c++) z[c] = at(latent, c, i) - latentMeans[c];
    for (let c = 0; c < channels; c++) {
      for (let d = 0; d <= c; d++) covariance[c * channels + d] += (z[c] * z[d]) / count;
      for (let k = 0; k < 3; k++)
        products[k * channels + c] += (z[c] * (at(rgb, k, i) - rgbMeans[k])) / count;
    }
  }
  let trace = 0;
  for (let c = 0; c < channels; c++) trace += covariance[c * channels + c];
  // Cells that are all alike have the mean colour: any positive number does.
  const shrink = trace === 0 ? 1 : (ridge * trace) / channels;
  for (let c = 0; c < channels; c++) covariance[c * channels + c] += shrink;

  const weights = solvePositive(covariance, products, channels);
  const bias = rgbMeans.map((mean, k) => {
    let shift = mean;
    for (let c = 0; c < channels; c++) shift -= weights[k * channels + c] * latentMeans[c];
    return shift;
  });
  return { weights, bias };
}

/**
 * Solves A·x = b for each row b of `rows` [m, n], by the Cholesky factors of A [n, n], symmetric positive definite, of
 * which the lower triangle is read and written over. Returns [m, n].
 */
function solvePositive(a: Float64Array, rows: Float64Array, n: number): Float64Array {
  for (let r = 0; r < n; r++) {
    for (let c = 0; c <= r; c++) {
      let sum = a[r * n + c];
      for (let k = 0; k < c; k++) sum -= a[r * n + k] * a[c * n + k];
      a[r * n + c] = r === c ? Math.sqrt(sum) : sum / a[c * n + c];
    }
  }
  const solved = rows.slice();
  for (let row = 0; row < rows.length; row += n) {
    for (let r = 0; r < n; r++) {
      for (let k = 0; k < r; k++) solved[row + r] -= a[r * n + k] * solved[row + k];
      solved[row + r] /= a[r * n + r];
    }
    for (let r = n - 1; r >= 0; r--) {
      for (let k = r + 1; k < n; k++) solved[row + r] -= a[k * n + r] * solved[row + k];
      solved[row + r] /= a[r * n + r];
    }
  }
  return solved;
}

/**
 * The picture of one latent frame, a pixel a cell: RGB bytes [cells, 3].
 *
 * @param latent  [channels, cells] float32
 * @param colours fitted to colours in −1…1; what is beyond is clipped
 */
export function latentPicture(latent: Float32Array, { weights, bias }: LatentColours): Uint8Array {
  const channels = weights.length / 3;
  const cells = latent.length / channels;
  const picture = new Uint8Array(3 * cells);
  for (let i = 0; i < cells; i++) {
    for (let k = 0; k < 3; k++) {
      let value = bias[k];
      for (let c = 0; c < channels; c++) value += weights[k * channels + c] * latent[c * cells + i];
      picture[3 * i + k] = Math.round((Math.min(1, Math.max(-1, value)) + 1) * 127.5);
    }
  }
  return picture;
}
