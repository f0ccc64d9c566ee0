import { chain, identityMotion, invert, medianInPlace, type Homography } from '../plate/index.ts';
import { solveSymmetric } from './solve-symmetric.ts';
import type { LumaLevel } from './luma-pyramid.ts';
import { cornerShift, directionCounts, stepMotion, toPixels } from './plane-motion.ts';
import type { TemplateLevel } from './template.ts';

/** [cells]: how far each cell of a template is believed to be seen, above 0…1. */
export type CellTrust = Float32Array;

/** How the picture's brightness follows from the template's: gain · brightness + bias, in levels. */
export interface Brightness {
  readonly gain: number;
  readonly bias: number;
}

/** What is believed of a picture before it is compared. */
export interface Belief {
  readonly trust: CellTrust;
  readonly brightness: Brightness;
}

export interface Alignment {
  /** From the template's pixels to the picture's, of the level. */
  readonly motion: Homography;
  /** Mean robust difference over what lies in the picture, 0 alike … 1 nothing agrees. */
  readonly cost: number;
  readonly brightness: Brightness;
}

export interface AlignOptions {
  readonly rounds: number;
  /**
   * Differences that count at first, as a share of the template's contrast: edges that are off by a pixel differ by as much
   * as what hides the shape, and are what moves it.
   */
  readonly widest: number;
}

/** A step shorter than this, in pixels of the level, is the last. */
const settledPx = 0.01;
/** Tukey's biweight gives 95 % efficiency under Gaussian noise with this many standard deviations. */
const tukey = 4.685;
/** What counts is narrowed by this in each round. */
const narrowing = 0.5;
/** Where the picture fits worse by more than this, the steps went astray. */
const astray = 1.2;
/** Differences of two pictures of the same thing spread at least this far, in levels. */
const leastSpread = 1.5;
/** More than this is no noise any more, in levels. */
const mostSpread = 8;
/** Brightness of the picture over that of the template. */
const gains = { least: 0.4, most: 2.5 } as const;

/** Room for one picture's comparison with a level; used again in each round. */
interface Comparison {
  readonly seen: Float32Array;
  readonly differences: Float32Array;
  readonly weights: Float32Array;
  readonly scratch: Float32Array;
}

/**
 * Moves a motion so that the picture under it looks as the template does: the inverse compositional algorithm (Baker and
 * Matthews, "Lucas-Kanade 20 years on", 2004) with gain and bias, Tukey's weights, and trust in whole cells, so that
 * what hides a part of the shape pulls at nothing. Always against the template's own picture: errors do not add up.
 */
export function alignPlane(
  template: TemplateLevel,
  picture: LumaLevel,
  start: Homography,
  { rounds, widest }: AlignOptions,
  belief: Belief,
): Alignment {
  const { freedom, contrast } = template;
  const count = template.values.length;
  const room: Comparison = {
    seen: new Float32Array(count),
    differences: new Float32Array(count),
    weights: new Float32Array(count),
    scratch: new Float32Array(count),
  };
  let reach = widest * contrast;
  const before: Alignment = { motion: start, ...compare(template, picture, start, reach, belief, room) };
  let now = before;
  for (let round = 0; round < rounds; round++) {
    const step = stepOf(template, directionCounts[freedom], room);
    if (step === undefined) break;
    const change = stepMotion(freedom, step);
    const motion = chain(toPixels(invert(change), template.frame), now.motion);
    const narrow = reach < tukey * leastSpread;
    reach *= narrowing;
    const known = { ...belief, brightness: now.brightness };
    now = { motion, ...compare(template, picture, motion, reach, known, room) };
    if (narrow && cornerShift(change) * template.frame.radius < settledPx) break;
  }
  // What hides the shape may weigh a little more where the rest fits better.
  return now.cost <= before.cost * astray ? now : before;
}

/** The mean robust difference under a motion, 0…1, without moving it. */
export function planeCost(
  template: TemplateLevel,
  picture: LumaLevel,
  motion: Homography,
  belief: Belief,
): number {
  return alignPlane(template, picture, motion, { rounds: 0, widest: 0 }, belief).cost;
}

