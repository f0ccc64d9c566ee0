import { biasBetween, gainBetween, type PatchField } from './patch-field.ts';
import { featureCount, patchRadius, textureCount } from './patch.ts';

/** A patch counts less with every pixel that its middle lies deeper in the hole. Wexler et al. 2007, section 3.2. */
const depthBase = 1.3;
const depthShares = Float64Array.from({ length: 13 }, (_, depth) => depthBase ** -depth);

/** Likeness is judged beside that of every so many-th target: to look at all takes longer, and tells the same. */
const spreadStep = 5;

/** How much each target's patch counts, [height, width]. */
export function patchWeights(field: PatchField, depth: Uint8Array): Float32Array {
  const { level, distance } = field;
  const { targets } = level;
  const sorted = targets
    .filter((target, at) => at % spreadStep === 0 && Number.isFinite(distance[target]))
    .map((target) => distance[target])
    .sort();
  // The 75th percentile of the distances as in Newson et al. 2014, section 3.2.
  const spread = Math.max(1, sorted[Math.floor(0.75 * (sorted.length - 1))]);
  const weights = new Float32Array(distance.length);
  for (const target of targets) {
    const likeness = Math.exp(-distance[target] / (2 * spread));
    weights[target] = likeness * depthShares[Math.min(depthShares.length - 1, depth[target])] + 1e-20;
  }
  return weights;
}

/** Fills the level's hole with the weighted mean of what all patches over a pixel show there. */
export function voteMean(field: PatchField, weights: Float32Array): void {
  const { level, nearest, moments } = field;
  const { features, texture, hole, width, height, targets } = level;
  const radius = patchRadius;
  // For each target its weight, what its luma is multiplied with, and what is added to its chroma, all weighted.
  const votes = new Float32Array(4 * hole.length);
  for (const target of targets) {
    const source = nearest[target];
    const weight = weights[target];
    const gain = gainBetween(moments, target, source);
    votes[4 * target] = weight;
    votes[4 * target + 1] = weight * gain;
    votes[4 * target + 2] = weight * biasBetween(moments, target, source, 1);
    votes[4 * target + 3] = weight * biasBetween(moments, target, source, 2);
  }
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
        const vote = 4 * target;
        const weight = votes[vote];
        const gain = votes[vote + 1];
        const from = (source - offset) * featureCount;
        const textureFrom = (source - offset) * textureCount;
        total += weight;
        luma += gain * features[from];
        cb += weight * features[from + 1] + votes[vote + 2];
        cr += weight * features[from + 2] + votes[vote + 3];
        across += gain * texture[textureFrom];
        down += gain * texture[textureFrom + 1];
      }
    }
    const at = pixel * featureCount;
    features[at] = luma / total;
    features[at + 1] = cb / total;
    features[at + 2] = cr / total;
    texture[pixel * textureCount] = across / total;
    texture[pixel * textureCount + 1] = down / total;
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
