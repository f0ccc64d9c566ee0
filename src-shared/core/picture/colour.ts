import { chromaSiting } from './chroma-siting.ts';

/** How a picture's samples are in memory and what their numbers mean. `ClipInfo` of the media layer is one. */
export interface PictureLayout {
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: {
    readonly bitDepth: 8 | 10;
    /** log2 of the chroma subsampling. */
    readonly chromaShiftX: 0 | 1;
    readonly chromaShiftY: 0 | 1;
  };
  readonly colour: {
    readonly matrix: 'bt601' | 'bt709' | 'bt2020';
    readonly range: 'limited' | 'full';
    /** ffmpeg's name of the chroma location, where the file has one. */
    readonly tags?: { readonly chromaLocation?: string };
  };
}

export type SamplePlane = Uint8Array | Uint16Array;
/** Y, Cb, Cr, row by row. */
export type PicturePlanes = readonly [SamplePlane, SamplePlane, SamplePlane];

interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Weights of red and blue in luma: ITU-R BT.601, BT.709 and BT.2020 (non-constant luminance). */
const lumaWeights = {
  bt601: { red: 0.299, blue: 0.114 },
  bt709: { red: 0.2126, blue: 0.0722 },
  bt2020: { red: 0.2627, blue: 0.0593 },
} as const;

/** sample = offset + scale · value, with luma values in 0…1 and chroma values in −½…½. */
interface Quantisation {
  readonly lumaOffset: number;
  readonly lumaScale: number;
  readonly chromaOffset: number;
  readonly chromaScale: number;
  readonly max: number;
}

function quantisation(layout: PictureLayout): Quantisation {
  const unit = 2 ** (layout.pixelFormat.bitDepth - 8);
  const max = 2 ** layout.pixelFormat.bitDepth - 1;
  return layout.colour.range === 'limited'
    ? {
        lumaOffset: 16 * unit,
        lumaScale: 219 * unit,
        chromaOffset: 128 * unit,
        chromaScale: 224 * unit,
        max,
      }
    : { lumaOffset: 0, lumaScale: max, chromaOffset: 128 * unit, chromaScale: max, max };
}

/** Linear interpolation along one axis: sample `low` with weight 1 − `share`, `high` with `share`. */
interface Taps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly share: Float32Array;
}

/** Where the chroma of luma positions [start, start + count) comes from; `siting` of this axis. */
function chromaTaps(start: number, count: number, planeLength: number, shift: 0 | 1, siting: number): Taps {
  const low = new Int32Array(count);
  const high = new Int32Array(count);
  const share = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const position = shift === 0 ? start + i : (start + i - siting) / 2;
    const floor = Math.floor(position);
    low[i] = Math.min(Math.max(floor, 0), planeLength - 1);
    high[i] = Math.min(Math.max(floor + 1, 0), planeLength - 1);
    share[i] = position - floor;
  }
  return { low, high, share };
}

const halved = (length: number, shift: 0 | 1): number => (length + (1 << shift) - 1) >> shift;

/**
 * Y'CbCr planes → R'G'B' of `region` (inside the picture): float32 [3, region.height, region.width], 0…1 for what
 * is in gamut (not clamped). Chroma is interpolated linearly from where it is sited.
 */
export function planesToRgb(planes: PicturePlanes, layout: PictureLayout, region: Region): Float32Array {
  const { chromaShiftX, chromaShiftY } = layout.pixelFormat;
  const { lumaOffset, lumaScale, chromaOffset, chromaScale } = quantisation(layout);
  const { red, blue } = lumaWeights[layout.colour.matrix];
  const green = 1 - red - blue;
  const chromaWidth = halved(layout.width, chromaShiftX);
  const chromaHeight = halved(layout.height, chromaShiftY);
  const siting = chromaSiting(layout.colour.tags?.chromaLocation);
  const columns = chromaTaps(region.x, region.width, chromaWidth, chromaShiftX, siting.x);
  const rows = chromaTaps(region.y, region.height, chromaHeight, chromaShiftY, siting.y);
  const [lumaPlane, cbPlane, crPlane] = planes;
  const pixels = region.width * region.height;
  const rgb = new Float32Array(3 * pixels);
  let target = 0;
  for (let y = 0; y < region.height; y++) {
    const lumaRow = (region.y + y) * layout.width + region.x;
    const lowRow = rows.low[y] * chromaWidth;
    const highRow = rows.high[y] * chromaWidth;
    const down = rows.share[y];
    for (let x = 0; x < region.width; x++) {
      const left = columns.low[x];
      const right = columns.high[x];
      const across = columns.share[x];
      const topLeft = (1 - down) * (1 - across);
      const topRight = (1 - down) * across;
      const bottomLeft = down * (1 - across);
      const bottomRight = down * across;
      const cb =
        (topLeft * cbPlane[lowRow + left] +
          topRight * cbPlane[lowRow + right] +
          bottomLeft * cbPlane[highRow + left] +
          bottomRight * cbPlane[highRow + right] -
          chromaOffset) /
        chromaScale;
      const cr =
        (topLeft * crPlane[lowRow + left] +
          topRight * crPlane[lowRow + right] +
          bottomLeft * crPlane[highRow + left] +
          bottomRight * crPlane[highRow + right] -
          chromaOffset) /
        chromaScale;
      const luma = (lumaPlane[lumaRow + x] - lumaOffset) / lumaScale;
      const r = luma + 2 * (1 - red) * cr;
      const b = luma + 2 * (1 - blue) * cb;
      rgb[target] = r;
      rgb[pixels + target] = (luma - red * r - blue * b) / green;
      rgb[2 * pixels + target] = b;
      target++;
    }
  }
  return rgb;
}

