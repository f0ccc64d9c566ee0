/** What the samples of one cell agree on. */
export interface Consensus {
  /** [dims]: the agreed value. */
  readonly values: Float32Array;
  /** Weight of the samples that agree, as a share of all samples' weight, 0…1. */
  share: number;
  /** Number of samples that agree, in units of fully trusted ones. */
  support: number;
  /** Root mean square distance of the agreeing samples from the value, per dimension. */
  spread: number;
}

export function emptyConsensus(dims: number): Consensus {
  return { values: new Float32Array(dims), share: 0, support: 0, spread: 0 };
}

/**
 * The densest spot among samples, and the mean around it: a mean shift with the Epanechnikov kernel (Comaniciu and
 * Meer, 2002) started at the best sample. Unlike a median it holds when more than half of the samples show
 * something else, as long as that differs among itself; unlike a mean it does not blend the two.
 *
 * @param samples [count, dims] (at least), in levels.
 * @param weights [count]: trust in each sample, 0…1.
 * @param bandwidth Distance per dimension (root mean square) beyond which samples disagree, in levels.
 * @param result Written.
 */
export function findConsensus(
  samples: Float32Array,
  weights: Float32Array,
  count: number,
  dims: number,
  bandwidth: number,
  result: Consensus,
): void {
  const reach = dims * bandwidth * bandwidth;
  const density = Float64Array.from(weights.subarray(0, count));
  for (let i = 1; i < count; i++) {
    for (let j = 0; j < i; j++) {
      let square = 0;
      for (let k = 0; k < dims; k++) {
        const difference = samples[i * dims + k] - samples[j * dims + k];
        square += difference * difference;
      }
      if (square >= reach) continue;
      const kernel = 1 - square / reach;
      density[i] += weights[j] * kernel;
      density[j] += weights[i] * kernel;
    }
  }
  let best = 0;
  for (let i = 1; i < count; i++) if (density[i] > density[best]) best = i;
  const { values } = result;
  for (let k = 0; k < dims; k++) values[k] = samples[best * dims + k];

  for (let pass = 0; pass < 2; pass++) shift(samples, weights, count, dims, reach, result);
}

/** One step of the mean shift: `result.values` becomes the weighted mean of the samples around it. */
function shift(
  samples: Float32Array,
  weights: Float32Array,
  count: number,
  dims: number,
  reach: number,
  result: Consensus,
): void {
  const { values } = result;
  const sums = new Float64Array(dims);
  let [agreeing, all, kernels, squares] = [0, 0, 0, 0];
  for (let j = 0; j < count; j++) {
    let square = 0;
    for (let k = 0; k < dims; k++) square += (values[k] - samples[j * dims + k]) ** 2;
    all += weights[j];
    if (square >= reach) continue;
    const kernel = weights[j] * (1 - square / reach);
    agreeing += weights[j];
    kernels += kernel;
    squares += weights[j] * square;
    for (let k = 0; k < dims; k++) sums[k] += kernel * samples[j * dims + k];
  }
  for (let k = 0; k < dims; k++) values[k] = sums[k] / kernels;
  result.share = agreeing / all;
  result.support = agreeing;
  result.spread = Math.sqrt(squares / (agreeing * dims));
}

/** What the confidence is made of: none at the first number, full at the second. */
const limits = { share: [0.5, 0.95], support: [0.05, 0.3], spread: [0.7, 0.35] } as const;

/**
 * 0…1; from ½ on a value is taken for the truth. A share of agreeing samples around ¾ is where the error of real
 * and synthetic clips falls from that of a guess to that of noise; a single well-fitting sample is enough, since
 * the ring has vouched for it; agreement that fills its whole bandwidth is a smear, not agreement.
 */
export function confidenceOf({ share, support, spread }: Consensus, bandwidth: number): number {
  const ramp = (value: number, [none, full]: readonly [number, number]) =>
    Math.min(1, Math.max(0, (value - none) / (full - none)));
  return ramp(share, limits.share) * ramp(support, limits.support) * ramp(spread / bandwidth, limits.spread);
}
