import { assertLength } from './latent-shape.ts';

/** Sizes of a picture [channels, height, width]. */
export interface PictureShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** Picture value (−1…1) of the bars: white. */
const white = 1;

/**
 * Fits a reference picture [C, h, w] float32 (−1…1) into the video's size with its proportions kept and white
 * bars around it → [C, height, width] float32. Sizes are rounded down, the left and upper bar is the smaller
 * one. Bilinear with half-pixel centres and without a low-pass filter, which is what the model was given in
 * training: as Wan's own release does it (`WanVace.prepare_source`; diffusers' pipeline resizes to multiples of 8
 * first, which is another picture).
 */
export function letterbox(
  picture: Float32Array,
  from: PictureShape,
  to: { readonly height: number; readonly width: number },
): Float32Array {
  assertLength('picture', picture.length, from.channels * from.height * from.width);
  const scale = Math.min(to.height / from.height, to.width / from.width);
  // At least one pixel, for pictures of extreme proportions.
  const height = Math.max(1, Math.floor(from.height * scale));
  const width = Math.max(1, Math.floor(from.width * scale));
  const top = Math.floor((to.height - height) / 2);
  const left = Math.floor((to.width - width) / 2);
  const rows = bilinearTaps(from.height, height);
  const columns = bilinearTaps(from.width, width);
  const canvas = new Float32Array(from.channels * to.height * to.width).fill(white);
  for (let c = 0; c < from.channels; c++) {
    const plane = c * from.height * from.width;
    for (let y = 0; y < height; y++) {
      const upper = plane + rows.first[y] * from.width;
      const lower = plane + rows.second[y] * from.width;
      const down = rows.weight[y];
      const target = (c * to.height + top + y) * to.width + left;
      for (let x = 0; x < width; x++) {
        const a = columns.first[x];
        const b = columns.second[x];
        const right = columns.weight[x];
        const above = picture[upper + a] * (1 - right) + picture[upper + b] * right;
        const below = picture[lower + a] * (1 - right) + picture[lower + b] * right;
        canvas[target + x] = above * (1 - down) + below * down;
      }
    }
  }
  return canvas;
}

/** For each output position the two input positions around it and the second one's weight. */
function bilinearTaps(
  inputLength: number,
  outputLength: number,
): { first: Int32Array; second: Int32Array; weight: Float64Array } {
  const first = new Int32Array(outputLength);
  const second = new Int32Array(outputLength);
  const weight = new Float64Array(outputLength);
  const step = inputLength / outputLength;
  for (let i = 0; i < outputLength; i++) {
    const position = Math.max(0, (i + 0.5) * step - 0.5);
    first[i] = Math.min(inputLength - 1, Math.floor(position));
    second[i] = Math.min(inputLength - 1, first[i] + 1);
    weight[i] = position - first[i];
  }
  return { first, second, weight };
}
