import { boundingBox } from '../mask/index.ts';
import { signedDistance } from './signed-distance.ts';
import { cropMask, uncropMask, type Window } from './track-picture.ts';

/** Borders farther apart than twice this count as so far apart, in pixels. */
const reachPx = 24;

/**
 * The shape between two masks [height, width] of one frame: the zero of the weighted mean of their signed distances.
 *
 * @param share Weight of the second, 0…1.
 */
export function blendMasks(
  first: Uint8Array,
  second: Uint8Array,
  share: number,
  width: number,
  height: number,
): Uint8Array<ArrayBuffer> {
  const window = windowOf([first, second], width, height, 2);
  if (window === null) return new Uint8Array(width * height);
  const distances = [first, second].map((mask) =>
    signedDistance(cropMask(mask, width, window), window.width, window.height, reachPx),
  );
  const blend = new Uint8Array(window.width * window.height);
  for (let pixel = 0; pixel < blend.length; pixel++) {
    if ((1 - share) * distances[0][pixel] + share * distances[1][pixel] < 0) blend[pixel] = 255;
  }
  return uncropMask(blend, window, width, height);
}

/**
 * A mask [height, width] of a picture that was reduced `factor` times, at full size with a smooth border: the signed
 * distance, interpolated.
 */
export function enlargeMask(
  mask: Uint8Array,
  size: { readonly width: number; readonly height: number },
  factor: number,
  full: { readonly width: number; readonly height: number },
): Uint8Array<ArrayBuffer> {
  const enlarged = new Uint8Array(full.width * full.height);
  const window = windowOf([mask], size.width, size.height, 2);
  if (window === null) return enlarged;
  const distance = signedDistance(cropMask(mask, size.width, window), window.width, window.height, 4);
  const at = (row: number, column: number): number =>
    distance[
      Math.min(window.height - 1, Math.max(0, row)) * window.width +
        Math.min(window.width - 1, Math.max(0, column))
    ];
  // Where the reduced picture leaves a rest out, the window's last row and column go on to the picture's edge.
  const right = window.x + window.width === size.width ? full.width : (window.x + window.width) * factor;
  const bottom = window.y + window.height === size.height ? full.height : (window.y + window.height) * factor;
  for (let y = window.y * factor; y < bottom; y++) {
    const row = (y + 0.5) / factor - 0.5 - window.y;
    const top = Math.floor(row);
    for (let x = window.x * factor; x < right; x++) {
      const column = (x + 0.5) / factor - 0.5 - window.x;
      const left = Math.floor(column);
      const upper = at(top, left) + (column - left) * (at(top, left + 1) - at(top, left));
      const lower = at(top + 1, left) + (column - left) * (at(top + 1, left + 1) - at(top + 1, left));
      if (upper + (row - top) * (lower - upper) < 0) enlarged[y * full.width + x] = 255;
    }
  }
  return enlarged;
}

/** The part of a full-size mask that a reduced picture shows: blocks of which at least half is masked. */
export function reduceMask(
  mask: Uint8Array,
  full: { readonly width: number; readonly height: number },
  factor: number,
): Uint8Array<ArrayBuffer> {
  const width = Math.floor(full.width / factor);
  const height = Math.floor(full.height / factor);
  const reduced = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let masked = 0;
      for (let row = y * factor; row < (y + 1) * factor; row++) {
        for (let column = x * factor; column < (x + 1) * factor; column++) {
          if (mask[row * full.width + column] !== 0) masked++;
        }
      }
      if (2 * masked >= factor * factor) reduced[y * width + x] = 255;
    }
  }
  return reduced;
}

/** The box around several masks with `pad` pixels around it; null where all are empty. */
function windowOf(masks: readonly Uint8Array[], width: number, height: number, pad: number): Window | null {
  const boxes = masks.map((mask) => boundingBox(mask, width)).filter((box) => box !== null);
  if (boxes.length === 0) return null;
  const x = Math.max(0, Math.min(...boxes.map((box) => box.x)) - pad);
  const y = Math.max(0, Math.min(...boxes.map((box) => box.y)) - pad);
  const right = Math.min(width, Math.max(...boxes.map((box) => box.x + box.width)) + pad);
  const bottom = Math.min(height, Math.max(...boxes.map((box) => box.y + box.height)) + pad);
  return { x, y, width: right - x, height: bottom - y };
}
