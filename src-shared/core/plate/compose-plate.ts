import { alignToRing, type RingFit } from './align.ts';
import { usability, usableLevel, type PlateCandidate } from './candidate.ts';
import { confidenceOf, emptyConsensus, findConsensus, type Consensus } from './consensus.ts';
import { matchExposure } from './exposure.ts';
import { cellShape, gatherSample, type FittedCandidate } from './gather.ts';
import { isIdentity } from './homography.ts';
import { growMask, maskRegions, type Region } from './morphology.ts';
import { chromaSize, levelUnit, type PlaneLayout, type PicturePlanes } from './planes.ts';
import { composeHole, type ComposedHole } from './residual.ts';
import { joinPx, ringMask, ringPatches, type RingPatch } from './ring.ts';

/** Candidates beyond this many are not looked at; of each layer. */
export const mostCandidates = 32;

/** Squares that share one local correction and one trust in every candidate, in pixels; a multiple of a cell. */
const tilePx = 16;
/** Patches of the ring nearer than this to a tile count alike, in pixels; beyond, with the fourth power. */
const nearPx = 16;
/** What is left on the ring, in 8-bit levels: trusted up to `good` × the usual, not at all from `bad` × on. */
const sigmaLimit = { good: 1.3, bad: 2.5, leastUsual: 3, mostUsual: 6 } as const;
/** Share of the ring (weighted by nearness) that a candidate must show: none below, full trust above. */
const visibleLimit = { none: 0.03, full: 0.2 } as const;
/** Trust in what is next to a candidate's own hole. */
const doubtfulTrust = 0.15;
/** From this confidence on a nearer layer hides what is behind it. */
const sureOfLayer = 0.5;
/** Distance at which samples disagree, in units of the usual difference, and in 8-bit levels. */
const bandwidth = { sigmas: 3, least: 4, most: 15 } as const;

interface Work {
  readonly mask: Uint8Array;
  readonly layout: PlaneLayout;
  /** What was found, in the target's layout; only where `confidence` is not 0. */
  readonly found: PicturePlanes;
  readonly confidence: Uint8Array;
}

/**
 * Brings background that other frames show into the hole of one. Every candidate is compared with the target on a
 * ring around the hole, which yields a local correction of its motion and how far to trust it; then each cell (one
 * chroma sample and the luma pixels under it) takes what most trusted candidates agree on.
 *
 * @param mask [height, width] of the target; non-zero = hole.
 * @param candidates Nearest in time first; only the first `mostCandidates` count.
 */
export function composePlate(
  target: PicturePlanes,
  mask: Uint8Array,
  candidates: readonly PlateCandidate[],
  layout: PlaneLayout,
): ComposedHole {
  const { width, height } = layout;
  const found: PicturePlanes = [target[0].slice(), target[1].slice(), target[2].slice()];
  const work: Work = { mask, layout, found, confidence: new Uint8Array(width * height) };
  const usable = usability(mask, layout);
  const exposed = firstOfEachLayer(candidates).map((candidate) => ({
    candidate,
    exposure: matchExposure(target, usable, candidate, layout),
  }));
  const ring = ringMask(mask, layout);
  for (const region of maskRegions(growMask(mask, width, height, joinPx), width, height)) {
    const patches = ringPatches(region, ring, target[0], layout);
    const fitted = exposed.map(({ candidate, exposure }) => {
      const fit = alignToRing(patches, candidate, exposure.gain, layout);
      return { candidate, exposure, fit, still: isIdentity(candidate.motion) };
    });
    fillRegion(work, region, patches, fitted);
  }
  return composeHole(target, found, mask, work.confidence, layout);
}

/** The candidates that are looked at, those of the nearest layer first. */
function firstOfEachLayer(candidates: readonly PlateCandidate[]): PlateCandidate[] {
  const rankOf = ({ layer }: PlateCandidate) => layer?.rank ?? 0;
  const ranks = [...new Set(candidates.map(rankOf))].sort((a, b) => a - b);
  return ranks.flatMap((rank) =>
    candidates.filter((candidate) => rankOf(candidate) === rank).slice(0, mostCandidates),
  );
}

