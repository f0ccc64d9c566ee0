import {
  sampleCubic,
  sampleLinear,
  type Homography,
  type PicturePlanes,
  type PlaneLayout,
} from '../plate/index.ts';

/** Frames that are compared at one pixel of the canvas. */
const mostLayers = 7;
/** Samples nearer to the median than this agree with it, in 8-bit levels. */
const agreeing = { luma: 8, chroma: 6 } as const;
/** Values are stored in steps of 1/64 of an 8-bit level; 0 stands for none. */
const stored = { perLevel: 64, none: 0, offset: 64 } as const;
/** Exposure is compared on a grid of this step, in canvas pixels. */
const exposureStep = 6;
/** Differences beyond these, in levels, are something else than exposure; from the first pass to the last. */
const exposureReaches = [48, 20, 10] as const;
/** Fewer points in common say nothing. */
const leastPoints = 40;

/** A frame, as far as its background is known. */
export interface CanvasFrame {
  readonly planes: PicturePlanes;
  /** [height, width]; not 0 = its own background, or what other frames showed of it. */
  readonly known: Uint8Array;
  /** From the canvas's pixels to the frame's. */
  readonly motion: Homography;
}

/** What the frames agree on. All are [height, width] of the canvas. */
export interface CanvasPicture {
  readonly width: number;
  readonly height: number;
  /** [3, height, width], Y'CbCr in 8-bit levels. */
  readonly picture: Float32Array;
  /** How many frames showed the pixel. */
  readonly seen: Uint8Array;
  /** 1 where frames disagree, so that something else than background may stand there. */
  readonly doubtful: Uint8Array;
  /** How much luma changes from frame to frame: the median deviation, in levels. */
  readonly spread: Float32Array;
}

/**
 * Collects the frames of one piece. Memory: 6 · mostLayers bytes for each pixel of the canvas, however many frames
 * are added.
 */
export class CanvasLayers {
  readonly width: number;
  readonly height: number;
  readonly #layout: PlaneLayout;
  readonly #layers: Uint16Array[] = [];
  readonly #seen: Uint8Array;

  constructor(width: number, height: number, layout: PlaneLayout) {
    this.width = width;
    this.height = height;
    this.#layout = layout;
    this.#seen = new Uint8Array(width * height);
  }

