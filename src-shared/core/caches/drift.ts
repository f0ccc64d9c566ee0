import type { ModelCalibration } from './cache-method.ts';

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

/**
 * A model's drift polynomial: from a distance of network inputs to one of network outputs. Outside the range that it
 * was fitted on it may be negative or explode, so its input is clamped to that range and its output to 0 … `maxDrift`.
 * The identity where the model has none.
 *
 * @param coefficients  highest power first
 */
export function driftPolynomial(
  coefficients: readonly number[] | undefined,
  range: readonly [number, number] = [0, Infinity],
): (distance: number) => number {
  if (coefficients === undefined) return (distance) => distance;
  return (distance) => {
    const x = Math.min(Math.max(distance, range[0]), range[1]);
    const value = coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
    return Math.min(Math.max(value, 0), maxDrift);
  };
}

/** More than this a step cannot matter: any threshold is passed. */
const maxDrift = 10;

/**
 * Drift of each step from a calibrated profile: [steps], the first 0. The profile is read at the run's own noise
 * levels, so it serves any sampler, shift and number of steps. Undefined where the model has none.
 */
export function profileDrift(
  profile: ModelCalibration['driftProfile'],
  sigmas: Float32Array,
  steps: number,
): Float32Array | undefined {
  if (profile === undefined) return undefined;
  const at = Float64Array.from({ length: steps }, (_, i) => changeAt(profile, sigmas[i]));
  return Float32Array.from(at, (value, i) => (i === 0 ? 0 : Math.max(0, value - at[i - 1])));
}

/** Linear between the profile's points, constant beyond them. `sigma` descends over the profile. */
function changeAt(profile: NonNullable<ModelCalibration['driftProfile']>, sigma: number): number {
  const { sigma: levels, change } = profile;
  if (sigma >= levels[0]) return change[0];
  for (let i = 1; i < levels.length; i++) {
    if (sigma < levels[i]) continue;
    const share = (levels[i - 1] - sigma) / (levels[i - 1] - levels[i]);
    return change[i - 1] + share * (change[i] - change[i - 1]);
  }
  return change[change.length - 1];
}
