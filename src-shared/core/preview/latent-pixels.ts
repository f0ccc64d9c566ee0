import { assertLength, latentFrameCount, wanStrides } from '../control/index.ts';

/**
 * What each latent cell stands for: the mean colour of its 8 × 8 pixels in the frames of its latent frame, which are the
 * first alone for latent frame 0 and the four up to 4k for latent frame k (Wan's VAE is causal in time).
 *
 * @param video [3, T, H, W] float32, any range; T = 1 + 4k, H and W multiples of 8
 * @returns [3, 1 + (T − 1)/4, H/8, W/8] float32 in the video's range
 */
export function latentPixels(
  video: Float32Array,
  { frames, height, width }: { readonly frames: number; readonly height: number; readonly width: number },
): Float32Array {
  const { spatial, temporal } = wanStrides;
  assertLength('video', video.length, 3 * frames * height * width);
  const [rows, columns] = [height / spatial, width / spatial];
  const latentFrames = latentFrameCount(frames);
  const means = new Float32Array(3 * latentFrames * rows * columns);
  for (let c = 0; c < 3; c++) {
    for (let t = 0; t < frames; t++) {
      const latentFrame = Math.ceil(t / temporal);
      const share = 1 / ((latentFrame === 0 ? 1 : temporal) * spatial * spatial);
      let source = (c * frames + t) * height * width;
      for (let y = 0; y < height; y++) {
        const row = ((c * latentFrames + latentFrame) * rows + Math.floor(y / spatial)) * columns;
        for (let x = 0; x < width; x++) means[row + Math.floor(x / spatial)] += share * video[source++];
      }
    }
  }
  return means;
}
