interface Size {
  readonly width: number;
  readonly height: number;
}

/** Half-width of the Lanczos window, in samples. */
const lobes = 3;

/** sinc(x)·sinc(x/3) for |x| < 3 (Lanczos window; Duchon, "Lanczos Filtering in One and Two Dimensions", 1979). */
function lanczos(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= lobes) return 0;
  const angle = Math.PI * x;
  return (lobes * Math.sin(angle) * Math.sin(angle / lobes)) / (angle * angle);
}

/** Weights of every output sample, `taps` each: outputs i has inputs [first[i], first[i] + taps). */
interface Filter {
  readonly taps: number;
  readonly first: Int32Array;
  /** [outputs, taps]; unused taps at the end are 0. */
  readonly weights: Float32Array;
}

/**
 * Sample centres are at ½, as everywhere. Widened when shrinking, so that nothing aliases; cut and renormalised at
 * the edges. The same as Pillow's LANCZOS, with which the models' own pipelines resize.
 */
function lanczosFilter(from: number, to: number): Filter {
  const scale = from / to;
  const widening = Math.max(1, scale);
  const support = lobes * widening;
  const taps = Math.min(from, Math.ceil(support) * 2 + 1);
  const first = new Int32Array(to);
  const weights = new Float32Array(to * taps);
  const line = new Float64Array(taps);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const low = Math.max(0, Math.floor(centre - support + 0.5));
    const high = Math.min(from, Math.floor(centre + support + 0.5));
    // The window of `taps` inputs must end inside the picture.
    first[i] = Math.min(low, from - taps);
    let sum = 0;
    for (let k = 0; k < taps; k++) {
      const j = first[i] + k;
      line[k] = j < low || j >= high ? 0 : lanczos((j + 0.5 - centre) / widening);
      sum += line[k];
    }
    for (let k = 0; k < taps; k++) weights[i * taps + k] = line[k] / sum;
  }
  return { taps, first, weights };
}

/**
 * Resizes a picture [channels, height, width] float32 with a Lanczos filter, antialiased when shrinking.
 * Returns a new picture [channels, to.height, to.width]; it may overshoot at sharp edges.
 */
export function resizePlanar(
  picture: Float32Array,
  from: Size & { readonly channels: number },
  to: Size,
): Float32Array {
  const { channels, width, height } = from;
  const narrow =
    to.width === width
      ? picture
      : resizeRows(picture, channels * height, width, lanczosFilter(width, to.width));
  if (to.height === height) return narrow === picture ? picture.slice() : narrow;
  return resizeColumns(narrow, channels, height, to.width, lanczosFilter(height, to.height));
}

/** Every line [width] → [outputs]. */
function resizeRows(picture: Float32Array, lines: number, width: number, filter: Filter): Float32Array {
  const { taps, first, weights } = filter;
  const outputs = first.length;
  const result = new Float32Array(lines * outputs);
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < outputs; i++) {
      const source = line * width + first[i];
      let sum = 0;
      for (let k = 0; k < taps; k++) sum += weights[i * taps + k] * picture[source + k];
      result[line * outputs + i] = sum;
    }
  }
  return result;
}

/** Every channel [height, width] → [outputs, width], whole lines at a time. */
function resizeColumns(
  picture: Float32Array,
  channels: number,
  height: number,
  width: number,
  filter: Filter,
): Float32Array {
  const { taps, first, weights } = filter;
  const outputs = first.length;
  const result = new Float32Array(channels * outputs * width);
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < outputs; i++) {
      const target = (channel * outputs + i) * width;
      for (let k = 0; k < taps; k++) {
        const weight = weights[i * taps + k];
        const source = (channel * height + first[i] + k) * width;
        for (let x = 0; x < width; x++) result[target + x] += weight * picture[source + x];
      }
    }
  }
  return result;
}

/** Resizes a mask [height, width]: a pixel is masked (255) as soon as any masked pixel is under it. */
export function resizeMask(mask: Uint8Array, from: Size, to: Size): Uint8Array {
  const columns = coveredRanges(from.width, to.width);
  const rows = coveredRanges(from.height, to.height);
  const result = new Uint8Array(to.width * to.height);
  for (let y = 0; y < to.height; y++) {
    for (let row = rows[2 * y]; row < rows[2 * y + 1]; row++) {
      for (let x = 0; x < to.width; x++) {
        for (let column = columns[2 * x]; column < columns[2 * x + 1]; column++) {
          if (mask[row * from.width + column] !== 0) result[y * to.width + x] = 255;
        }
      }
    }
  }
  return result;
}

/** The inputs [start, end) that each output covers, wholly or in part, as start, end, start, end, … */
function coveredRanges(from: number, to: number): Int32Array {
  const ranges = new Int32Array(2 * to);
  for (let i = 0; i < to; i++) {
    ranges[2 * i] = Math.floor((i * from) / to);
    ranges[2 * i + 1] = Math.ceil(((i + 1) * from) / to);
  }
  return ranges;
}
