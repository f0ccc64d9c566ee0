import { alignCandidate, makeRing, type Alignment } from './align.ts';
import { emptyConsensus, findConsensus, type Consensus } from './consensus.ts';
import { cellLuma, gatherSample, type AlignedCandidate } from './gather.ts';
import type { Homography } from './homography.ts';
import { growMask, maskRegions, type Region } from './morphology.ts';
import { chromaSize, type PictureLayout, type PicturePlanes } from './picture.ts';

/** A frame that may show what is behind the hole of another. */
export interface PlateCandidate {
  readonly planes: PicturePlanes;
  /** [height, width]; non-zero = not to be used: the frame's own mask, grown by `blockedGrowPx`. */
  readonly blocked: Uint8Array;
  /** From the target's pixels to this frame's. */
  readonly motion: Homography;
}

export interface ComposedPlate {
  /** Copies of the target's planes with everything found in the hole written in. */
  readonly planes: PicturePlanes;
  /** [height, width]: 0 outside the mask and where nothing was found, up to 255 where all agrees. */
  readonly confidence: Uint8Array<ArrayBuffer>;
}

/** Shadows and soft edges reach this far beyond a mask, in pixels; more is safer and leaves less to take from. */
export const blockedGrowPx = 2;
/** The ring around a hole, in pixels from its border: beyond the soft edge, and near enough to tell. */
const ringPx = { from: 2, to: 12 } as const;
const mostRingPoints = 4000;
/** Holes nearer to each other than twice this are handled as one. */
const joinPx = 10;
/** Samples gathered for one cell; more smooth the noise further and take longer. */
const mostSamples = +((globalThis as any).process.env.MS ?? 32);

interface Work {
  readonly target: PicturePlanes;
  readonly mask: Uint8Array;
  readonly layout: PictureLayout;
  readonly planes: PicturePlanes;
  readonly confidence: Uint8Array;
}

/**
 * Brings background that other frames show into the hole of one. Every hole is compared with every candidate on a
 * ring around it, which yields exposure, a local shift, and trust; then each cell (one chroma sample and the luma
 * pixels that it covers) takes what most trusted candidates agree on.
 *
 * @param mask [height, width] of the target; non-zero = hole.
 * @param candidates Nearest in time first.
 */
export function composePlate(
  target: PicturePlanes,
  mask: Uint8Array,
  candidates: readonly PlateCandidate[],
  layout: PictureLayout,
): ComposedPlate {
  const { width, height } = layout;
  const planes: PicturePlanes = [target[0].slice(), target[1].slice(), target[2].slice()];
  const work: Work = { target, mask, layout, planes, confidence: new Uint8Array(width * height) };
  const near = growMask(mask, width, height, ringPx.from);
  const around = growMask(mask, width, height, ringPx.to);
  for (const region of maskRegions(growMask(mask, width, height, joinPx), width, height)) {
    const aligned = alignAround(work, region, near, around, candidates);
    fillRegion(work, region, aligned);
  }
  return { planes, confidence: work.confidence as Uint8Array<ArrayBuffer> };
}

export let debug: any = { align: [] };
/** The candidates that fit around a region, with their trust. */
function alignAround(
  work: Work,
  region: Region,
  near: Uint8Array,
  around: Uint8Array,
  candidates: readonly PlateCandidate[],
): AlignedCandidate[] {
  const { target, layout } = work;
  const points = ringPixels(region, near, around, layout);
  const ring = makeRing(points, target[0], layout.width, layout.height);
  const aligned = candidates.map(({ planes, blocked, motion }) => {
    const alignment = alignCandidate(ring, target, planes, blocked, motion, layout);
    return { planes, blocked, alignment, trust: 0 };
  });
  debug.align.push(aligned.map(a=>a.alignment));
  const sg = aligned.map(({ alignment }) => alignment.sigma).filter(Number.isFinite).sort((a,b)=>a-b); const least = Math.max(1.5, sg[sg.length>>1]??0);
  return aligned
    .map((candidate) => ({ ...candidate, trust: trustIn(candidate.alignment, least) }))
    .filter(({ trust }) => trust > 0.05);
}

