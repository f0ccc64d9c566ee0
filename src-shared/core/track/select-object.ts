import { dilate } from '../mask/index.ts';
import { enlargeMask } from './blend-masks.ts';
import { ColourModel } from './colour-model.ts';
import { cutObject, never } from './cut-object.ts';
import { movingObject, movingOdds, type MovingSigns } from './select-moving.ts';
import { connectedTo, seedsOf, windowAroundMask, type Place, type SelectHints } from './select-seeds.ts';
import { stillCandidates, type Candidate } from './select-still.ts';
import { signedDistance } from './signed-distance.ts';
import { areaOf, colourOdds, overlap } from './start-shape.ts';
import { cropMask, cropPicture, uncropMask, type TrackPicture } from './track-picture.ts';

/** What a frame tells before anything is clicked; what moves in it is told in pixels of `picture`. */
export interface SelectFrame extends MovingSigns {
  /** The frame as fine as an object is cut out of it. */
  readonly fine: TrackPicture;
  /** The same reduced `factor` times. */
  readonly picture: TrackPicture;
  readonly factor: number;
}

/** Pixels of the picture in which still objects are looked for: several sizes are tried. */
const stillPixels = 32_000;
const surroundingPx = 12;
/** Shapes that agree so far are one. */
const sameShape = 0.85;
const weights = { mostColour: 3, odds: 0.5, mostOdds: 4, depth: 0.3 } as const;

export interface Selected {
  /** [height, width] of `fine`, 255 = object; empty where there is nothing. */
  readonly mask: Uint8Array<ArrayBuffer>;
  /** Whether a smaller object, and a larger one, may be meant. */
  readonly smaller: boolean;
  readonly larger: boolean;
}

/**
 * The object that is most likely meant. What moves or stands out from the background at a click is one; of the clicks that
 * are left, objects of several sizes are looked for.
 *
 * @param hints In pixels of `fine`; a click, a box, or both.
 * @param size 0: the likeliest; above 0 so many objects larger, below 0 smaller.
 */
export function selectObject(frame: SelectFrame, hints: SelectHints, size = 0): Selected {
  const moving: Uint8Array[] = [];
  const still: Place[] = [];
  for (const place of hints.add) {
    const found = movingAt(frame, { ...hints, add: [place] });
    if (found === null) still.push(place);
    else moving.push(found);
  }
  if (hints.add.length === 0) {
    const found = movingAt(frame, hints);
    if (found !== null) moving.push(found);
  }
  const isBoxAlone = hints.add.length === 0 && moving.length === 0;
  const rest = still.length > 0 || isBoxAlone ? stillAt(frame, { ...hints, add: still }, size) : none(frame);
  for (const mask of moving) {
    for (let pixel = 0; pixel < mask.length; pixel++) rest.mask[pixel] |= mask[pixel];
  }
  return rest;
}

const none = ({ fine }: SelectFrame): Selected => ({
  mask: new Uint8Array(fine.width * fine.height),
  smaller: false,
  larger: false,
});

/** What moves at the click or in the box; null where nothing does. */
function movingAt(frame: SelectFrame, hints: SelectHints): Uint8Array | null {
  const { picture, factor } = frame;
  const seeds = seedsOf(picture, reducedHints(hints, factor));
  const odds = movingOdds(frame, seeds.add);
  if (odds === null) return null;
  const found = movingObject(picture, odds, seeds);
  return areaOf(found) === 0 ? null : refineObject(frame, found, picture, factor, hints, odds);
}

function stillAt(frame: SelectFrame, hints: SelectHints, size: number): Selected {
  const { picture, factor, odds } = frame;
  const more = Math.max(1, Math.round(Math.sqrt((picture.width * picture.height) / stillPixels)));
  const coarse = reducePicture(picture, more);
  const hidden = reduceValues(odds, picture, more);
  const seeds = seedsOf(coarse, reducedHints(hints, factor * more));
  const found = unlike(stillCandidates(coarse, hidden, seeds));
  if (found.length === 0) return none(frame);
  const likeliest = found.reduce((best, { score }, index) => (score > found[best].score ? index : best), 0);
  const at = Math.max(0, Math.min(found.length - 1, likeliest + size));
  return {
    mask: refineObject(frame, found[at].mask, coarse, factor * more, hints, null),
    smaller: at > 0,
    larger: at < found.length - 1,
  };
}

