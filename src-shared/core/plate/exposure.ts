import { usableLevel, type PlateCandidate } from './candidate.ts';
import { chromaSize, levelUnit, type PlaneLayout, type PicturePlanes } from './planes.ts';

/** How a candidate's levels become the target's: luma times `gain`; chroma plus its bias, in the clip's levels. */
export interface Exposure {
  readonly gain: number;
  readonly chromaBias: readonly [number, number];
}

/** Samples taken along the longer side of the picture. */
const gridSteps = 48;
/** Differences beyond these, in 8-bit levels, are something else than exposure; from the first pass to the last. */
const reaches = [64, 24, 10] as const;
/** Changes below this, in 8-bit levels, are noise: then nothing is changed, and still pictures stay copies. */
const least = 1;

/**
 * Compares two frames over all that both show, on a coarse grid: local differences such as a shadow next to the hole
 * must not pass for exposure. A change of exposure scales gamma-coded luma by one factor.
 *
 * @param usable [height, width] of the target, of `usableLevel`.
 */
export function matchExposure(
  target: PicturePlanes,
  usable: Uint8Array,
  candidate: PlateCandidate,
  layout: PlaneLayout,
): Exposure {
  const pairs = commonPoints(usable, candidate, layout);
  const unit = levelUnit(layout);
  const chroma = chromaSize(layout);
  const chromaAt = (pixel: number) => {
    const x = pixel % layout.width;
    const y = (pixel - x) / layout.width;
    return (y >> layout.chromaShiftY) * chroma.width + (x >> layout.chromaShiftX);
  };

  let gain = 1;
  let level = 0;
  for (const reach of reaches) {
    let [sumTarget, sumCandidate, count] = [0, 0, 0];
    for (let at = 0; at < pairs.length; at += 2) {
      const value = candidate.planes[0][pairs[at + 1]];
      const wanted = target[0][pairs[at]];
      if (Math.abs(wanted - gain * value) > reach * unit) continue;
      sumTarget += wanted;
      sumCandidate += value;
      count++;
    }
    if (sumCandidate === 0) return { gain: 1, chromaBias: [0, 0] };
    gain = sumTarget / sumCandidate;
    level = sumTarget / count;
  }
  const bias = (plane: 1 | 2) => {
    const differences = new Float32Array(pairs.length / 2);
    for (let index = 0; index < differences.length; index++) {
      const [here, there] = [chromaAt(pairs[2 * index]), chromaAt(pairs[2 * index + 1])];
      differences[index] = target[plane][here] - candidate.planes[plane][there];
    }
    const value = reaches.reduce((middle, reach) => meanWithin(differences, middle, reach * unit), 0);
    return Math.abs(value) < least * unit ? 0 : value;
  };
  return { gain: Math.abs(gain - 1) * level < least * unit ? 1 : gain, chromaBias: [bias(1), bias(2)] };
}

function meanWithin(values: Float32Array, middle: number, reach: number): number {
  let [sum, count] = [0, 0];
  for (const value of values) {
    if (Math.abs(value - middle) > reach) continue;
    sum += value;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

/** Pixels of the target and the nearest pixels of the candidate that show the same spot, both freely usable. */
function commonPoints(
  usable: Uint8Array,
  candidate: PlateCandidate,
  { width, height }: PlaneLayout,
): number[] {
  const step = Math.max(1, Math.floor(Math.max(width, height) / gridSteps));
  const { motion } = candidate;
  const pairs: number[] = [];
  for (let y = step >> 1; y < height; y += step) {
    for (let x = step >> 1; x < width; x += step) {
      if (usable[y * width + x] !== usableLevel.yes) continue;
      const w = motion[6] * x + motion[7] * y + motion[8];
      const column = Math.round((motion[0] * x + motion[1] * y + motion[2]) / w);
      const row = Math.round((motion[3] * x + motion[4] * y + motion[5]) / w);
      if (!(w > 0 && column >= 0 && row >= 0 && column < width && row < height)) continue;
      const there = row * width + column;
      if (candidate.usable[there] === usableLevel.yes) pairs.push(y * width + x, there);
    }
  }
  return pairs;
}
