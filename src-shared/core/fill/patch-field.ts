import { boxSum } from './box-sum.ts';
import type { FillLevel } from './fill-level.ts';
import {
  featureCount,
  momentCount,
  patchPixels,
  patchRadius,
  patchSide,
  squaredDifference,
} from './patch.ts';

/**
 * Bounds of what a copied patch may be changed by, so that one surface in another light fits: luma is multiplied,
 * chroma is shifted (in weighted levels). Darabi et al., "Image Melding", 2012, section 3.1. `cost` is what a change
 * counts, as a share of the squared difference that it takes away.
 */
const adaption = { mostGain: 1.1, mostBias: 4, cost: 0.25 } as const;
/** Added to mean luma before two are divided: near black, noise must not become gain. */
const lumaFloor = 16;

/** For every target of a level, the patch that is like it. */
export interface PatchField {
  readonly level: FillLevel;
  /** [height, width]: the middle of the source patch; −1 where no target is. */
  readonly nearest: Int32Array;
  /** [height, width]: the distance of the two, from `patchDistance`. */
  readonly distance: Float32Array;
  /** [height, width, momentCount]: of the patch around a pixel; of sources and targets only. */
  readonly moments: Float32Array;
}

export function emptyField(level: FillLevel): PatchField {
  const pixels = level.width * level.height;
  return {
    level,
    nearest: new Int32Array(pixels).fill(-1),
    distance: new Float32Array(pixels).fill(Infinity),
    moments: momentsOf(level),
  };
}

/** Moments of the patches around all pixels, those that reach into the hole as it is now. */
function momentsOf({ features, width, height }: FillLevel): Float32Array {
  const pixels = width * height;
  const moments = new Float32Array(momentCount * pixels);
  const plane = new Float32Array(pixels);
  for (let k = 0; k < momentCount; k++) {
    for (let pixel = 0, at = 0; pixel < pixels; pixel++, at += featureCount) {
      plane[pixel] = k < 3 ? features[at + k] : features[at] * features[at];
    }
    const sums = boxSum(plane, width, height, patchRadius);
    for (let pixel = 0; pixel < pixels; pixel++) {
      const at = momentCount * pixel;
      const mean = sums[pixel] / patchPixels;
      moments[at + k] = k < 3 ? mean : Math.sqrt(Math.max(0, mean - moments[at] * moments[at]));
    }
  }
  return moments;
}

/** Measures the patches around the targets anew. */
export function measureMoments({ level, moments }: PatchField): void {
  const { features, width, targets } = level;
  const [radius, step, length] = [patchRadius, featureCount, patchSide * featureCount];
  for (const middle of targets) {
    let [luma, cb, cr, square] = [0, 0, 0, 0];
    for (let row = -radius; row <= radius; row++) {
      const start = (middle + row * width - radius) * step;
      for (let at = start; at < start + length; at += step) {
        luma += features[at];
        square += features[at] * features[at];
        cb += features[at + 1];
        cr += features[at + 2];
      }
    }
    const mean = luma / patchPixels;
    moments[momentCount * middle] = mean;
    moments[momentCount * middle + 1] = cb / patchPixels;
    moments[momentCount * middle + 2] = cr / patchPixels;
    moments[momentCount * middle + 3] = Math.sqrt(Math.max(0, square / patchPixels - mean * mean));
  }
}

/** What luma of the patch around `source` is multiplied with to go with the patch around `target`. */
export function gainBetween(moments: Float32Array, target: number, source: number): number {
  const gain = (moments[momentCount * target] + lumaFloor) / (moments[momentCount * source] + lumaFloor);
  // Half of the way in the logarithm is nearly half of it in the gain: what a change costs keeps it smaller.
  const damped = 1 + (gain - 1) * (1 / (1 + adaption.cost));
  return damped > adaption.mostGain
    ? adaption.mostGain
    : damped < 1 / adaption.mostGain
      ? 1 / adaption.mostGain
      : damped;
}

/** What is added to chroma channel 1 or 2 of the patch around `source`. */
export function biasBetween(moments: Float32Array, target: number, source: number, channel: 1 | 2): number {
  return biasOf(moments[momentCount * target + channel] - moments[momentCount * source + channel]);
}

function biasOf(difference: number): number {
  const bias = difference * (1 / (1 + adaption.cost));
  return bias > adaption.mostBias ? adaption.mostBias : bias < -adaption.mostBias ? -adaption.mostBias : bias;
}

/**
 * The sum of squared differences of two patches, the source adapted by gain and bias, plus that of their textures, plus
 * what the adaption costs.
 *
 * @param limit From this on the distance does not matter, and Infinity is returned: mostly already by what is known of
 *   the two patches, since n·(difference of means)² + n·(difference of deviations)² ≤ Σ(difference)².
 */
export function patchDistance(field: PatchField, target: number, source: number, limit: number): number {
  const { level, moments } = field;
  const { texture } = level;
  const a = momentCount * target;
  const b = momentCount * source;
  const gain = gainBetween(moments, target, source);
  const extra = (gain - 1) * moments[b];
  const cb = moments[a + 1] - moments[b + 1];
  const cr = moments[a + 2] - moments[b + 2];
  const biasCb = biasOf(cb);
  const biasCr = biasOf(cr);
  const across = texture[2 * target] - gain * texture[2 * source];
  const down = texture[2 * target + 1] - gain * texture[2 * source + 1];
  // Σ(d − b)² + cost·n·b² = Σd² − n·b·(2m − (1 + cost)·b), where m is the mean of d and b the bias.
  const besides =
    across * across +
    down * down +
    adaption.cost * extra * extra -
    biasCb * (2 * cb - (1 + adaption.cost) * biasCb) -
    biasCr * (2 * cr - (1 + adaption.cost) * biasCr);
  const luma = moments[a] - gain * moments[b];
  const deviation = moments[a + 3] - gain * moments[b + 3];
  const least = besides + luma * luma + deviation * deviation + cb * cb + cr * cr;
  if (patchPixels * least >= limit) return Infinity;
  const rest = patchPixels * besides;
  return squaredDifference(level.features, level.width, target, source, gain, limit - rest) + rest;
}
