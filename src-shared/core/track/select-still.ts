import { dilate } from '../mask/index.ts';
import { ColourModel } from './colour-model.ts';
import { cutObject, never } from './cut-object.ts';
import { connectedTo, cropValues, windowAroundMask, type Seeds } from './select-seeds.ts';
import { signedDistance } from './signed-distance.ts';
import { areaOf, colourOdds, overlap } from './start-shape.ts';
import { cropMask, cropPicture, uncropMask, type TrackPicture } from './track-picture.ts';

/** Radii in which an object is looked for, as shares of the picture's diagonal. */
const scales = [0.014, 0.02, 0.028, 0.04, 0.056, 0.08, 0.112, 0.16, 0.224] as const;
/** Only this many radii from the click is looked; inside this share of one, all counts as the object at first. */
const reach = { most: 2.5, first: 0.5 } as const;
const rounds = 3;
const weights = { mostColour: 3, apart: 6, mostFar: 3 } as const;
/** Levels between both sides of a border that are as much as counts. */
const clearLevels = 60;
const leastArea = 12;

/** An object that may be meant, in order of their sizes. */
export interface Candidate {
  /** [height, width] of the picture. */
  readonly mask: Uint8Array<ArrayBuffer>;
  /** The higher, the likelier. */
  readonly score: number;
}

/**
 * Objects at the seeds that do not stand out from the background: for each of several radii the best cut by colours of
 * inside and around (Rother, Kolmogorov and Blake 2004). A shape is likely where its border lies on edges, where its
 * colours are not those around it, and where another radius finds the same.
 *
 * @param hidden [height, width]: log-odds that something stands before the background; that is not part of it.
 */
export function stillCandidates(picture: TrackPicture, hidden: Float32Array, seeds: Seeds): Candidate[] {
  const diagonal = Math.hypot(picture.width, picture.height);
  const found = scales.map((scale) => candidateWithin(picture, hidden, seeds, scale * diagonal));
  return found.map(({ mask, score }, index) => {
    const beside = [found.at(index + 1), index === 0 ? undefined : found[index - 1]];
    const steadiness = Math.max(...beside.map((one) => (one === undefined ? 0 : overlap(mask, one.mask))));
    return { mask, score: score * (0.5 + steadiness) };
  });
}

function candidateWithin(whole: TrackPicture, hidden: Float32Array, seeds: Seeds, radius: number): Candidate {
  const most = reach.most * radius;
  const window = windowAroundMask(seeds.add, whole.width, whole.height, Math.ceil(most) + 2);
  const picture = cropPicture(whole, window);
  const { width, height } = picture;
  const add = cropMask(seeds.add, whole.width, window);
  const cropped = (values: Float32Array) => cropValues(values, whole.width, window);
  const [before, fixed] = [cropped(hidden), cropped(seeds.fixed)];
  const apart = seeds.apart === null ? null : cropped(seeds.apart);
  const distance = signedDistance(add, width, height, most + 1);
  let mask = Uint8Array.from(distance, (far) => (far < reach.first * radius ? 255 : 0));
  for (let round = 0; round < rounds; round++) {
    const last = mask;
    const colours = ColourModel.of(picture, last);
    const around = ColourModel.of(
      picture,
      distance.map((far, pixel) => (far < most && last[pixel] === 0 ? 1 : 0)),
    );
    if (colours === null || around === null) break;
    const odds = distance.map((far, pixel) => {
      if (fixed[pixel] !== 0) return fixed[pixel];
      if (far > most) return never;
      return (
        colourOdds(colours, around, picture.samples, pixel, weights.mostColour) -
        Math.max(0, before[pixel]) +
        Math.max(-weights.mostFar, 1 - Math.max(0, far) / radius) +
        (apart === null ? 0 : weights.apart * apart[pixel])
      );
    });
    mask = connectedTo(cutObject(picture, odds), add, width, height);
  }
  return {
    mask: uncropMask(mask, window, whole.width, whole.height),
    score:
      areaOf(mask) < leastArea ? -Infinity : edgeStrength(picture, mask) * (0.3 + contrast(picture, mask)),
  };
}

/** How clear the picture's edges are along a shape's border, 0…1: over three pixels, for edges are soft. */
function edgeStrength({ width, height, samples }: TrackPicture, mask: Uint8Array): number {
  let [border, strength] = [0, 0];
  for (let y = 1; y < height - 2; y++) {
    for (let x = 1; x < width - 2; x++) {
      const pixel = y * width + x;
      for (const step of [1, width]) {
        if ((mask[pixel] !== 0) === (mask[pixel + step] !== 0)) continue;
        const [a, b] = [3 * (pixel - step), 3 * (pixel + 2 * step)];
        border++;
        strength += Math.min(
          clearLevels,
          Math.hypot(
            samples[a] - samples[b],
            samples[a + 1] - samples[b + 1],
            samples[a + 2] - samples[b + 2],
          ),
        );
      }
    }
  }
  return strength / (clearLevels * Math.max(1, border));
}

/** How unlike a shape's colours are to those around it, 0…1. */
function contrast(picture: TrackPicture, mask: Uint8Array): number {
  const far = Math.max(3, Math.round(0.25 * Math.sqrt(areaOf(mask))));
  const near = dilate(mask, picture.width, picture.height, far);
  const around = ColourModel.of(
    picture,
    near.map((value, pixel) => (value !== 0 && mask[pixel] === 0 ? 1 : 0)),
  );
  const inside = ColourModel.of(picture, mask);
  return inside === null || around === null ? 0 : 1 - inside.similarity(around);
}
