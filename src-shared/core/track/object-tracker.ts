import { boundingBox, dilate } from '../mask/index.ts';
import { motionBetween, type Homography } from '../plate/index.ts';
import { fitAffineFlow, type AffineFlow } from './affine-flow.ts';
import { foregroundOdds, type Background } from './background.ts';
import { ColourModel } from './colour-model.ts';
import { cutObject, never } from './cut-object.ts';
import { findShift, type Shift } from './find-shift.ts';
import { signedDistance } from './signed-distance.ts';
import { areaOf, colourOdds, startShape } from './start-shape.ts';
import {
  cropPicture,
  sampleDistance,
  uncropMask,
  windowLuma,
  type TrackPicture,
  type Window,
} from './track-picture.ts';

/**
 * Dense optical flow between two luma pictures uint8 [height, width]: float32 [height, width, 2]. What is at p in
 * `from` is at p + flow in `to`.
 */
export type DenseFlow = (from: Uint8Array, to: Uint8Array, width: number, height: number) => Float32Array;

export interface TrackFrame {
  readonly picture: TrackPicture;
  /** From the frame's pixels to the background's. */
  readonly toReference: Homography;
}

export interface TrackedMask {
  /** [height, width]: 255 = object, as far around it as it was painted in the first frame. */
  readonly mask: Uint8Array<ArrayBuffer>;
  /** 0…1: how sure the mask is. 0 where the object is not seen. */
  readonly confidence: number;
}

/** The border may lie this far from where the last one would be, in pixels. */
export const bandPx = 18;
/** Weights of what speaks for and against the object, in log-odds; measured by docs/benchmarks/tracking.md. */
const weights = { background: 1, colour: 0.7, mostColour: 3, motion: 3, shape: 0.5, mostShape: 4 } as const;
/** Differences below this, in levels, are noise: neither motion explains a pixel better. */
const motionNoise = 5;
/** How far an object is looked for: at first (as a share of the picture's width), and while it moves evenly. */
const search = { firstShare: 0.1, evenPx: 16, ofSpeed: 0.5, lostPx: 6, mostPx: 60 } as const;
/** Less of the object than this share is seen: it is partly hidden; what was last seen whole stands for it. */
const hiddenShare = 0.6;
/** What has been smaller for so many frames has become smaller. */
const mostHiddenFrames = 25;
/** Fewer pixels are no object. */
const leastArea = 12;
/** How quickly what is known of the object changes with each frame. */
const learning = { object: 0.1, first: 0.05, surroundings: 0.3, area: 0.1, speed: 0.5 } as const;
const surroundingPx = 14;

/** Follows one object through the frames of one shot, in the order in which they are given. */
export class ObjectTracker {
  readonly #background: Background;
  readonly #flow: DenseFlow;
  readonly #loosenessPx: number;
  readonly #backgroundTrust: number;
  readonly #firstColours: ColourModel;
  #objectColours: ColourModel;
  #surroundingColours: ColourModel | null;
  /** The last frame in which the object was seen whole, and its shape there, [height, width]. */
  #last: TrackFrame & { readonly object: Uint8Array };
  #area: number;
  /** Pixels a frame; undefined until it has moved once. */
  #speed: { readonly x: number; readonly y: number } | undefined;
  /** Frames since `#last` in which it was partly or wholly hidden. */
  #hiddenFrames = 0;

  /** @param painted [height, width] of the frame's picture; not empty. */
  constructor(frame: TrackFrame, painted: Uint8Array, background: Background, flow: DenseFlow) {
    this.#background = background;
    this.#flow = flow;
    const window = windowAround(painted, frame.picture, { x: 0, y: 0 }, surroundingPx + 4);
    const start = startShape(frame.picture, painted, window, frame.toReference, background);
    const { width, height } = frame.picture;
    this.#loosenessPx = start.loosenessPx;
    this.#backgroundTrust = start.backgroundTrust;
    this.#firstColours = start.objectColours;
    this.#objectColours = start.objectColours;
    this.#surroundingColours = start.surroundingColours;
    this.#last = { ...frame, object: uncropMask(start.object, window, width, height) };
    this.#area = areaOf(start.object);
  }