/** Fills in differences and weights under a motion. NaN differences: outside the picture. */
function compare(
  template: TemplateLevel,
  picture: LumaLevel,
  motion: Homography,
  leastReach: number,
  { trust, brightness }: Belief,
  room: Comparison,
): Pick<Alignment, 'cost' | 'brightness'> {
  const { values, cells, cellCount } = template;
  const { seen, differences, weights, scratch } = room;
  const inside = samplePicture(template, picture, motion, seen);
  if (inside < values.length / 10 || inside < 20) {
    weights.fill(0);
    return { cost: 1, brightness };
  }
  let { gain, bias } = brightness;
  for (let pass = 0; pass < 2; pass++) {
    let known = 0;
    for (let at = 0; at < values.length; at++) {
      differences[at] = (seen[at] - bias) / gain - values[at];
      if (!Number.isNaN(differences[at])) scratch[known++] = Math.abs(differences[at]);
    }
    const spread = Math.min(mostSpread, Math.max(leastSpread, 1.4826 * medianInPlace(scratch, known)));
    weigh(differences, weights, Math.max(leastReach, tukey * spread));
    trustCells(weights, cells, cellCount, trust);
    if (pass === 0) ({ gain, bias } = fitBrightness(values, seen, weights) ?? { gain, bias });
  }
  return { cost: costOf(differences, template, trust), brightness: { gain, bias } };
}

/** Bilinear; NaN outside the picture. Returns how many lie inside. */
function samplePicture(
  { points, values }: TemplateLevel,
  { width, height, values: luma }: LumaLevel,
  motion: Homography,
  seen: Float32Array,
): number {
  const [a, b, c, d, e, f, g, h, i] = motion;
  let inside = 0;
  for (let at = 0; at < values.length; at++) {
    const [x, y] = [points[2 * at], points[2 * at + 1]];
    const w = g * x + h * y + i;
    const u = (a * x + b * y + c) / w;
    const v = (d * x + e * y + f) / w;
    if (!(w > 0 && u >= 0 && v >= 0 && u < width - 1 && v < height - 1)) {
      seen[at] = NaN;
      continue;
    }
    const [column, row] = [Math.floor(u), Math.floor(v)];
    const [tx, ty] = [u - column, v - row];
    const pixel = row * width + column;
    const upper = luma[pixel] + tx * (luma[pixel + 1] - luma[pixel]);
    const lower = luma[pixel + width] + tx * (luma[pixel + width + 1] - luma[pixel + width]);
    seen[at] = upper + ty * (lower - upper);
    inside++;
  }
  return inside;
}

/** Tukey's weights within `reach`; 0 outside the picture. */
function weigh(differences: Float32Array, weights: Float32Array, reach: number): void {
  for (let at = 0; at < differences.length; at++) {
    const share = 1 - (differences[at] / reach) ** 2;
    weights[at] = share > 0 ? share * share : 0;
  }
}

/** Mean of squared differences, each 1 from the template's contrast on: one measure for all motions. */
function costOf(differences: Float32Array, { contrast, cells }: TemplateLevel, trust: CellTrust): number {
  let [sum, count] = [0, 0];
  for (let at = 0; at < differences.length; at++) {
    if (Number.isNaN(differences[at])) continue;
    const weight = trust[cells[at]];
    sum += weight * Math.min(1, (differences[at] / contrast) ** 2);
    count += weight;
  }
  return sum / count;
}

/** Of what agrees; undefined where nothing does. */
function fitBrightness(
  values: Float32Array,
  seen: Float32Array,
  weights: Float32Array,
): Brightness | undefined {
  let [sum, x, y, xx, xy] = [0, 0, 0, 0, 0];
  for (let at = 0; at < values.length; at++) {
    const weight = weights[at];
    if (weight === 0) continue;
    sum += weight;
    x += weight * values[at];
    y += weight * seen[at];
    xx += weight * values[at] ** 2;
    xy += weight * values[at] * seen[at];
  }
  if (sum === 0) return undefined;
  const variance = xx / sum - (x / sum) ** 2;
  const slope = variance < 4 ? 1 : (xy / sum - (x / sum) * (y / sum)) / variance;
  const gain = Math.min(gains.most, Math.max(gains.least, slope));
  return { gain, bias: y / sum - (gain * x) / sum };
}

