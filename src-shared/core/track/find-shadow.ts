import { boundingBox, dilate } from '../mask/index.ts';
import { cutObject, never } from './cut-object.ts';
import type { Background } from './background.ts';
import type { TrackFrame } from './object-tracker.ts';
import { connectedTo, windowAroundMask } from './select-seeds.ts';
import { areaOf } from './start-shape.ts';
import { cropMask, cropPicture, uncropMask } from './track-picture.ts';

/** Luma of black: limited range, which is what video has. */
const black = 16;
/** A shadow leaves this share of the light: less is something dark, more is noise. */
const light = { least: 0.3, most: 0.94 } as const;
/** Levels that a darkening must be beyond the background's spread, and that its colour may be off, in spreads. */
const clear = { dark: 1.6, colour: 2.2 } as const;
const most = 3;
/** The background must be known so well: a spread of this many levels says nothing. */
const unknownSpread = 20;
/** A shadow begins this near to the object and ends this far, as a share of the object's size; smaller ones are noise. */
const reach = { touchPx: 9, ofSize: 1.2, leastShare: 0.04, leastArea: 25 } as const;

export interface Shadow {
  /** [height, width]: 255 = shadow, without the object. */
  readonly mask: Uint8Array<ArrayBuffer>;
  /** 0…1: how clearly it is darker than the background; 0 where there is none. */
  readonly confidence: number;
}

/**
 * The shadow that an object throws in one frame: what touches it, is darker than the background in the same place, and has
 * its colours, scaled by the same factor (the brightness and chromaticity distortion of Horprasert, Harwood and Davis 1999).
 * What is dark in all frames is in the background, and no part of it.
 *
 * @param object [height, width] of the frame's picture.
 */
export function findShadow(frame: TrackFrame, object: Uint8Array, background: Background): Shadow {
  const { picture, toReference: m } = frame;
  const { width, height } = picture;
  const none = { mask: new Uint8Array(width * height), confidence: 0 };
  const box = boundingBox(object, width);
  if (box === null) return none;
  const size = Math.max(box.width, box.height);
  const window = windowAroundMask(object, width, height, Math.ceil(reach.ofSize * size));
  const crop = cropPicture(picture, window);
  const own = cropMask(object, width, window);
  const { window: canvas, samples, spread } = background;
  const odds = new Float32Array(window.width * window.height);
  for (let pixel = 0; pixel < odds.length; pixel++) {
    odds[pixel] = never;
    if (own[pixel] !== 0) continue;
    const [x, y] = [window.x + (pixel % window.width), window.y + Math.floor(pixel / window.width)];
    const w = m[6] * x + m[7] * y + m[8];
    const column = Math.round((m[0] * x + m[1] * y + m[2]) / w) - canvas.x;
    const row = Math.round((m[3] * x + m[4] * y + m[5]) / w) - canvas.y;
    if (!(w > 0 && column >= 0 && row >= 0 && column < canvas.width && row < canvas.height)) continue;
    const place = row * canvas.width + column;
    if (spread[place] >= unknownSpread) continue;
    odds[pixel] = shadowOdds(crop.samples, 3 * pixel, samples, 3 * place, spread[place]);
  }
  const touching = dilate(own, window.width, window.height, reach.touchPx);
  const found = connectedTo(cutObject(crop, odds), touching, window.width, window.height);
  const area = areaOf(found);
  if (area < Math.max(reach.leastArea, reach.leastShare * areaOf(own))) return none;
  let sure = 0;
  for (let pixel = 0; pixel < found.length; pixel++) if (found[pixel] !== 0 && odds[pixel] > 0) sure++;
  return { mask: uncropMask(found, window, width, height), confidence: sure / area };
}

/** Log-odds, −3…3, that samples are the background's with less light. */
function shadowOdds(now: Uint8Array, at: number, before: Uint8Array, place: number, spread: number): number {
  const lit = Math.max(1, before[place] - black);
  const share = (now[at] - black) / lit;
  const darker = (before[place] - now[at]) / spread - clear.dark;
  if (share < light.least) return -most;
  const off = Math.hypot(
    now[at + 1] - 128 - share * (before[place + 1] - 128),
    now[at + 2] - 128 - share * (before[place + 2] - 128),
  );
  const alike = clear.colour - off / spread;
  const dark = share > light.most ? Math.min(0, darker) - 1 : darker;
  return Math.max(-most, Math.min(most, Math.min(dark, 1.5 * alike)));
}
