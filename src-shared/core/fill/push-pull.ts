/** Size of a picture [channels, height, width]. */
export interface FillSize {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

interface Level {
  readonly height: number;
  readonly width: number;
  /** [channels, height, width]. */
  readonly colour: Float32Array;
  /** [height, width], 0…1: how much of `colour` is known. */
  readonly weight: Float32Array;
}

/**
 * Fills a hole smoothly from what surrounds it: known colours are averaged up a pyramid (pull), then holes take
 * the bilinear interpolation of the coarser level (push). Gortler et al., "The Lumigraph", 1996, section 3.4,
 * with 2 × 2 box averages. The starter model's training fills its holes by the very same rule.
 *
 * @param picture [channels, height, width], float32; values inside the hole are not read.
 * @param mask [height, width]; non-zero = hole.
 * @returns A new picture of the same size. Outside the hole it equals `picture`; where everything is hole, it is 0.
 */
export function pushPullFill(
  picture: Float32Array,
  mask: Uint8Array,
  size: FillSize,
): Float32Array<ArrayBuffer> {
  const { channels, height, width } = size;
  if (picture.length !== channels * height * width || mask.length !== height * width) {
    throw new RangeError(
      `pushPullFill: picture of ${picture.length} and mask of ${mask.length} values do not fit ` +
        `[${channels}, ${height}, ${width}].`,
    );
  }
  const filled = new Float32Array(picture);
  const weight = new Float32Array(mask.length).fill(1);
  for (let pixel = 0; pixel < mask.length; pixel++) {
    if (mask[pixel] === 0) continue;
    weight[pixel] = 0;
    for (let channel = 0; channel < channels; channel++) filled[channel * mask.length + pixel] = 0;
  }

  const levels: Level[] = [{ height, width, colour: filled, weight }];
  for (let finest = levels[0]; finest.height > 1 || finest.width > 1; finest = levels[levels.length - 1]) {
    levels.push(pull(finest, channels));
  }
  for (let index = levels.length - 2; index >= 0; index--) push(levels[index], levels[index + 1], channels);
  return filled;
}

/** Halves a level: W' = Σw, C' = Σ(w·c) / W', w' = min(1, W') over the 2 × 2 children; absent children weigh 0. */
function pull(fine: Level, channels: number): Level {
  const height = Math.ceil(fine.height / 2);
  const width = Math.ceil(fine.width / 2);
  const colour = new Float32Array(channels * height * width);
  const weight = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    const endRow = Math.min(2 * y + 2, fine.height);
    for (let x = 0; x < width; x++) {
      const endColumn = Math.min(2 * x + 2, fine.width);
      let total = 0;
      for (let row = 2 * y; row < endRow; row++) {
        for (let column = 2 * x; column < endColumn; column++)
          total += fine.weight[row * fine.width + column];
      }
      weight[y * width + x] = Math.min(1, total);
      if (total === 0) continue;
      for (let channel = 0; channel < channels; channel++) {
        const plane = channel * fine.height * fine.width;
        let sum = 0;
        for (let row = 2 * y; row < endRow; row++) {
          for (let column = 2 * x; column < endColumn; column++) {
            const child = row * fine.width + column;
            sum += fine.weight[child] * fine.colour[plane + child];
          }
        }
        colour[(channel * height + y) * width + x] = sum / total;
      }
    }
  }
  return { height, width, colour, weight };
}

/** Completes `fine` in place: c = w·c + (1 − w)·up, `up` the coarse colours at half-pixel centres, edges clamped. */
function push(fine: Level, coarse: Level, channels: number): void {
  for (let y = 0; y < fine.height; y++) {
    const [top, bottom, down] = neighbours(y, coarse.height);
    for (let x = 0; x < fine.width; x++) {
      const pixel = y * fine.width + x;
      const known = fine.weight[pixel];
      if (known === 1) continue;
      const [left, right, across] = neighbours(x, coarse.width);
      for (let channel = 0; channel < channels; channel++) {
        const plane = channel * coarse.height;
        const above = (plane + top) * coarse.width;
        const below = (plane + bottom) * coarse.width;
        const upper = coarse.colour[above + left] * (1 - across) + coarse.colour[above + right] * across;
        const lower = coarse.colour[below + left] * (1 - across) + coarse.colour[below + right] * across;
        const up = upper * (1 - down) + lower * down;
        const target = channel * fine.height * fine.width + pixel;
        fine.colour[target] = known * fine.colour[target] + (1 - known) * up;
      }
    }
  }
}

/** The two coarse positions around fine position `at` and the second one's share: (at + ½) / 2 − ½, clamped. */
function neighbours(at: number, length: number): [number, number, number] {
  const half = at >> 1;
  const [first, share] = at % 2 === 0 ? [half - 1, 0.75] : [half, 0.25];
  return [Math.max(first, 0), Math.min(first + 1, length - 1), share];
}