/** Each weight times the mean weight of its cell, and how far the cell was trusted before. */
function trustCells(weights: Float32Array, cells: Uint8Array, cellCount: number, trust: CellTrust): void {
  const sums = new Float64Array(cellCount);
  const counts = new Float64Array(cellCount);
  for (let at = 0; at < weights.length; at++) {
    sums[cells[at]] += weights[at];
    counts[cells[at]]++;
  }
  for (let at = 0; at < weights.length; at++)
    weights[at] *= (trust[cells[at]] * sums[cells[at]]) / counts[cells[at]];
}

/** One Gauss-Newton step; undefined where what is seen holds no such motion. */
function stepOf(
  { slopes, values }: TemplateLevel,
  directions: number,
  { differences, weights }: Comparison,
): Float64Array | undefined {
  const matrix = new Float64Array(directions * directions);
  const right = new Float64Array(directions);
  for (let at = 0; at < values.length; at++) {
    const weight = weights[at];
    if (weight === 0) continue;
    const first = at * directions;
    for (let row = 0; row < directions; row++) {
      const slope = weight * slopes[first + row];
      right[row] += slope * differences[at];
      for (let column = 0; column <= row; column++)
        matrix[row * directions + column] += slope * slopes[first + column];
    }
  }
  return solveSymmetric(matrix, right);
}

/** What of a template is in the picture under a motion, and what of that is seen to be the same. */
export interface Agreement {
  /** Share of the template that lies in the picture, 0…1. */
  readonly inside: number;
  /** Share of the cells with texture, of those in the picture, that look as in the template, 0…1. */
  readonly agreeing: number;
  /** Cells with texture in the picture. */
  readonly textured: number;
  /** What the next picture may believe of each cell. */
  readonly trust: CellTrust;
}

/** A cell has texture from this standard deviation on, in levels. */
const leastTexture = 3;
/** Correlation from which on a cell is the same. */
const leastCorrelation = 0.6;
/** Of a cell's pixels, so many must be in the picture. */
const leastOfCell = 0.5;

/** A cell that was hidden in one picture mostly is in the next. */
const hiddenTrust = 0.1;

/** How well a motion holds, cell by cell, by the correlation of brightness. */
export function agreementOf(template: TemplateLevel, picture: LumaLevel, motion: Homography): Agreement {
  const { values, cells, cellCount } = template;
  const seen = new Float32Array(values.length);
  const inside = samplePicture(template, picture, motion, seen);
  const sums = Array.from({ length: 6 }, () => new Float64Array(cellCount));
  const all = new Float64Array(cellCount);
  const [count, x, y, xx, xy, yy] = sums;
  for (let at = 0; at < values.length; at++) {
    const cell = cells[at];
    all[cell]++;
    const there = seen[at];
    if (Number.isNaN(there)) continue;
    const here = values[at];
    count[cell]++;
    x[cell] += here;
    y[cell] += there;
    xx[cell] += here * here;
    xy[cell] += here * there;
    yy[cell] += there * there;
  }
  let [textured, agreeing] = [0, 0];
  const trust: CellTrust = new Float32Array(cellCount).fill(1);
  for (let cell = 0; cell < cellCount; cell++) {
    const n = count[cell];
    if (n < 8 || n < leastOfCell * all[cell]) continue;
    const varianceX = xx[cell] / n - (x[cell] / n) ** 2;
    if (varianceX < leastTexture ** 2) continue;
    textured++;
    const varianceY = Math.max(1e-6, yy[cell] / n - (y[cell] / n) ** 2);
    const correlation = (xy[cell] / n - (x[cell] * y[cell]) / n ** 2) / Math.sqrt(varianceX * varianceY);
    if (correlation >= leastCorrelation) agreeing++;
    else trust[cell] = hiddenTrust;
  }
  return {
    inside: inside / Math.max(1, values.length),
    agreeing: textured === 0 ? 0 : agreeing / textured,
    textured,
    trust,
  };
}

/** Of the template against its own picture: whether it has enough to hold on to. */
export function textureOf(template: TemplateLevel, picture: LumaLevel): number {
  return agreementOf(template, picture, identityMotion()).textured;
}
