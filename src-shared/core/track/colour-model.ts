import type { TrackPicture } from './track-picture.ts';

/** Levels of a channel that share a bin, as a shift: 16 bins a channel. */
const binShift = 4;
const bins = 16;
/** A colour never seen counts as this share of a uniform distribution. */
const unseenShare = 0.05;

/**
 * How often colours occur: a smoothed histogram over 16³ bins of the three channels, and weighted sums of such histograms.
 */
export class ColourModel {
  /** Probabilities, float32 [16³]. */
  readonly #share: Float32Array;

  private constructor(share: Float32Array) {
    this.#share = share;
  }

  /** Of the pixels where `weights` [height, width] is not 0, each counted as much as that; null where there are none. */
  static of({ samples }: TrackPicture, weights: ArrayLike<number>): ColourModel | null {
    const counts = new Float32Array(bins ** 3);
    let total = 0;
    for (let pixel = 0; pixel < weights.length; pixel++) {
      if (weights[pixel] === 0) continue;
      counts[binOf(samples, 3 * pixel)] += weights[pixel];
      total += weights[pixel];
    }
    if (total === 0) return null;
    const smooth = [1, bins, bins * bins].reduce(smoothAlong, counts);
    return new ColourModel(smooth.map((count) => count / total));
  }

  /** The model `share` of the way from this one to `other`. */
  towards(other: ColourModel, share: number): ColourModel {
    return new ColourModel(this.#share.map((value, bin) => value + share * (other.#share[bin] - value)));
  }

  /** Probability of the colour at `samples[at]`…`samples[at + 2]`; above 0. */
  probability(samples: Uint8Array, at: number): number {
    return this.#share[binOf(samples, at)] + unseenShare / bins ** 3;
  }

  /** Bhattacharyya coefficient of the two distributions, 0…1: 1 = equal. */
  similarity(other: ColourModel): number {
    let sum = 0;
    for (let bin = 0; bin < this.#share.length; bin++) sum += Math.sqrt(this.#share[bin] * other.#share[bin]);
    return Math.min(1, sum);
  }
}

function binOf(samples: Uint8Array, at: number): number {
  return (
    ((samples[at] >> binShift) * bins + (samples[at + 1] >> binShift)) * bins + (samples[at + 2] >> binShift)
  );
}

/** The histogram smoothed by (1, 2, 1) / 4 along one channel; at its ends what would leave stays. */
function smoothAlong(counts: Float32Array, stride: number): Float32Array {
  const smooth = new Float32Array(counts.length);
  for (let bin = 0; bin < counts.length; bin++) {
    const level = Math.floor(bin / stride) % bins;
    const before = level === 0 ? bin : bin - stride;
    const after = level === bins - 1 ? bin : bin + stride;
    smooth[bin] += counts[bin] / 2;
    smooth[before] += counts[bin] / 4;
    smooth[after] += counts[bin] / 4;
  }
  return smooth;
}
