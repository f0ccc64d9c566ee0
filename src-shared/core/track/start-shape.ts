import { dilate } from '../mask/index.ts';
import { foregroundOdds, type Background } from './background.ts';
import { ColourModel } from './colour-model.ts';
import { cutObject, never } from './cut-object.ts';
import { cropMask, cropPicture, type TrackPicture, type Window } from './track-picture.ts';
import { signedDistance } from './signed-distance.ts';
import type { Homography } from '../plate/index.ts';

/** What is known of an object in the frame in which it was painted; masks and pictures are the window's. */
export interface StartShape {
  /** [height, width]: the object itself, without what was painted around it. */
  readonly object: Uint8Array<ArrayBuffer>;
  /** How far the painted mask reaches beyond the object, in whole pixels. */
  readonly loosenessPx: number;
  readonly objectColours: ColourModel;
  readonly surroundingColours: ColourModel | null;
  /** How well the object stands out from the background, 0…1; 0 where it never leaves its place. */
  readonly backgroundTrust: number;
}

const rounds = 3;
/** Painted by hand, a mask reaches this far beyond its object at most. */
const mostLoosenessPx = 14;
/** The found object grown back must be this much (intersection over union) of what was painted, else that is taken. */
const leastAgreement = 0.87;
/** An object smaller than this share of its mask was not found. */
const leastShare = 0.2;
/** Surroundings whose colours are told from the object's, in pixels. */
const surroundingPx = 15;
/** Share of the painted core that differs from the background: none of it trusted below, all above. */
const trustLimit = { none: 0.15, full: 0.5 } as const;
const weights = { background: 1, colour: 0.7, mostColour: 3, depth: 0.12 } as const;

/** @param painted [height, width] of the picture, not empty inside the window. */
export function startShape(
  picture: TrackPicture,
  painted: Uint8Array,
  window: Window,
  toReference: Homography,
  background: Background,
): StartShape {
  const crop = cropPicture(picture, window);
  const mask = cropMask(painted, picture.width, window);
  const { width, height } = window;
  const odds = foregroundOdds(picture, window, toReference, background);
  const depth = signedDistance(mask, width, height, mostLoosenessPx);
  const backgroundTrust = trustIn(odds, depth);
  const around = dilate(mask, width, height, surroundingPx);
  const coloursAround = (object: Uint8Array) =>
    ColourModel.of(
      crop,
      around.map((value, pixel) => (value !== 0 && object[pixel] === 0 ? 1 : 0)),
    );

  let object: Uint8Array<ArrayBuffer> = mask;
  let colours: ColourModel | null = null;
  let surroundings: ColourModel | null = null;
  for (let round = 0; round < rounds; round++) {
    const cut = cutObject(
      crop,
      odds.map((value, pixel) => {
        if (mask[pixel] === 0) return never;
        const colour =
          colours === null || surroundings === null
            ? 0
            : colourOdds(colours, surroundings, crop.samples, pixel, weights.mostColour);
        return (
          weights.background * backgroundTrust * value +
          weights.colour * colour -
          weights.depth * depth[pixel]
        );
      }),
    );
    if (areaOf(cut) < leastShare * areaOf(mask)) break;
    object = cut;
    colours = ColourModel.of(crop, object);
    surroundings = coloursAround(object);
  }
  const { loosenessPx, agreement } = loosenessOf(object, mask, width, height);
  const found = agreement >= leastAgreement;
  const shape = found ? object : mask;
  const objectColours = ColourModel.of(crop, shape);
  if (objectColours === null) throw new Error('nothing is painted inside the window');
  return {
    object: shape,
    loosenessPx: found ? loosenessPx : 0,
    objectColours,
    surroundingColours:
      coloursAround(shape) ??
      ColourModel.of(
        crop,
        mask.map((value) => (value === 0 ? 1 : 0)),
      ),
    backgroundTrust,
  };
}

/** Log of how much likelier a pixel's colour is in the object than around it, at most `most` either way. */
export function colourOdds(
  object: ColourModel,
  around: ColourModel,
  samples: Uint8Array,
  pixel: number,
  most: number,
): number {
  const odds = Math.log(object.probability(samples, 3 * pixel) / around.probability(samples, 3 * pixel));
  return Math.max(-most, Math.min(most, odds));
}

function trustIn(odds: Float32Array, depth: Float32Array): number {
  let [inside, differs] = [0, 0];
  for (let pixel = 0; pixel < odds.length; pixel++) {
    if (depth[pixel] >= 0) continue;
    inside++;
    if (odds[pixel] > 0) differs++;
  }
  const { none, full } = trustLimit;
  return Math.max(0, Math.min(1, (differs / Math.max(1, inside) - none) / (full - none)));
}

function loosenessOf(object: Uint8Array, painted: Uint8Array, width: number, height: number) {
  let best = { loosenessPx: 0, agreement: 0 };
  for (let loosenessPx = 0; loosenessPx <= mostLoosenessPx; loosenessPx++) {
    const agreement = overlap(dilate(object, width, height, loosenessPx), painted);
    if (agreement > best.agreement) best = { loosenessPx, agreement };
  }
  return best;
}

export function areaOf(mask: Uint8Array): number {
  let area = 0;
  for (const value of mask) if (value !== 0) area++;
  return area;
}

/** Intersection over union of two masks of one size, 0…1; 1 where both are empty. */
export function overlap(a: Uint8Array, b: Uint8Array): number {
  let [both, any] = [0, 0];
  for (let pixel = 0; pixel < a.length; pixel++) {
    if (a[pixel] !== 0 && b[pixel] !== 0) both++;
    if (a[pixel] !== 0 || b[pixel] !== 0) any++;
  }
  return any === 0 ? 1 : both / any;
}
