import { dilate } from '../mask/index.ts';
import { ColourModel } from './colour-model.ts';
import { cutObject } from './cut-object.ts';
import { connectedTo, type Seeds } from './select-seeds.ts';
import { colourOdds } from './start-shape.ts';
import type { TrackPicture } from './track-picture.ts';

/** What tells moving things in a picture: arrays [height, width], of motion [height, width, 2]. */
export interface MovingSigns {
  /** Log-odds that something stands before the background, of `foregroundOdds`; 0 where unknown. */
  readonly odds: Float32Array;
  /** Motion beyond the camera's, of `ownMotion`, in pixels. */
  readonly motion: Float32Array;
}

const weights = { colour: 0.5, mostColour: 3, most: 5, apart: 9, motion: 4 } as const;
/** Share of a picture that may stand before its background: up to `good` it is trusted, from `bad` on not at all. */
const crowded = { good: 0.15, bad: 0.45 } as const;
/** Motion of the clicked, in pixels, from which it says something. */
const leastMotionPx = 1.2;
const surroundingPx = 14;
const rounds = 2;

/** Log-odds, for each pixel, that it moves as what was clicked does; null where that moves with the background. */
export function movingOdds({ odds, motion }: MovingSigns, add: Uint8Array): Float32Array | null {
  const clicked = [...add.keys()].filter((pixel) => add[pixel] !== 0);
  if (clicked.length === 0) return null;
  const out = odds.reduce((sum, value) => sum + (value > 0 ? 1 : 0), 0) / odds.length;
  const trust = Math.max(0, Math.min(1, (crowded.bad - out) / (crowded.bad - crowded.good)));
  const middle = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];
  const mx = middle(clicked.map((pixel) => motion[2 * pixel]));
  const my = middle(clicked.map((pixel) => motion[2 * pixel + 1]));
  const speed = Math.hypot(mx, my);
  const standsOut = 2 * clicked.filter((pixel) => odds[pixel] > 0).length > clicked.length;
  const moves = speed >= leastMotionPx;
  if (!(trust > 0.5 && standsOut) && !moves) return null;
  const ofMotion = moves ? weights.motion * (1 - 0.8 * trust) : 0;
  return odds.map((value, pixel) => {
    const [x, y] = [motion[2 * pixel], motion[2 * pixel + 1]];
    const alike = (Math.hypot(x, y) - Math.hypot(x - mx, y - my)) / Math.max(1, speed);
    return trust * Math.max(-weights.most, Math.min(weights.most, value)) + ofMotion * alike;
  });
}

/** What is likely by its motion (`odds` of `movingOdds`) and touches the seeds: [height, width]. */
export function movingObject(
  picture: TrackPicture,
  odds: Float32Array,
  { add, fixed, apart }: Seeds,
): Uint8Array<ArrayBuffer> {
  const { width, height } = picture;
  let mask = new Uint8Array(width * height);
  let colours: ColourModel | null = null;
  let around: ColourModel | null = null;
  for (let round = 0; round < rounds; round++) {
    const cut = cutObject(
      picture,
      odds.map((value, pixel) => {
        if (fixed[pixel] !== 0) return fixed[pixel];
        const colour =
          colours === null || around === null
            ? 0
            : colourOdds(colours, around, picture.samples, pixel, weights.mostColour);
        return value + weights.colour * colour + (apart === null ? 0 : weights.apart * apart[pixel]);
      }),
    );
    const found = connectedTo(cut, add, width, height);
    const near = dilate(found, width, height, surroundingPx);
    colours = ColourModel.of(picture, found);
    around = ColourModel.of(
      picture,
      near.map((value, pixel) => (value !== 0 && found[pixel] === 0 ? 1 : 0)),
    );
    mask = found;
  }
  return mask;
}