/** Pixels between the two grown masks around a region, thinned out to at most `mostRingPoints`. */
function ringPixels(
  region: Region,
  near: Uint8Array,
  around: Uint8Array,
  { width, height }: PictureLayout,
): Int32Array {
  const pixels: number[] = [];
  const reach = ringPx.to - joinPx;
  for (let y = Math.max(0, region.top - reach); y < Math.min(height, region.bottom + reach); y++) {
    for (let x = Math.max(0, region.left - reach); x < Math.min(width, region.right + reach); x++) {
      const pixel = y * width + x;
      if (around[pixel] !== 0 && near[pixel] === 0) pixels.push(pixel);
    }
  }
  const step = Math.max(1, pixels.length / mostRingPoints);
  return Int32Array.from({ length: Math.floor(pixels.length / step) }, (_, index) => pixels[Math.floor(index * step)]);
}

function trustIn({ sigma, visibleShare }: Alignment, least: number): number {
  if (visibleShare === 0) return 0;
  const seen = smoothStep(visibleShare, 0.1, 0.4);
  const absolute = 1 - smoothStep(sigma, 8, 16);
  const relative = 1 / (1 + (Math.max(0, sigma - least) / (least + 1)) ** 2);
  return seen * absolute * relative;
}

function smoothStep(value: number, from: number, to: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

function fillRegion(work: Work, region: Region, aligned: readonly AlignedCandidate[]): void {
  const { layout } = work;
  const { dims } = cellLuma(layout);
  const unit = 1 << (layout.bitDepth - 8);
  const sigmas = Float64Array.from(aligned, ({ alignment }) => alignment.sigma).sort();
  const bandwidth = Math.min(20, Math.max(4, +((globalThis as any).process.env.BW ?? 3) * (sigmas[sigmas.length >> 1] ?? 0))) * unit;
  const samples = new Float32Array(mostSamples * dims);
  const weights = new Float32Array(mostSamples);
  const consensus = emptyConsensus(dims);
  forEachCell(work, region, (cell) => {
    let count = 0;
    for (const candidate of aligned) {
      if (count === mostSamples) break;
      if (gatherSample(candidate, cell, layout, samples, count * dims)) weights[count++] = candidate.trust;
    }
    if (count === 0) return;
    findConsensus(samples, weights, count, dims, bandwidth, consensus);
    writeCell(work, cell, consensus, bandwidth, count);
  });
}
function forEachCell(work: Work, region: Region, visit: (cell: number) => void) {
  const { layout, mask } = work;
  const { columns, rows } = cellLuma(layout);
  const c = chromaSize(layout);
  const { top, left, right, bottom } = region;
  for (let cy = Math.floor(top / rows); cy * rows < bottom; cy++)
    for (let cx = Math.floor(left / columns); cx * columns < right; cx++) {
      let any = false;
      for (let r = 0; r < rows; r++) for (let k = 0; k < columns; k++) {
        const y = cy * rows + r, x = cx * columns + k;
        if (y < layout.height && x < layout.width && mask[y * layout.width + x]) any = true;
      }
      if (any) visit(cy * c.width + cx);
    }
}
export const stats = { share: new Float32Array(0), support: new Float32Array(0), spread: new Float32Array(0), count: new Float32Array(0) };
function writeCell(work: Work, cell: number, consensus: Consensus, bandwidth: number, count: number) {
  const { layout, mask, planes } = work;
  const { columns, rows } = cellLuma(layout);
  const c = chromaSize(layout);
  const cx = cell % c.width, cy = (cell - cx) / c.width;
  const peak = (1 << layout.bitDepth) - 1;
  const put = (p: any, i: number, v: number) => { p[i] = Math.min(peak, Math.max(0, Math.round(v))); };
  let all = true, k = 0;
  for (let r = 0; r < rows; r++) for (let q = 0; q < columns; q++, k++) {
    const y = cy * rows + r, x = cx * columns + q;
    if (y >= layout.height || x >= layout.width) continue;
    const i = y * layout.width + x;
    if (!mask[i]) { all = false; continue; }
    put(planes[0], i, consensus.values[k]);
    work.confidence[i] = 255;
    if (stats.share.length) { stats.share[i] = consensus.share; stats.support[i] = consensus.support; stats.spread[i] = consensus.spread / bandwidth; stats.count[i]=count; }
  }
  if (all) { put(planes[1], cell, consensus.values[k]); put(planes[2], cell, consensus.values[k + 1]); }
}
