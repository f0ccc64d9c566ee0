import type { CacheRun, ModelCalibration } from './cache-method.ts';

/**
 * mean|current − previous| / mean|previous|: the distance of TeaCache (arXiv:2411.19108) and of HetCache.
 * 0 for two arrays of zeros, Infinity where only `previous` is zeros.
 */
export function relativeL1(current: Float32Array, previous: Float32Array): number {
  if (current.length !== previous.length) {
    throw new RangeError(`relativeL1: arrays of ${current.length} and ${previous.length} values`);
  }
  let change = 0;
  let size = 0;
  for (let i = 0; i < current.length; i++) {
    change += Math.abs(current[i] - previous[i]);
    size += Math.abs(previous[i]);
  }
  return change === 0 ? 0 : change / size;
}

/** Relative L1 distance of each row of [steps, width] to the one before: [steps], the first 0. */
export function rowDrift(rows: readonly Float32Array[]): Float32Array {
  return Float32Array.from(rows, (row, i) => (i === 0 ? 0 : relativeL1(row, rows[i - 1])));
}

/** More than this a step cannot matter: any threshold is passed. */
const maxDrift = 10;

/**
 * A model's drift polynomial: from a distance of network inputs to one of network outputs. Outside the range that it
 * was fitted on it may be negative or explode, so its input is clamped to that range and its output to 0 … `maxDrift`.
 * The identity where the model has none.
 */
export function modelPolynomial(calibration: ModelCalibration): (distance: number) => number {
  const { driftPolynomial: coefficients, driftRange: [low, high] = [0, Infinity] } = calibration;
  if (coefficients === undefined) return (distance) => distance;
  return (distance) => {
    const x = Math.min(Math.max(distance, low), high);
    const value = coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
    return Math.min(Math.max(value, 0), maxDrift);
  };
}

/** The time embedding's drift at each step through the model's polynomial: [steps], the first 0. */
export function embeddingDrift({ drift, calibration }: CacheRun): Float32Array {
  const map = modelPolynomial(calibration);
  return drift.embedding.map((distance, i) => (i === 0 ? 0 : map(distance)));
}
