import { cropSamples } from '../mask/index.ts';
import { chromaSize, reduceLuma, type PicturePlanes, type PlaneLayout } from '../plate/index.ts';

/**
 * A picture as tracking sees it: `samples` [height, width, 3], 8 bit: luma, and the two colour differences stretched
 * by two about their middle (128), so that a step of colour counts about as much as one of brightness.
 */
export interface TrackPicture {
  readonly width: number;
  readonly height: number;
  readonly samples: Uint8Array;
}

/** A rectangle of whole pixels inside a picture. */
export interface Window {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const chromaStretch = 2;
/** Every level of a colour difference, stretched about its middle. */
const stretched = Uint8ClampedArray.from({ length: 256 }, (_, level) => 128 + chromaStretch * (level - 128));

/** The picture reduced by averaging blocks of `factor` × `factor`; what does not fill a block is left out. */
export function trackPicture(planes: PicturePlanes, layout: PlaneLayout, factor: number): TrackPicture {
  const width = Math.floor(layout.width / factor);
  const height = Math.floor(layout.height / factor);
  const samples = new Uint8Array(3 * width * height);
  const shift = layout.bitDepth - 8;
  const chroma = chromaSize(layout);
  const luma = reduceLuma(planes[0], layout, factor);
  const middle = factor >> 1;
  for (let y = 0; y < height; y++) {
    // One chroma sample a block: the one in its middle.
    const row = Math.min((y * factor + middle) >> layout.chromaShiftY, chroma.height - 1) * chroma.width;
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      const cell = row + Math.min((x * factor + middle) >> layout.chromaShiftX, chroma.width - 1);
      samples[3 * pixel] = luma[pixel];
      samples[3 * pixel + 1] = stretched[planes[1][cell] >> shift];
      samples[3 * pixel + 2] = stretched[planes[2][cell] >> shift];
    }
  }
  return { width, height, samples };
}

/** Luma of a window: uint8 [height, width]; where the window moved by (−shiftX, −shiftY) leaves the picture, its edge. */
export function windowLuma(
  { width, height, samples }: TrackPicture,
  window: Window,
  shiftX = 0,
  shiftY = 0,
): Uint8Array<ArrayBuffer> {
  const luma = new Uint8Array(window.width * window.height);
  for (let y = 0; y < window.height; y++) {
    const row = Math.min(height - 1, Math.max(0, window.y + y - shiftY)) * width;
    for (let x = 0; x < window.width; x++) {
      const column = Math.min(width - 1, Math.max(0, window.x + x - shiftX));
      luma[y * window.width + x] = samples[3 * (row + column)];
    }
  }
  return luma;
}

export function cropPicture({ width, samples }: TrackPicture, window: Window): TrackPicture {
  const crop = new Uint8Array(3 * window.width * window.height);
  cropSamples(samples, width, window, crop, 3);
  return { width: window.width, height: window.height, samples: crop };
}

/** The part of a mask [height, width] inside the window. */
export function cropMask(mask: Uint8Array, width: number, window: Window): Uint8Array<ArrayBuffer> {
  return cropSamples(mask, width, window, new Uint8Array(window.width * window.height));
}

/** A mask [height, width] that is the crop inside the window and 0 elsewhere. */
export function uncropMask(
  crop: Uint8Array,
  window: Window,
  width: number,
  height: number,
): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(width * height);
  for (let y = 0; y < window.height; y++) {
    mask.set(crop.subarray(y * window.width, (y + 1) * window.width), (window.y + y) * width + window.x);
  }
  return mask;
}

/**
 * How far the samples at pixel `at` are from those of `picture` at (u, v), bilinear, the edge held beyond the picture:
 * root of the mean square over the channels, in levels.
 */
export function sampleDistance(
  samples: Uint8Array,
  at: number,
  { width, height, samples: other }: TrackPicture,
  u: number,
  v: number,
): number {
  const x = Math.min(width - 1, Math.max(0, u));
  const y = Math.min(height - 1, Math.max(0, v));
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - left, y - top];
  const start = 3 * (top * width + left);
  const right = left < width - 1 ? 3 : 0;
  const down = top < height - 1 ? 3 * width : 0;
  let sum = 0;
  for (let channel = 0; channel < 3; channel++) {
    const first = start + channel;
    const upper = other[first] * (1 - fx) + other[first + right] * fx;
    const lower = other[first + down] * (1 - fx) + other[first + down + right] * fx;
    const difference = samples[3 * at + channel] - (upper * (1 - fy) + lower * fy);
    sum += difference * difference;
  }
  return Math.sqrt(sum / 3);
}
