import type { ModelCalibration } from './cache-method.ts';
import { relativeL1 } from './drift.ts';

/** An uncached run of one window, stream by stream the conditional one. */
export interface RunTrace {
  /** Sample before each step, [n, 4·C] float32. */
  readonly samples: readonly Float32Array[];
  /** Velocity of each step, same sizes. */
  readonly velocities: readonly Float32Array[];
  /** Drift of the time embedding at each step, [steps]. */
  readonly embeddingDrift: Float32Array;
}

/** Degree of TeaCache's polynomials. */
const degree = 4;
const significantDigits = 8;

/**
 * What caches want to know of a model, from one uncached run: the ratios of MagCache (mean size of velocity − sample
 * from step to step) and TeaCache's polynomial, fitted by least squares to the run's own pairs of distances. A run of
 * fewer steps than the polynomial has coefficients returns the ratios alone.
 */
export function calibrateFrom({ samples, velocities, embeddingDrift }: RunTrace): ModelCalibration {
  const sizes = velocities.map((velocity, step) => meanDistance(velocity, samples[step]));
  const magnitudeRatios = sizes.map((size, i) => (i === 0 ? 1 : rounded(size / sizes[i - 1])));
  const x = [...embeddingDrift].slice(1);
  if (x.length <= degree) return { magnitudeRatios };
  const y = velocities.slice(1).map((velocity, i) => relativeL1(velocity, velocities[i]));
  return {
    magnitudeRatios,
    driftPolynomial: fitPolynomial(x, y).map(rounded),
    driftRange: [rounded(Math.min(...x)), rounded(Math.max(...x))],
  };
}

function meanDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i]);
  return sum / a.length;
}

const rounded = (value: number): number => Number(value.toPrecision(significantDigits));

/**
 * Least-squares polynomial, coefficients highest power first, by Gram and Schmidt on the columns of powers (the normal
 * equations of powers of small numbers lose too many digits).
 */
function fitPolynomial(x: readonly number[], y: readonly number[]): number[] {
  const powers = Array.from({ length: degree + 1 }, (_, k) => x.map((value) => value ** k));
  const basis: number[][] = [];
  // triangle[k][j]: share of basis vector j in power k.
  const triangle: number[][] = [];
  for (const power of powers) {
    let rest = [...power];
    const shares: number[] = [];
    // Twice: what rounding leaves of the earlier vectors after one pass is as large as a high power's own part.
    for (let pass = 0; pass < 2; pass++) {
      basis.forEach((vector, j) => {
        const share = dot(rest, vector);
        shares[j] = (shares[j] ?? 0) + share;
        rest = rest.map((value, i) => value - share * vector[i]);
      });
    }
    const length = Math.sqrt(dot(rest, rest));
    shares.push(length);
    triangle.push(shares);
    basis.push(length === 0 ? rest : rest.map((value) => value / length));
  }
  const target = basis.map((vector) => dot(vector, y));
  const coefficients = new Array<number>(degree + 1).fill(0);
  for (let k = degree; k >= 0; k--) {
    let value = target[k];
    for (let j = k + 1; j <= degree; j++) value -= triangle[j][k] * coefficients[j];
    coefficients[k] = triangle[k][k] === 0 ? 0 : value / triangle[k][k];
  }
  return coefficients.reverse();
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
