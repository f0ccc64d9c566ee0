interface Size {
  readonly width: number;
  readonly height: number;
}

/** Contributions to one output sample: inputs [first, first + weights.length). */
interface Contribution {
  readonly first: number;
  readonly weights: Float32Array;
}

/** Catmull-Rom cubic (Keys, "Cubic Convolution Interpolation", 1981, a = −½); support 2. */
function cubic(x: number): number {
  const t = Math.abs(x);
  if (t < 1) return 1.5 * t ** 3 - 2.5 * t ** 2 + 1;
  if (t < 2) return -0.5 * t ** 3 + 2.5 * t ** 2 - 4 * t + 2;
  return 0;
}

/** Weights from `from` to `to` samples, pixel centres at ½. Widened when shrinking, so that nothing aliases. */
function contributions(from: number, to: number): Contribution[] {
  const scale = from / to;
  const widening = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale - 0.5;
    const low = Math.ceil(centre - 2 * widening);
    const high = Math.floor(centre + 2 * widening);
    const first = Math.max(0, low);
    const last = Math.min(from - 1, high);
    const weights = new Float32Array(last - first + 1);
    let sum = 0;
    for (let j = low; j <= high; j++) {
      const weight = cubic((j - centre) / widening);
      // What lies beyond the edge falls on the edge sample.
      weights[Math.min(Math.max(j, first), last) - first] += weight;
      sum += weight;
    }
    for (let k = 0; k < weights.length; k++) weights[k] /= sum;
    return { first, weights };
  });
}

/**
 * Resizes a picture [channels, height, width] float32 by cubic convolution, antialiased when shrinking.
 * Returns a new picture [channels, to.height, to.width]; it may overshoot at sharp edges.
 */
export function resizePlanar(
  picture: Float32Array,
  from: Size & { readonly channels: number },
  to: Size,
): Float32Array {
  const { channels, width, height } = from;
  if (width === to.width && height === to.height) return picture.slice();
  const columns = contributions(width, to.width);
  const rows = contributions(height, to.height);
  const narrow = new Float32Array(channels * height * to.width);
  for (let line = 0; line < channels * height; line++) {
    for (let x = 0; x < to.width; x++) {
      const { first, weights } = columns[x];
      const start = line * width + first;
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k] * picture[start + k];
      narrow[line * to.width + x] = sum;
    }
  }
  const result = new Float32Array(channels * to.height * to.width);
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < to.height; y++) {
      const { first, weights } = rows[y];
      const target = (channel * to.height + y) * to.width;
      for (let k = 0; k < weights.length; k++) {
        const source = (channel * height + first + k) * to.width;
        const weight = weights[k];
        for (let x = 0; x < to.width; x++) result[target + x] += weight * narrow[source + x];
      }
    }
  }
  return result;
}

/** Resizes a mask [height, width]: a pixel is masked (255) as soon as any masked pixel lies under it. */
export function resizeMask(mask: Uint8Array, from: Size, to: Size): Uint8Array {
  const result = new Uint8Array(to.width * to.height);
  const range = (i: number, fromLength: number, toLength: number): readonly [number, number] => [
    Math.floor((i * fromLength) / toLength),
    Math.ceil(((i + 1) * fromLength) / toLength),
  ];
  for (let y = 0; y < to.height; y++) {
    const [top, bottom] = range(y, from.height, to.height);
    for (let x = 0; x < to.width; x++) {
      const [left, right] = range(x, from.width, to.width);
      let masked = false;
      for (let row = top; row < bottom && !masked; row++) {
        for (let column = left; column < right && !masked; column++)
          masked = mask[row * from.width + column] !== 0;
      }
      if (masked) result[y * to.width + x] = 255;
    }
  }
  return result;
}