/** A candidate as it applies to one tile. */
interface LocalCandidate extends FittedCandidate {
  readonly shiftX: number;
  readonly shiftY: number;
  readonly trust: number;
}

function fillRegion(
  work: Work,
  region: Region,
  patches: readonly RingPatch[],
  fitted: readonly FittedCandidate[],
): void {
  const usual = usualSigma(fitted.map(({ fit }) => fit));
  const left = region.left - (region.left % tilePx);
  const top = region.top - (region.top % tilePx);
  for (let y = top; y < region.bottom; y += tilePx) {
    for (let x = left; x < region.right; x += tilePx) {
      const nearness = patches.map(({ centreX, centreY }) => {
        const square = (centreX - x - tilePx / 2) ** 2 + (centreY - y - tilePx / 2) ** 2;
        return 1 / (nearPx * nearPx + square) ** 2;
      });
      fillTile(work, x, y, usual, () => fitted.map((one) => localCandidate(one, nearness, usual)));
    }
  }
}

/** The difference between frames that noise and resampling make here: the lower quartile, within bounds. */
function usualSigma(fits: readonly RingFit[]): number {
  const sigmas = fits.flatMap(({ sigma }) => [...sigma].filter(Number.isFinite)).sort((a, b) => a - b);
  const quartile = sigmas[sigmas.length >> 2] ?? 0;
  return Math.min(sigmaLimit.mostUsual, Math.max(sigmaLimit.leastUsual, quartile));
}

function localCandidate(fitted: FittedCandidate, nearness: readonly number[], usual: number): LocalCandidate {
  const { shiftX, shiftY, sigma, visible } = fitted.fit;
  let [all, seen, x, y, difference] = [0, 0, 0, 0, 0];
  for (let patch = 0; patch < nearness.length; patch++) {
    all += nearness[patch];
    const weight = nearness[patch] * visible[patch];
    if (weight === 0) continue;
    seen += weight;
    x += weight * shiftX[patch];
    y += weight * shiftY[patch];
    difference += weight * sigma[patch];
  }
  if (seen === 0) return { ...fitted, shiftX: 0, shiftY: 0, trust: 0 };
  const fits = 1 - smoothStep(difference / seen / usual, sigmaLimit.good, sigmaLimit.bad);
  const shown = smoothStep(seen / all, visibleLimit.none, visibleLimit.full);
  return { ...fitted, shiftX: x / seen, shiftY: y / seen, trust: fits * shown };
}

function fillTile(
  work: Work,
  left: number,
  top: number,
  usual: number,
  locals: () => LocalCandidate[],
): void {
  const { layout, mask } = work;
  const { width, height } = layout;
  const { columns, rows, dims } = cellShape(layout);
  const reach =
    levelUnit(layout) * Math.min(bandwidth.most, Math.max(bandwidth.least, bandwidth.sigmas * usual));
  let trusted: LocalCandidate[] | undefined;
  let cell: Cell | undefined;
  for (let y = top; y < Math.min(height, top + tilePx); y += rows) {
    for (let x = left; x < Math.min(width, left + tilePx); x += columns) {
      if (!touchesHole(mask, x, y, columns, rows, layout)) continue;
      trusted ??= locals().filter(({ trust }) => trust > 0.01);
      cell ??= {
        samples: new Float32Array(trusted.length * dims),
        weights: new Float32Array(trusted.length),
        found: emptyConsensus(dims),
        best: emptyConsensus(dims),
      };
      const confidence = fillCell(cell, trusted, x, y, reach, layout);
      if (confidence >= 0) writeCell(work, x, y, cell.best.values, Math.round(255 * confidence));
    }
  }
}

/** What one cell is found with. */
interface Cell {
  readonly samples: Float32Array;
  readonly weights: Float32Array;
  found: Consensus;
  /** What the trusted candidates agree on. */
  best: Consensus;
}