  /** The object in the next frame. */
  next(frame: TrackFrame): TrackedMask {
    const { width, height } = frame.picture;
    const shift = this.#findShift(frame.picture);
    const window = windowAround(this.#last.object, frame.picture, shift, bandPx + 6);
    const crop = cropPicture(frame.picture, window);
    const moved = this.#moveShape(frame.picture, window, shift);
    const odds = this.#odds(frame, window, crop, shift, moved);
    const object = cutObject(crop, odds);
    const area = areaOf(object);
    const confidence = confidenceOf(odds, object, area, this.#area, shift.difference);
    this.#learn(frame, window, crop, object, area, shift);
    if (area < leastArea) return { mask: new Uint8Array(width * height), confidence: 0 };
    const whole = uncropMask(object, window, width, height);
    const mask = this.#loosenessPx === 0 ? whole : dilate(whole, width, height, this.#loosenessPx);
    return { mask: Uint8Array.from(mask), confidence };
  }

  #findShift(picture: TrackPicture): Shift {
    const { width, height } = picture;
    const { object } = this.#last;
    const depth = shapeCore(object, width, height);
    const frames = 1 + this.#hiddenFrames;
    const speed = { x: frames * (this.#speed?.x ?? 0), y: frames * (this.#speed?.y ?? 0) };
    const reach =
      this.#speed === undefined
        ? Math.max(search.evenPx, search.firstShare * width)
        : search.evenPx +
          (search.ofSpeed * Math.hypot(speed.x, speed.y)) / frames +
          search.lostPx * this.#hiddenFrames;
    return findShift(this.#last.picture, depth, picture, speed, Math.round(Math.min(search.mostPx, reach)));
  }

  /** The last shape where the object is now: moved pixel by pixel, and moved as one. */
  #moveShape(picture: TrackPicture, window: Window, shift: Shift): MovedShape {
    const { width, height } = window;
    const now = windowLuma(picture, window);
    const before = windowLuma(this.#last.picture, window, shift.x, shift.y);
    const flow = this.#flow(now, before, width, height);
    const shifted = shiftedMask(this.#last.object, picture, window, shift);
    const bent = new Uint8Array(width * height);
    for (let pixel = 0; pixel < bent.length; pixel++) {
      const x = Math.round((pixel % width) + flow[2 * pixel]);
      const y = Math.round(Math.floor(pixel / width) + flow[2 * pixel + 1]);
      if (x >= 0 && y >= 0 && x < width && y < height) bent[pixel] = shifted[y * width + x];
    }
    const motion = fitAffineFlow(flow, bent, width);
    const rigid = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const u = Math.round(x + motion[0] + motion[1] * x + motion[2] * y);
        const v = Math.round(y + motion[3] + motion[4] * x + motion[5] * y);
        if (u >= 0 && v >= 0 && u < width && v < height) rigid[y * width + x] = shifted[v * width + u];
      }
    }
    const distance = signedDistance(bent, width, height, bandPx);
    const rigidDistance = signedDistance(rigid, width, height, bandPx);
    return { motion, distance: distance.map((value, pixel) => (value + rigidDistance[pixel]) / 2) };
  }

  /** Log-odds that a pixel of the window is the object's. */
  #odds(
    frame: TrackFrame,
    window: Window,
    crop: TrackPicture,
    shift: Shift,
    { motion, distance }: MovedShape,
  ): Float32Array<ArrayBuffer> {
    const odds = foregroundOdds(frame.picture, window, frame.toReference, this.#background);
    const moves = this.#motionOdds(frame, window, crop, shift, motion);
    const around = this.#surroundingColours;
    for (let pixel = 0; pixel < odds.length; pixel++) {
      if (distance[pixel] >= bandPx - 1) {
        odds[pixel] = never;
        continue;
      }
      const colour =
        around === null
          ? 0
          : colourOdds(this.#objectColours, around, crop.samples, pixel, weights.mostColour);
      const shape = Math.max(
        -1.5 * weights.mostShape,
        Math.min(weights.mostShape, -weights.shape * distance[pixel]),
      );
      odds[pixel] =
        weights.background * this.#backgroundTrust * odds[pixel] +
        weights.colour * colour +
        weights.motion * moves[pixel] +
        shape;
    }
    return odds;
  }

  /** −1…1: whether the object's motion explains a pixel better than the camera's, over 3 × 3 pixels. */
  #motionOdds(
    frame: TrackFrame,
    window: Window,
    crop: TrackPicture,
    shift: Shift,
    motion: AffineFlow,
  ): Float32Array {
    const { width, height } = window;
    const m = motionBetween(frame.toReference, this.#last.toReference);
    const asObject = new Float32Array(width * height);
    const asCamera = new Float32Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const pixel = y * width + x;
        const [column, row] = [window.x + x, window.y + y];
        const u = column + motion[0] + motion[1] * x + motion[2] * y - shift.x;
        const v = row + motion[3] + motion[4] * x + motion[5] * y - shift.y;
        asObject[pixel] = sampleDistance(crop.samples, pixel, this.#last.picture, u, v);
        const w = m[6] * column + m[7] * row + m[8];
        asCamera[pixel] = sampleDistance(
          crop.samples,
          pixel,
          this.#last.picture,
          (m[0] * column + m[1] * row + m[2]) / w,
          (m[3] * column + m[4] * row + m[5]) / w,
        );
      }
    }
    const object = boxMean(asObject, width, height);
    const camera = boxMean(asCamera, width, height);
    return object.map((value, pixel) => (camera[pixel] - value) / (camera[pixel] + value + motionNoise));
  }

  #learn(
    frame: TrackFrame,
    window: Window,
    crop: TrackPicture,
    object: Uint8Array,
    area: number,
    shift: Shift,
  ): void {
    const { width, height } = frame.picture;
    if (area >= leastArea) this.#learnSurroundings(window, crop, object);
    if (area < Math.max(leastArea, hiddenShare * this.#area) && this.#hiddenFrames < mostHiddenFrames) {
      this.#hiddenFrames++;
      return;
    }
    if (area < leastArea) return;
    const colours = ColourModel.of(crop, object);
    if (colours !== null) {
      this.#objectColours = this.#objectColours
        .towards(colours, learning.object)
        .towards(this.#firstColours, learning.first);
    }
    this.#area += learning.area * (area - this.#area);
    const frames = 1 + this.#hiddenFrames;
    const moved = { x: shift.x / frames, y: shift.y / frames };
    const before = this.#speed ?? moved;
    this.#speed = {
      x: before.x + learning.speed * (moved.x - before.x),
      y: before.y + learning.speed * (moved.y - before.y),
    };
    this.#hiddenFrames = 0;
    this.#last = { ...frame, object: uncropMask(object, window, width, height) };
  }

  #learnSurroundings(window: Window, crop: TrackPicture, object: Uint8Array): void {
    const near = dilate(object, window.width, window.height, surroundingPx);
    const touched = dilate(object, window.width, window.height, 4);
    const around = ColourModel.of(
      crop,
      near.map((value, pixel) => (value !== 0 && touched[pixel] === 0 ? 1 : 0)),
    );
    if (around === null) return;
    this.#surroundingColours = this.#surroundingColours?.towards(around, learning.surroundings) ?? around;
  }
}

interface MovedShape {
  /** From the window's pixels to those of the last frame's window, shifted. */
  readonly motion: AffineFlow;
  /** Signed distance from the border: float32 [height, width] of the window. */
  readonly distance: Float32Array;
}

/** The box around a shape that is moved by `shift`, with `pad` pixels around it, as far as the picture goes. */
function windowAround(
  object: Uint8Array,
  { width, height }: TrackPicture,
  shift: { readonly x: number; readonly y: number },
  pad: number,
): Window {
  const box = boundingBox(object, width);
  if (box === null) throw new Error('an empty shape cannot be tracked');
  const within = (value: number, most: number) => Math.min(most, Math.max(0, value));
  const x = within(box.x + shift.x - pad, width - 1);
  const y = within(box.y + shift.y - pad, height - 1);
  const right = within(box.x + box.width + shift.x + pad, width);
  const bottom = within(box.y + box.height + shift.y + pad, height);
  return { x, y, width: Math.max(1, right - x), height: Math.max(1, bottom - y) };
}

/** Pixels of a shape that do not touch its border; all of them where none is so deep. */
function shapeCore(object: Uint8Array, width: number, height: number): number[] {
  const [all, core]: [number[], number[]] = [[], []];
  for (let pixel = 0; pixel < object.length; pixel++) {
    if (object[pixel] === 0) continue;
    all.push(pixel);
    const x = pixel % width;
    const y = (pixel - x) / width;
    const isCore =
      x > 0 &&
      y > 0 &&
      x < width - 1 &&
      y < height - 1 &&
      object[pixel - 1] !== 0 &&
      object[pixel + 1] !== 0 &&
      object[pixel - width] !== 0 &&
      object[pixel + width] !== 0;
    if (isCore) core.push(pixel);
  }
  return core.length > 0 ? core : all;
}

function shiftedMask(
  mask: Uint8Array,
  { width, height }: TrackPicture,
  window: Window,
  shift: { readonly x: number; readonly y: number },
): Uint8Array {
  const shifted = new Uint8Array(window.width * window.height);
  for (let y = 0; y < window.height; y++) {
    const row = window.y + y - shift.y;
    if (row < 0 || row >= height) continue;
    for (let x = 0; x < window.width; x++) {
      const column = window.x + x - shift.x;
      if (column >= 0 && column < width) shifted[y * window.width + x] = mask[row * width + column];
    }
  }
  return shifted;
}

/** Mean over 3 × 3 pixels, at the border over those inside. */
function boxMean(values: Float32Array, width: number, height: number): Float32Array {
  const means = new Float32Array(values.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let [sum, count] = [0, 0];
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
          sum += values[row * width + column];
          count++;
        }
      }
      means[y * width + x] = sum / count;
    }
  }
  return means;
}

/** Log-odds nearer to 0 than this leave a pixel undecided. */
const decided = 1.5;
/** Difference of the found place, in levels: as good as can be up to `good`, worthless at `bad`. */
const differenceLimit = { good: 5, bad: 25 } as const;

/** From how clearly pixels were decided, how much of the object is seen, and how alike it looks. */
function confidenceOf(
  odds: Float32Array,
  object: Uint8Array,
  area: number,
  usualArea: number,
  difference: number,
): number {
  if (area < leastArea) return 0;
  let undecided = 0;
  for (let pixel = 0; pixel < odds.length; pixel++) {
    if (Math.abs(odds[pixel]) < decided || odds[pixel] > 0 !== (object[pixel] !== 0)) {
      if (odds[pixel] !== never) undecided++;
    }
  }
  const clear = Math.max(0, 1 - undecided / (2 * area));
  const seen = Math.min(area / usualArea, usualArea / area);
  const { good, bad } = differenceLimit;
  const alike = 1 - Math.max(0, Math.min(1, (difference - good) / (bad - good)));
  return clear * Math.sqrt(seen) * (0.3 + 0.7 * alike);
}
