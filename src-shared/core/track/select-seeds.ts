import { boundingBox, cropSamples } from '../mask/index.ts';
import { never } from './cut-object.ts';
import { geodesicDistance } from './geodesic.ts';
import type { TrackPicture, Window } from './track-picture.ts';

export type Place = readonly [x: number, y: number];

/** What the editor pointed at, in pixels of a picture: (0, 0) is its corner. */
export interface SelectHints {
  readonly add: readonly Place[];
  readonly remove: readonly Place[];
  /** The object lies inside; from its upper left corner to its lower right one. */
  readonly box?: { readonly from: Place; readonly to: Place };
}

/** The hints as pixels of one picture. */
export interface Seeds {
  /** [height, width]: not 0 where the object is for sure. */
  readonly add: Uint8Array;
  /** [height, width]: log-odds of what is sure, 0 of all else. */
  readonly fixed: Float32Array;
  /** [height, width], −1…1: nearer along the picture to what was taken away, or to what was added; null: nothing was. */
  readonly apart: Float32Array | null;
}

const always = -never;
/** Radius of a click, as a share of the picture's diagonal, and in pixels at least. */
const clickShare = 0.005;
const leastClickPx = 1.2;

/** A click is a disc; without clicks the middle third of the box stands for them. */
export function seedsOf(picture: TrackPicture, hints: SelectHints): Seeds {
  const { width, height } = picture;
  const add = new Uint8Array(width * height);
  const remove = new Uint8Array(width * height);
  for (const place of hints.add) drawDisc(add, picture, place);
  for (const place of hints.remove) drawDisc(remove, picture, place);
  const { box } = hints;
  if (box !== undefined && hints.add.length === 0) drawMiddle(add, picture, box);
  const fixed = new Float32Array(width * height);
  for (let pixel = 0; pixel < fixed.length; pixel++) {
    const [x, y] = [(pixel % width) + 0.5, Math.floor(pixel / width) + 0.5];
    const isOutside =
      box !== undefined && (x < box.from[0] || x > box.to[0] || y < box.from[1] || y > box.to[1]);
    if (remove[pixel] !== 0 || isOutside) fixed[pixel] = never;
    else if (add[pixel] !== 0 && hints.add.length > 0) fixed[pixel] = always;
  }
  return { add, fixed, apart: hints.remove.length === 0 ? null : apartOf(picture, add, remove) };
}

function drawDisc(mask: Uint8Array, { width, height }: TrackPicture, [x, y]: Place): void {
  const radius = Math.max(leastClickPx, clickShare * Math.hypot(width, height));
  const [bottom, right] = [Math.min(height, y + radius + 1), Math.min(width, x + radius + 1)];
  for (let row = Math.max(0, Math.floor(y - radius)); row < bottom; row++) {
    for (let column = Math.max(0, Math.floor(x - radius)); column < right; column++) {
      if (Math.hypot(column + 0.5 - x, row + 0.5 - y) <= radius) mask[row * width + column] = 255;
    }
  }
}

function drawMiddle(
  mask: Uint8Array,
  { width, height }: TrackPicture,
  { from, to }: NonNullable<SelectHints['box']>,
): void {
  const [sixthX, sixthY] = [(to[0] - from[0]) / 3, (to[1] - from[1]) / 3];
  const [bottom, right] = [Math.min(height, to[1] - sixthY), Math.min(width, to[0] - sixthX)];
  for (let row = Math.max(0, Math.floor(from[1] + sixthY)); row < bottom; row++) {
    for (let column = Math.max(0, Math.floor(from[0] + sixthX)); column < right; column++)
      mask[row * width + column] = 255;
  }
}

function apartOf(picture: TrackPicture, add: Uint8Array, remove: Uint8Array): Float32Array {
  const toAdd = geodesicDistance(picture, add);
  const toRemove = geodesicDistance(picture, remove);
  return toAdd.map((near, pixel) => {
    const far = toRemove[pixel];
    return Number.isFinite(near) && Number.isFinite(far) ? (far - near) / (far + near + 1e-3) : 0;
  });
}

/** The box around a mask with `pad` pixels around it; the whole picture where the mask is empty. */
export function windowAroundMask(mask: Uint8Array, width: number, height: number, pad: number): Window {
  const box = boundingBox(mask, width) ?? { x: 0, y: 0, width, height };
  const [x, y] = [Math.max(0, box.x - pad), Math.max(0, box.y - pad)];
  return {
    x,
    y,
    width: Math.min(width, box.x + box.width + pad) - x,
    height: Math.min(height, box.y + box.height + pad) - y,
  };
}

/** A part of values [height, width]. */
export function cropValues(values: Float32Array, width: number, window: Window): Float32Array<ArrayBuffer> {
  return cropSamples(values, width, window, new Float32Array(window.width * window.height));
}

/** The parts of a mask [height, width] that touch the seeds. */
export function connectedTo(
  mask: Uint8Array,
  seeds: Uint8Array,
  width: number,
  height: number,
): Uint8Array<ArrayBuffer> {
  const part = new Uint8Array(width * height);
  const open: number[] = [];
  const reach = (pixel: number): void => {
    if (mask[pixel] === 0 || part[pixel] !== 0) return;
    part[pixel] = 255;
    open.push(pixel);
  };
  for (let pixel = 0; pixel < seeds.length; pixel++) if (seeds[pixel] !== 0) reach(pixel);
  for (let pixel = open.pop(); pixel !== undefined; pixel = open.pop()) {
    const x = pixel % width;
    if (x > 0) reach(pixel - 1);
    if (x < width - 1) reach(pixel + 1);
    if (pixel >= width) reach(pixel - width);
    if (pixel < (height - 1) * width) reach(pixel + width);
  }
  return part;
}