  /** Lays a frame onto the canvas, its exposure matched to what lies there. The first counts most. */
  add(frame: CanvasFrame): void {
    const { width, height } = this;
    const pixels = width * height;
    const warp = warpOf(frame, this.#layout);
    const { gain, bias } = this.#exposure(warp);
    const sample = new Float32Array(3);
    for (let y = 0, pixel = 0; y < height; y++) {
      for (let x = 0; x < width; x++, pixel++) {
        const depth = this.#seen[pixel];
        if (depth === mostLayers || !warp(x, y, sample)) continue;
        const layer = (this.#layers[depth] ??= new Uint16Array(3 * pixels));
        layer[pixel] = store(gain * sample[0]);
        layer[pixels + pixel] = store(sample[1] + bias[0]);
        layer[2 * pixels + pixel] = store(sample[2] + bias[1]);
        this.#seen[pixel] = depth + 1;
      }
    }
  }

  /**
   * The background: at each pixel the first frame's value that agrees with the median of all. So neighbours mostly come
   * from one frame, sharp and with its grain, and what passes through is left out.
   */
  settle(): CanvasPicture {
    const { width, height } = this;
    const pixels = width * height;
    const picture = new Float32Array(3 * pixels);
    const doubtful = new Uint8Array(pixels);
    const spread = new Float32Array(pixels);
    const values = new Float32Array(mostLayers);
    const sorted = new Float32Array(mostLayers);
    const medianOf = (plane: number, pixel: number, count: number): number => {
      for (let k = 0; k < count; k++) values[k] = load(this.#layers[k][plane * pixels + pixel]);
      return middle(values, sorted, count);
    };
    for (let pixel = 0; pixel < pixels; pixel++) {
      const count = this.#seen[pixel];
      if (count === 0) continue;
      const cb = medianOf(1, pixel, count);
      const cr = medianOf(2, pixel, count);
      const luma = medianOf(0, pixel, count);
      let [agree, first, nearest, least] = [0, -1, 0, Infinity];
      for (let k = 0; k < count; k++) {
        const off = Math.abs(load(this.#layers[k][pixel]) - luma);
        const offCb = Math.abs(load(this.#layers[k][pixels + pixel]) - cb);
        const offCr = Math.abs(load(this.#layers[k][2 * pixels + pixel]) - cr);
        values[k] = off;
        if (off + offCb + offCr < least) [nearest, least] = [k, off + offCb + offCr];
        if (off > agreeing.luma || Math.max(offCb, offCr) > agreeing.chroma) continue;
        agree++;
        if (first < 0) first = k;
      }
      spread[pixel] = middle(values, sorted, count);
      if (2 * agree < count) doubtful[pixel] = 1;
      const layer = this.#layers[first < 0 ? nearest : first];
      for (let plane = 0; plane < 3; plane++) {
        picture[plane * pixels + pixel] = load(layer[plane * pixels + pixel]);
      }
    }
    return { width, height, picture, seen: this.#seen, doubtful, spread };
  }

  /** How the frame's levels become those of the canvas: luma by a factor, chroma by a shift. */
  #exposure(warp: Warp): { readonly gain: number; readonly bias: readonly [number, number] } {
    const { width, height } = this;
    const pixels = width * height;
    const sample = new Float32Array(3);
    const pairs: number[] = [];
    for (let y = exposureStep >> 1; y < height; y += exposureStep) {
      for (let x = exposureStep >> 1; x < width; x += exposureStep) {
        const pixel = y * width + x;
        if (this.#seen[pixel] === 0 || !warp(x, y, sample)) continue;
        const [base] = this.#layers;
        pairs.push(sample[0], load(base[pixel]));
        pairs.push(load(base[pixels + pixel]) - sample[1], load(base[2 * pixels + pixel]) - sample[2]);
      }
    }
    if (pairs.length < 4 * leastPoints) return { gain: 1, bias: [0, 0] };
    let gain = 1;
    const bias: [number, number] = [0, 0];
    for (const reach of exposureReaches) {
      let [theirs, ours] = [0, 0];
      const sums = [0, 0, 0, 0];
      for (let at = 0; at < pairs.length; at += 4) {
        if (Math.abs(gain * pairs[at] - pairs[at + 1]) <= reach) {
          theirs += pairs[at];
          ours += pairs[at + 1];
        }
        for (const k of [0, 1]) {
          if (Math.abs(pairs[at + 2 + k] - bias[k]) > reach) continue;
          sums[k] += pairs[at + 2 + k];
          sums[2 + k]++;
        }
      }
      if (theirs > 0) gain = ours / theirs;
      for (const k of [0, 1]) if (sums[2 + k] > 0) bias[k] = sums[k] / sums[2 + k];
    }
    return { gain, bias };
  }
}

/** Writes the frame's Y'CbCr in 8-bit levels at a pixel of the canvas; false where the frame does not know it. */
type Warp = (x: number, y: number, sample: Float32Array) => boolean;

/** A camera that stands is copied, pixel for pixel; what moves is interpolated. */
function warpOf({ planes, known, motion: m }: CanvasFrame, layout: PlaneLayout): Warp {
  const { width, height, chromaShiftX, chromaShiftY, bitDepth } = layout;
  const chroma = {
    width: (width + chromaShiftX) >> chromaShiftX,
    height: (height + chromaShiftY) >> chromaShiftY,
  };
  const unit = 1 / (1 << (bitDepth - 8));
  const [midX, midY] = [((1 << chromaShiftX) - 1) / 2, ((1 << chromaShiftY) - 1) / 2];
  return (x, y, sample) => {
    const w = m[6] * x + m[7] * y + m[8];
    const u = (m[0] * x + m[1] * y + m[2]) / w;
    const v = (m[3] * x + m[4] * y + m[5]) / w;
    if (!(w > 0 && u >= 0 && v >= 0 && u <= width - 1 && v <= height - 1)) return false;
    const [column, row] = [Math.floor(u), Math.floor(v)];
    const [nextX, nextY] = [column === u ? 0 : 1, row === v ? 0 : width];
    const corner = row * width + column;
    // Every pixel that is interpolated between must be known.
    if (!(known[corner] && known[corner + nextX] && known[corner + nextY] && known[corner + nextX + nextY]))
      return false;
    const whole = column === u && row === v;
    sample[0] = (whole ? planes[0][corner] : sampleCubic(planes[0], width, height, u, v)) * unit;
    const cu = (u - midX) / (1 << chromaShiftX);
    const cv = (v - midY) / (1 << chromaShiftY);
    sample[1] = sampleLinear(planes[1], chroma.width, chroma.height, cu, cv) * unit;
    sample[2] = sampleLinear(planes[2], chroma.width, chroma.height, cu, cv) * unit;
    return true;
  };
}

function store(level: number): number {
  return Math.max(1, Math.min(65535, Math.round(level * stored.perLevel) + stored.offset));
}

function load(value: number): number {
  return (value - stored.offset) / stored.perLevel;
}

/** The median of the first `count` values; of two the lower. `scratch` is overwritten. */
function middle(values: Float32Array, scratch: Float32Array, count: number): number {
  for (let k = 0; k < count; k++) {
    const value = values[k];
    let at = k;
    while (at > 0 && scratch[at - 1] > value) {
      scratch[at] = scratch[at - 1];
      at--;
    }
    scratch[at] = value;
  }
  return scratch[(count - 1) >> 1];
}
