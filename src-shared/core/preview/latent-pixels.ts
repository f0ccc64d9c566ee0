import { assertLength, wanGeometry, type TokenGeometry } from '../control/index.ts';

/** Mask values above this are to be generated, as in `splitByMask`. */
const maskThreshold = 0.5;

/**
 * What the cells of one latent frame stand for: the mean colour of their 8 × 8 pixels in its frames, which are the first
 * alone for latent frame 0 and the four up to 4k for latent frame k (Wan's VAE is causal in time). Pixels under the mask
 * count as 0, mid grey, as they do in VACE's inactive part.
 *
 * @param video [3, T, H, W] float32 in −1…1; H and W multiples of 8
 * @param mask  [T, H, W] float32, 1 = generate
 * @returns [3, H/8, W/8] float32 in −1…1
 */
export function latentPixels(
  video: Float32Array,
  mask: Float32Array,
  { frames, height, width }: { readonly frames: number; readonly height: number; readonly width: number },
  latentFrame: number,
  { spatialStride: spatial, temporalStride: temporal }: TokenGeometry = wanGeometry,
): Float32Array {
  const pixels = height * width;
  assertLength('video', video.length, 3 * frames * pixels);
  assertLength('mask', mask.length, frames * pixels);
  const [rows, columns] = [height / spatial, width / spatial];
  const last = latentFrame * temporal;
  const first = latentFrame === 0 ? 0 : last - temporal + 1;
  const share = 1 / ((last - first + 1) * spatial * spatial);
  const means = new Float32Array(3 * rows * columns);
  for (let c = 0; c < 3; c++) {
    for (let t = first; t <= last; t++) {
      for (let y = 0; y < height; y++) {
        const row = (c * rows + Math.floor(y / spatial)) * columns;
        let source = ((c * frames + t) * height + y) * width;
        let covered = (t * height + y) * width;
        for (let column = 0; column < columns; column++) {
          let sum = 0;
          for (let x = 0; x < spatial; x++, source++, covered++) {
            if (mask[covered] <= maskThreshold) sum += video[source];
          }
          means[row + column] += share * sum;
        }
      }
    }
  }
  return means;
}