/**
 * R'G'B' float32 [3, size.height, size.width] (clamped to 0…1) → planes of a picture of that size in `layout`'s
 * format and colour. Chroma is averaged about where it is sited: ¼ ½ ¼ on a luma sample, ½ ½ between two.
 */
export function rgbToPlanes(
  rgb: Float32Array,
  size: { readonly width: number; readonly height: number },
  layout: PictureLayout,
): PicturePlanes {
  const { width, height } = size;
  const pixels = width * height;
  const { bitDepth, chromaShiftX, chromaShiftY } = layout.pixelFormat;
  const { lumaOffset, lumaScale, chromaOffset, chromaScale, max } = quantisation(layout);
  const { red, blue } = lumaWeights[layout.colour.matrix];
  const green = 1 - red - blue;
  const makePlane = (length: number): SamplePlane =>
    bitDepth === 8 ? new Uint8Array(length) : new Uint16Array(length);
  const clamp = (value: number): number => Math.min(1, Math.max(0, value));
  const lumaPlane = makePlane(pixels);
  const cb = new Float32Array(pixels);
  const cr = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const r = clamp(rgb[i]);
    const b = clamp(rgb[2 * pixels + i]);
    const luma = red * r + green * clamp(rgb[pixels + i]) + blue * b;
    lumaPlane[i] = Math.round(lumaOffset + lumaScale * luma);
    cb[i] = (b - luma) / (2 * (1 - blue));
    cr[i] = (r - luma) / (2 * (1 - red));
  }
  const siting = chromaSiting(layout.colour.tags?.chromaLocation);
  const toPlane = (chroma: Float32Array): SamplePlane => {
    const narrow = chromaShiftX === 0 ? chroma : halveRows(chroma, width, height, siting.x);
    const narrowWidth = halved(width, chromaShiftX);
    const small = chromaShiftY === 0 ? narrow : halveColumns(narrow, narrowWidth, height, siting.y);
    const plane = makePlane(small.length);
    for (let i = 0; i < small.length; i++) {
      // A chroma of +½ in full range is one step beyond the last code.
      plane[i] = Math.min(max, Math.max(0, Math.round(chromaOffset + chromaScale * small[i])));
    }
    return plane;
  };
  return [lumaPlane, toPlane(cb), toPlane(cr)];
}

/** The first of the three samples about position 2i + siting, and their weights. */
function halvingTaps(siting: number): { readonly offset: number; readonly weights: readonly number[] } {
  if (siting === 0.5) return { offset: 0, weights: [0.5, 0.5, 0] };
  return { offset: siting - 1, weights: [0.25, 0.5, 0.25] };
}

/** [height, width] → [height, ⌈width/2⌉]; beyond the edges the edge sample continues. */
function halveRows(chroma: Float32Array, width: number, height: number, siting: number): Float32Array {
  const { offset, weights } = halvingTaps(siting);
  const [first, second, third] = weights;
  const narrowWidth = halved(width, 1);
  const narrow = new Float32Array(narrowWidth * height);
  const last = width - 1;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < narrowWidth; x++) {
      const start = 2 * x + offset;
      narrow[y * narrowWidth + x] =
        first * chroma[row + Math.min(last, Math.max(0, start))] +
        second * chroma[row + Math.min(last, start + 1)] +
        third * chroma[row + Math.min(last, start + 2)];
    }
  }
  return narrow;
}

/** [height, width] → [⌈height/2⌉, width]. */
function halveColumns(chroma: Float32Array, width: number, height: number, siting: number): Float32Array {
  const { offset, weights } = halvingTaps(siting);
  const [first, second, third] = weights;
  const small = new Float32Array(width * halved(height, 1));
  const last = height - 1;
  for (let y = 0; y < halved(height, 1); y++) {
    const start = 2 * y + offset;
    const upper = Math.min(last, Math.max(0, start)) * width;
    const middle = Math.min(last, start + 1) * width;
    const lower = Math.min(last, start + 2) * width;
    for (let x = 0; x < width; x++) {
      small[y * width + x] =
        first * chroma[upper + x] + second * chroma[middle + x] + third * chroma[lower + x];
    }
  }
  return small;
}
