import { biasBetween, gainBetween, type PatchField } from './patch-field.ts';
import { featureCount, patchRadius } from './patch.ts';

/** A patch counts less with every pixel that its middle lies deeper in the hole. Wexler et al. 2007, section 3.2. */
const depthBase = 1.3;
const mostDepth = 12;

/** How much each target's patch counts, [height, width]. */
export function patchWeights(field: PatchField, depth: Uint8Array): Float32Array {
  const { level, distance } = field;
  const { targets } = level;
  const sorted = Float32Array.from(targets, (target) => distance[target])
    .filter(Number.isFinite)
    .sort();
  // The 75th percentile of the distances as in Newson et al. 2014, section 3.2.
  const spread = Math.max(1, sorted[Math.floor(0.75 * (sorted.length - 1))]);
  const weights = new Float32Array(distance.length);
  for (const target of targets) {
    const likeness = Math.exp(-distance[target] / (2 * spread));
    weights[target] = likeness * depthBase ** -Math.min(mostDepth, depth[target]) + 1e-20;
  }
  return weights;
}

/** Fills the level's hole with the weighted mean of what all patches over a pixel show there. */
export function voteMean(field: PatchField, weights: Float32Array): void {
  const { level, nearest, means } = field;
  const { features, hole, width, height } = level;
  const radius = patchRadius;
  const channels = featureCount;
  for (let pixel = 0; pixel < hole.length; pixel++) {
    if (hole[pixel] === 0) continue;
    const x = pixel % width;
    const y = (pixel - x) / width;
    let [total, luma, cb, cr, across, down] = [0, 0, 0, 0, 0, 0];
    const fromY = Math.max(-radius, -y);
    const toY = Math.min(radius, height - 1 - y);
    const fromX = Math.max(-radius, -x);
    const toX = Math.min(radius, width - 1 - x);
    for (let dy = fromY; dy <= toY; dy++) {
      for (let offset = dy * width + fromX; offset <= dy * width + toX; offset++) {
        const target = pixel + offset;
        const source = nearest[target];
        if (source < 0) continue;
        const weight = weights[target];
        const gain = weight * gainBetween(means, target, source);
        const from = (source - offset) * channels;
        total += weight;
        luma += gain * features[from];
        cb += weight * (features[from + 1] + biasBetween(means, target, source, 1));
        cr += weight * (features[from + 2] + biasBetween(means, target, source, 2));
        across += gain * features[from + 3];
        down += gain * features[from + 4];
      }
    }
    const at = pixel * channels;
    features[at] = luma / total;
    features[at + 1] = cb / total;
    features[at + 2] = cr / total;
    features[at + 3] = across / total;
    features[at + 4] = down / total;
  }
}

/**
 * The patch that counts most over each pixel of the hole, as the index of its middle; −1 outside. Where neighbours agree
 * on a patch's shift, what is copied is whole.
 */
export function bestPatches(field: PatchField): Int32Array {
  const { level, nearest, distance } = field;
  const { hole, width, height } = level;
  const radius = patchRadius;
  const best = new Int32Array(hole.length).fill(-1);
  for (let pixel = 0; pixel < hole.length; pixel++) {
    if (hole[pixel] === 0) continue;
    const x = pixel % width;
    const y = (pixel - x) / width;
    let least = Infinity;
    for (let dy = Math.max(-radius, -y); dy <= Math.min(radius, height - 1 - y); dy++) {
      for (let dx = Math.max(-radius, -x); dx <= Math.min(radius, width - 1 - x); dx++) {
        const target = pixel + dy * width + dx;
        if (nearest[target] < 0) continue;
        // Of patches that fit alike the one whose middle is nearer: its border is where it fits least.
        const cost = (distance[target] + 1) * (1 + 0.02 * (dx * dx + dy * dy));
        if (cost < least) {
          least = cost;
          best[pixel] = target;
        }
      }
    }
  }
  return best;
}
