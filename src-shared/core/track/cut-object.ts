import { minCut } from './min-cut.ts';
import type { TrackPicture } from './track-picture.ts';

/** What a border between two like pixels costs, in log-odds, and the least share of it that any border costs. */
const borderCost = 1.8;
const leastShare = 0.1;
/** Log-odds of what must not become object. */
export const never = -50;

/**
 * Splits a picture into object and rest: least cost of log-odds in each pixel and of borders, which are cheap where the
 * picture has an edge (Boykov and Jolly 2001).
 *
 * @param odds float32 [height, width]: above 0 speaks for the object.
 * @returns [height, width], 255 = object.
 */
export function cutObject(picture: TrackPicture, odds: Float32Array): Uint8Array<ArrayBuffer> {
  const { width, height } = picture;
  return minCut({
    width,
    height,
    asObject: odds.map((value) => Math.max(0, -value)),
    asBackground: odds.map((value) => Math.max(0, value)),
    ...borderWeights(picture),
  });
}

function borderWeights({ width, height, samples }: TrackPicture) {
  const weights = [0, 1, 2, 3].map(() => new Float32Array(width * height));
  const offsets = [1, width, width + 1, width - 1];
  const lengths = [1, 1, Math.SQRT2, Math.SQRT2];
  let [sum, count] = [0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      for (let pair = 0; pair < 4; pair++) {
        if ((pair !== 1 && pair !== 3 && x === width - 1) || (pair === 3 && x === 0)) continue;
        if (pair !== 0 && y === height - 1) continue;
        const [here, there] = [3 * pixel, 3 * (pixel + offsets[pair])];
        const square =
          (samples[here] - samples[there]) ** 2 +
          (samples[here + 1] - samples[there + 1]) ** 2 +
          (samples[here + 2] - samples[there + 2]) ** 2;
        weights[pair][pixel] = square;
        sum += square;
        count++;
      }
    }
  }
  // Twice the mean square difference is what counts as an edge (Rother, Kolmogorov and Blake 2004, equation 5).
  const edge = 2 * (sum / Math.max(1, count)) + 1e-6;
  weights.forEach((plane, pair) => {
    for (let pixel = 0; pixel < plane.length; pixel++) {
      const share = leastShare + (1 - leastShare) * Math.exp(-plane[pixel] / edge);
      plane[pixel] = (borderCost * share) / lengths[pair];
    }
  });
  const [right, down, downRight, downLeft] = weights;
  return { right, down, downRight, downLeft };
}
