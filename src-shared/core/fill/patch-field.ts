import type { FillLevel } from './fill-level.ts';
import { featureCount, patchRadius, patchSide, squaredDifference } from './patch.ts';

/**
 * Bounds of what a copied patch may be changed by, so that one surface in another light fits: luma is multiplied,
 * chroma is shifted (in weighted levels). Darabi et al., "Image Melding", 2012, section 3.1. `cost` is what a change
 * counts, as a share of the squared difference that it takes away.
 */
const adaption = { mostGain: 1.1, mostBias: 4, cost: 0.25 } as const;
/** Added to mean luma before two are divided: near black, noise must not become gain. */
const lumaFloor = 16;

const patchPixels = patchSide * patchSide;

/** For every target of a level, the patch that is like it. */
export interface PatchField {
  readonly level: FillLevel;
  /** [height, width]: the middle of the source patch; −1 where no target is. */
  readonly nearest: Int32Array;
  /** [height, width]: the distance of the two, from `patchDistance`. */
  readonly distance: Float32Array;
  /** [height, width, 3]: mean luma, Cb and Cr of the patch around a pixel; of sources and targets only. */
  readonly means: Float32Array;
}

export function emptyField(level: FillLevel): PatchField {
  const pixels = level.width * level.height;
  const field = {
    level,
    nearest: new Int32Array(pixels).fill(-1),
    distance: new Float32Array(pixels).fill(Infinity),
    means: new Float32Array(3 * pixels),
  };
  measureMeans(field, level.sources);
  return field;
}

/** Measures the patches around `middles` anew. */
export function measureMeans({ level, means }: PatchField, middles: Int32Array): void {
  const { features, width } = level;
  const [radius, step, length] = [patchRadius, featureCount, patchSide * featureCount];
  for (const middle of middles) {
    let [luma, cb, cr] = [0, 0, 0];
    for (let row = -radius; row <= radius; row++) {
      const start = (middle + row * width - radius) * step;
      for (let at = start; at < start + length; at += step) {
        luma += features[at];
        cb += features[at + 1];
        cr += features[at + 2];
      }
    }
    means[3 * middle] = luma / patchPixels;
    means[3 * middle + 1] = cb / patchPixels;
    means[3 * middle + 2] = cr / patchPixels;
  }
}

/** What luma of the patch around `source` is multiplied with to go with the patch around `target`. */
export function gainBetween(means: Float32Array, target: number, source: number): number {
  const gain = (means[3 * target] + lumaFloor) / (means[3 * source] + lumaFloor);
  // Half of the way in the logarithm is nearly half of it in the gain: what a change costs keeps it smaller.
  const damped = 1 + (gain - 1) / (1 + adaption.cost);
  return damped > adaption.mostGain
    ? adaption.mostGain
    : damped < 1 / adaption.mostGain
      ? 1 / adaption.mostGain
      : damped;
}

/** What is added to chroma channel 1 or 2 of the patch around `source`. */
export function biasBetween(means: Float32Array, target: number, source: number, channel: 1 | 2): number {
  const bias = (means[3 * target + channel] - means[3 * source + channel]) / (1 + adaption.cost);
  return bias > adaption.mostBias ? adaption.mostBias : bias < -adaption.mostBias ? -adaption.mostBias : bias;
}

/** Σ(d − b)² + cost·n·b² − Σd² for n pixels whose differences d have the mean m: what the bias b changes. */
function biasCredit(mean: number, bias: number): number {
  return patchPixels * bias * (2 * mean - (1 + adaption.cost) * bias);
}

/**
 * The sum of squared differences of two patches, the source adapted by gain and bias, plus what the adaption costs.
 *
 * @param limit From this on the distance does not matter, and Infinity is returned.
 */
export function patchDistance(field: PatchField, target: number, source: number, limit: number): number {
  const { level, means } = field;
  const gain = gainBetween(means, target, source);
  const extra = (gain - 1) * means[3 * source];
  const credit =
    biasCredit(means[3 * target + 1] - means[3 * source + 1], biasBetween(means, target, source, 1)) +
    biasCredit(means[3 * target + 2] - means[3 * source + 2], biasBetween(means, target, source, 2)) -
    adaption.cost * patchPixels * extra * extra;
  return squaredDifference(level.features, level.width, target, source, gain, limit + credit) - credit;
}
