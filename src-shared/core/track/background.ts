import { invert, mapPoint, type Homography } from '../plate/index.ts';
import type { TrackPicture, Window } from './track-picture.ts';

/** A frame that shows the background. */
export interface BackgroundSample {
  readonly picture: TrackPicture;
  /** From the picture's pixels to those that all samples share. */
  readonly toReference: Homography;
  /** [height, width]; what is not 0 is not background. Null: nothing is known to be in front of it. */
  readonly hidden: Uint8Array | null;
}

/** What the frames agree on, in the pixels that they share; arrays are [height, width]. */
export interface Background {
  readonly window: Window;
  /** Median of the channels: [height, width, 3]. */
  readonly samples: Uint8Array;
  /** Robust standard deviation over the frames, in levels; `unknownSpread` where fewer than `leastViews` show the spot. */
  readonly spread: Float32Array;
}

/** Fewer frames than this say nothing of what is usual. */
const leastViews = 4;
/** A spread of this many levels tells nothing: an object would not stand out. */
const unknownSpread = 25;
/** Differences below this are noise, in levels. */
const leastSpread = 3;
/** The canvas may have this many times the pixels of a frame; what lies further out is not known. */
const mostPictures = 6;

/**
 * The clip without what moves in it: for every spot of the shared canvas the median over the samples that show it, and
 * how much they differ (median absolute deviation). Without samples nothing is known anywhere.
 */
export function buildBackground(samples: readonly BackgroundSample[]): Background {
  if (samples.length === 0) {
    const window = { x: 0, y: 0, width: 0, height: 0 };
    return { window, samples: new Uint8Array(), spread: new Float32Array() };
  }
  const window = canvasOf(samples);
  const count = window.width * window.height;
  const median = new Uint8Array(3 * count);
  const spread = new Float32Array(count).fill(unknownSpread);
  const views = samples.map((sample) => ({ ...sample, fromReference: invert(sample.toReference) }));
  const values = [0, 1, 2].map(() => new Float32Array(samples.length));
  for (let y = 0; y < window.height; y++) {
    for (let x = 0; x < window.width; x++) {
      let seen = 0;
      for (const { picture, hidden, fromReference: m } of views) {
        const [u, v] = [window.x + x, window.y + y];
        const w = m[6] * u + m[7] * v + m[8];
        const column = Math.round((m[0] * u + m[1] * v + m[2]) / w);
        const row = Math.round((m[3] * u + m[4] * v + m[5]) / w);
        if (!(w > 0 && column >= 0 && row >= 0 && column < picture.width && row < picture.height)) continue;
        const pixel = row * picture.width + column;
        if (hidden !== null && hidden[pixel] !== 0) continue;
        for (let channel = 0; channel < 3; channel++)
          values[channel][seen] = picture.samples[3 * pixel + channel];
        seen++;
      }
      if (seen < leastViews) continue;
      let square = 0;
      for (let channel = 0; channel < 3; channel++) {
        const channelValues = values[channel].subarray(0, seen).sort();
        const middle = channelValues[seen >> 1];
        median[3 * (y * window.width + x) + channel] = middle;
        for (let view = 0; view < seen; view++) channelValues[view] = Math.abs(channelValues[view] - middle);
        // 1.4826 makes the median deviation of Gaussian noise its standard deviation.
        square += (1.4826 * channelValues.sort()[seen >> 1]) ** 2;
      }
      spread[y * window.width + x] = Math.min(unknownSpread, Math.max(leastSpread, Math.sqrt(square / 3)));
    }
  }
  return { window, samples: median, spread };
}

/** The box around all samples, cut down to `mostPictures` around the first one's middle. */
function canvasOf(samples: readonly BackgroundSample[]): Window {
  const { width, height } = samples[0].picture;
  const corners = samples.flatMap(({ toReference }) =>
    [
      [0, 0],
      [width, 0],
      [0, height],
      [width, height],
    ].map(([x, y]) => mapPoint(toReference, x, y)),
  );
  const [centreX, centreY] = mapPoint(samples[0].toReference, width / 2, height / 2);
  const span = (axis: 0 | 1, size: number, centre: number) => {
    const places = corners.map((corner) => corner[axis]).filter(Number.isFinite);
    const reach = (mostPictures * size) / 2;
    const from = Math.max(Math.floor(Math.min(...places)), Math.floor(centre - reach));
    return { from, size: Math.min(Math.ceil(Math.max(...places)), Math.ceil(centre + reach)) - from };
  };
  const across = span(0, width, centreX);
  const most = Math.floor((mostPictures * width * height) / Math.max(1, across.size));
  const down = span(1, height, centreY);
  const cut = Math.max(0, Math.ceil((down.size - most) / 2));
  return { x: across.from, y: down.from + cut, width: across.size, height: down.size - 2 * cut };
}

/**
 * For every pixel of a window of a picture, the log-odds that something stands before the background: the likelihood
 * of its difference from the median under the background's own spread against a flat one. 0 where nothing is known.
 *
 * @param toReference From the picture's pixels to the background's.
 * @returns float32 [window.height, window.width], about −4…7.
 */
export function foregroundOdds(
  picture: TrackPicture,
  window: Window,
  toReference: Homography,
  background: Background,
): Float32Array<ArrayBuffer> {
  const odds = new Float32Array(window.width * window.height);
  const { window: canvas, samples, spread } = background;
  const m = toReference;
  for (let y = 0; y < window.height; y++) {
    for (let x = 0; x < window.width; x++) {
      const [u, v] = [window.x + x, window.y + y];
      const w = m[6] * u + m[7] * v + m[8];
      const column = Math.round((m[0] * u + m[1] * v + m[2]) / w) - canvas.x;
      const row = Math.round((m[3] * u + m[4] * v + m[5]) / w) - canvas.y;
      if (!(w > 0 && column >= 0 && row >= 0 && column < canvas.width && row < canvas.height)) continue;
      const place = row * canvas.width + column;
      if (spread[place] >= unknownSpread) continue;
      const pixel = 3 * (v * picture.width + u);
      let square = 0;
      for (let channel = 0; channel < 3; channel++) {
        square += (picture.samples[pixel + channel] - samples[3 * place + channel]) ** 2;
      }
      const information = Math.log(unknownSpread / spread[place]);
      const surprise = Math.min(7, square / (6 * spread[place] * spread[place]));
      odds[y * window.width + x] = Math.min(1, information / 2) * surprise - 2 * information;
    }
  }
  return odds;
}