/**
 * What candidates agree on at a cell, from the nearest layer to the farthest, up to one that is sure: so what a nearer
 * layer hides in this frame is not shown, and what it hides in other frames is not asked.
 *
 * @param trusted Those of the nearest layer first.
 * @returns The confidence in `cell.best`, 0…1; −1 where nothing is shown.
 */
function fillCell(
  cell: Cell,
  trusted: readonly LocalCandidate[],
  x: number,
  y: number,
  reach: number,
  layout: PlaneLayout,
): number {
  const { columns, rows, dims } = cellShape(layout);
  const { samples, weights } = cell;
  let confidence = -1;
  for (let at = 0; at < trusted.length && confidence < sureOfLayer;) {
    const rank = trusted[at].candidate.layer?.rank;
    let [count, shown, disproved] = [0, 0, 0];
    for (; at < trusted.length && trusted[at].candidate.layer?.rank === rank; at++) {
      const local = trusted[at];
      const { shiftX, shiftY, trust } = local;
      const offset = count * dims;
      const level = gatherSample(local, x / columns, y / rows, shiftX, shiftY, layout, samples, offset);
      if (level === usableLevel.no) {
        if (showsFarther(local.candidate, x + shiftX, y + shiftY, layout)) disproved += trust;
        continue;
      }
      weights[count] = level === usableLevel.yes ? trust : doubtfulTrust * trust;
      count++;
      shown += trust;
    }
    if (count === 0 || shown < disproved) continue;
    findConsensus(samples, weights, count, dims, reach, cell.found);
    const sure = confidenceOf(cell.found, reach);
    if (sure > confidence) [cell.best, cell.found, confidence] = [cell.found, cell.best, sure];
  }
  return confidence;
}

/** Whether a candidate shows a farther layer where its own would be, so that its own is not there. */
function showsFarther(
  { motion, layer }: PlateCandidate,
  x: number,
  y: number,
  { width, height }: PlaneLayout,
): boolean {
  if (layer === undefined) return false;
  const w = motion[6] * x + motion[7] * y + motion[8];
  const u = Math.round((motion[0] * x + motion[1] * y + motion[2]) / w);
  const v = Math.round((motion[3] * x + motion[4] * y + motion[5]) / w);
  if (!(w > 0 && u >= 0 && v >= 0 && u < width && v < height)) return false;
  if (layer.seen[v * width + u] === usableLevel.no) return false;
  const lastRow = layer.ranks.length / layer.columns - 1;
  const column = Math.min(layer.columns - 1, Math.floor(u / layer.side));
  return layer.ranks[Math.min(lastRow, Math.floor(v / layer.side)) * layer.columns + column] > layer.rank;
}

function touchesHole(
  mask: Uint8Array,
  left: number,
  top: number,
  columns: number,
  rows: number,
  { width, height }: PlaneLayout,
): boolean {
  for (let y = top; y < Math.min(height, top + rows); y++) {
    for (let x = left; x < Math.min(width, left + columns); x++) if (mask[y * width + x] !== 0) return true;
  }
  return false;
}

function writeCell(work: Work, left: number, top: number, values: Float32Array, confidence: number): void {
  const { layout, found } = work;
  const { width, height } = layout;
  const { columns, rows, dims } = cellShape(layout);
  const peak = (1 << layout.bitDepth) - 1;
  const level = (value: number) => Math.min(peak, Math.max(0, Math.round(value)));
  for (let index = 0; index < dims - 2; index++) {
    const x = left + (index % columns);
    const y = top + Math.floor(index / columns);
    if (x >= width || y >= height) continue;
    const pixel = y * width + x;
    if (work.mask[pixel] === 0) continue;
    found[0][pixel] = level(values[index]);
    work.confidence[pixel] = confidence;
  }
  const cell = (top / rows) * chromaSize(layout).width + left / columns;
  found[1][cell] = level(values[dims - 2]);
  found[2][cell] = level(values[dims - 1]);
}

function smoothStep(value: number, from: number, to: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}