/** Of candidates that follow each other and are nearly the same, the likeliest. */
function unlike(candidates: readonly Candidate[]): Candidate[] {
  const kept: Candidate[] = [];
  for (const candidate of candidates) {
    if (!Number.isFinite(candidate.score)) continue;
    const last = kept.at(-1);
    if (last === undefined || overlap(last.mask, candidate.mask) < sameShape) kept.push(candidate);
    else if (candidate.score > last.score) kept[kept.length - 1] = candidate;
  }
  return kept;
}

function reducedHints(hints: SelectHints, factor: number): SelectHints {
  const reduced = ([x, y]: Place): Place => [x / factor, y / factor];
  const { add, remove, box } = hints;
  return {
    add: add.map(reduced),
    remove: remove.map(reduced),
    ...(box && { box: { from: reduced(box.from), to: reduced(box.to) } }),
  };
}

/** The picture averaged over blocks of `factor` × `factor`. */
function reducePicture(picture: TrackPicture, factor: number): TrackPicture {
  if (factor === 1) return picture;
  const width = Math.floor(picture.width / factor);
  const height = Math.floor(picture.height / factor);
  const samples = new Uint8Array(3 * width * height);
  for (let at = 0; at < samples.length; at++) {
    const pixel = Math.floor(at / 3);
    const [x, y] = [(pixel % width) * factor, Math.floor(pixel / width) * factor];
    let sum = 0;
    for (let row = y; row < y + factor; row++) {
      for (let column = x; column < x + factor; column++)
        sum += picture.samples[3 * (row * picture.width + column) + (at % 3)];
    }
    samples[at] = Math.round(sum / (factor * factor));
  }
  return { width, height, samples };
}

/** Values [height, width], the middle one of each block. */
function reduceValues(values: Float32Array, size: TrackPicture, factor: number): Float32Array {
  const width = Math.floor(size.width / factor);
  const height = Math.floor(size.height / factor);
  const middle = factor >> 1;
  return Float32Array.from({ length: width * height }, (_, pixel) => {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    return values[(y * factor + middle) * size.width + x * factor + middle];
  });
}

/**
 * An object that was found in a picture reduced `by` times, cut again in the fine one: only its border may move, by about
 * as much as a pixel of the reduced picture.
 */
function refineObject(
  frame: SelectFrame,
  mask: Uint8Array,
  reduced: TrackPicture,
  by: number,
  hints: SelectHints,
  moves: Float32Array | null,
): Uint8Array<ArrayBuffer> {
  const { fine } = frame;
  const { width, height } = fine;
  if (by === 1) return Uint8Array.from(mask);
  const enlarged = enlargeMask(mask, reduced, by, fine);
  const band = 1.5 * by;
  const window = windowAroundMask(enlarged, width, height, Math.ceil(band) + surroundingPx);
  const crop = cropPicture(fine, window);
  const rough = cropMask(enlarged, width, window);
  const distance = signedDistance(rough, window.width, window.height, 2 * band);
  const near = dilate(rough, window.width, window.height, surroundingPx);
  const colours = ColourModel.of(crop, rough);
  const around = ColourModel.of(
    crop,
    near.map((value, pixel) => (value !== 0 && rough[pixel] === 0 ? 1 : 0)),
  );
  if (colours === null || around === null) return enlarged;
  const seeds = seedsOf(fine, hints);
  const fixed = cropMask(seeds.add, width, window);
  const odds = distance.map((far, pixel) => {
    const [x, y] = [window.x + (pixel % window.width), window.y + Math.floor(pixel / window.width)];
    const sure = seeds.fixed[y * width + x];
    if (sure !== 0) return sure;
    if (Math.abs(far) > band) return far > 0 ? never : -never;
    return (
      colourOdds(colours, around, crop.samples, pixel, weights.mostColour) -
      weights.depth * far +
      (moves === null ? 0 : weights.odds * oddsAt(frame, moves, x, y))
    );
  });
  const cut = cutObject(crop, odds);
  const whole = connectedTo(cut, hints.add.length > 0 ? fixed : rough, window.width, window.height);
  return uncropMask(whole, window, width, height);
}

function oddsAt({ picture, factor }: SelectFrame, odds: Float32Array, x: number, y: number): number {
  const column = Math.min(picture.width - 1, Math.floor(x / factor));
  const row = Math.min(picture.height - 1, Math.floor(y / factor));
  return Math.max(-weights.mostOdds, Math.min(weights.mostOdds, odds[row * picture.width + column]));
}
