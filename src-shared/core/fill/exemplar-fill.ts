import { blendGradients } from './blend-gradients.ts';
import { chromaWeight, coarserLevel, finestLevel, type FillInput, type FillLevel } from './fill-level.ts';
import { drawTowards, guideLevels, type LineGuide } from './line-guide.ts';
import { matchLines } from './line-patches.ts';
import { biasBetween, emptyField, gainBetween, type PatchField } from './patch-field.ts';
import { featureCount, momentCount, textureCount } from './patch.ts';
import { pushPullFill } from './push-pull.ts';
import { improveField, measureField, seedField } from './patch-match.ts';
import { randomWords } from './random-words.ts';
import { bestPatches, patchWeights, voteMean } from './vote.ts';

/** The hole is at most so many pixels deep in the coarsest level, unless the picture would become smaller than this. */
const coarsest = { mostDepth: 5, leastSide: 28 } as const;
/** Rounds of search and vote, and passes of one search, at the coarsest level and at the finest. */
const rounds = { coarse: 12, fine: 3 } as const;
const passes = { coarse: 4, fine: 2 } as const;

/** In so many of the finest levels, where most pixels are, one target in three looks for random sources. */
const fineLevels = 2;

export interface FilledPicture {
  /** [3, height, width] float32: the picture with its hole filled. */
  readonly picture: Float32Array;
  /** [height, width]: the pixel that each pixel of the hole was copied from; −1 outside. */
  readonly copiedFrom: Int32Array;
}

/**
 * Fills a hole with patches of the same picture, so that it has the texture of its surroundings, and lines go on through
 * it. Energy, pyramid and votes: Wexler, Shechtman and Irani, "Space-Time Completion of Video", 2007, with the texture
 * features of Newson et al. 2014; search: PatchMatch; colours adapted as in Darabi et al. 2012.
 *
 * The same input and seed give the same picture. Memory: about 60 bytes for each pixel of the picture.
 *
 * @returns null where no patch of 7 × 7 pixels may be copied whole.
 */
export function exemplarFill(input: FillInput, seed: number): FilledPicture | null {
  const levels = pyramid(input);
  const finest = levels[0];
  if (finest.sources.length === 0) return null;
  if (finest.targets.length === 0) {
    return { picture: input.picture.slice(), copiedFrom: new Int32Array(input.hole.length).fill(-1) };
  }
  const random = randomWords(seed);
  const guides = guideLevels(levels);
  let field: PatchField | undefined;
  for (let index = levels.length - 1; index >= 0; index--) {
    const level = levels[index];
    const guide = guides.at(index);
    const next: PatchField = emptyField(level);
    const depth = holeDepth(level);
    if (field === undefined) smoothGuess(level, guide?.picture);
    else {
      refine(field, next);
      seedField(next, random);
      voteMean(next, patchWeights(next, depth));
      drawTowards(level, guide?.picture, 1);
    }
    const share = levels.length === 1 ? 1 : index / (levels.length - 1);
    const count = Math.round(rounds.fine + share * (rounds.coarse - rounds.fine));
    const searches = Math.round(passes.fine + share * (passes.coarse - passes.fine));
    seedField(next, random);
    for (let round = 0; round < count; round++) {
      measureField(next);
      if (guide !== undefined) matchLines(next, guide.patches);
      improveField(next, searches, index < fineLevels ? 3 : 1, random, guide?.patches.bound);
      voteMean(next, patchWeights(next, depth));
      // What has been copied in the end is what counts.
      drawTowards(level, guide?.picture, 1 - (round + 1) / count);
    }
    measureField(next);
    if (guide !== undefined) matchLines(next, guide.patches);
    field = next;
  }
  if (field === undefined) throw new Error('a pyramid has at least one level');
  return assemble(input, field);
}

/**
 * Fills the hole of the coarsest level smoothly: what the search begins with. So surfaces stay on their side of the hole,
 * which a guess patch by patch (Criminisi et al. 2004) does not hold to: on the courtyard it let grass grow in gravel.
 */
function smoothGuess(
  { features, texture, hole, width, height }: FillLevel,
  lines: LineGuide['picture'],
): void {
  const open = hole.map((value, pixel) => (lines !== undefined && lines.share[pixel] >= 0.5 ? 0 : value));
  lines?.share.forEach((share, pixel) => {
    if (share < 0.5) return;
    for (let at = pixel * featureCount; at < (pixel + 1) * featureCount; at++)
      features[at] = lines.features[at];
  });
  for (const [values, channels, unknown] of [
    [features, featureCount, open],
    [texture, textureCount, hole],
  ] as const) {
    const pixels = width * height;
    const planar = new Float32Array(values.length);
    for (let at = 0; at < values.length; at++) {
      planar[(at % channels) * pixels + Math.floor(at / channels)] = values[at];
    }
    const filled = pushPullFill(planar, unknown, { channels, height, width });
    for (let at = 0; at < values.length; at++) {
      values[at] = filled[(at % channels) * pixels + Math.floor(at / channels)];
    }
  }
}

/** From the finest level on, each half the size of the one before. */
function pyramid(input: FillInput): FillLevel[] {
  const levels = [finestLevel(input)];
  for (;;) {
    const last = levels[levels.length - 1];
    if (Math.min(last.width, last.height) < 2 * coarsest.leastSide) return levels;
    if (holeDepth(last).every((depth) => depth <= coarsest.mostDepth)) return levels;
    const next = coarserLevel(last);
    if (next.sources.length < 16 || next.targets.length === 0) return levels;
    levels.push(next);
  }
}

/** Steps from a pixel of the hole to the nearest pixel outside, up to 255; 0 outside. */
function holeDepth({ hole, width, height }: FillLevel): Uint8Array {
  const depth = new Uint8Array(hole.length);
  const at = (x: number, y: number) =>
    x < 0 || y < 0 || x >= width || y >= height ? 255 : depth[y * width + x];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      if (hole[pixel] === 1) depth[pixel] = Math.min(255, 1 + Math.min(at(x - 1, y), at(x, y - 1)));
    }
  }
  for (let y = height - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--) {
      const pixel = y * width + x;
      if (hole[pixel] === 1) depth[pixel] = Math.min(depth[pixel], 1 + Math.min(at(x + 1, y), at(x, y + 1)));
    }
  }
  return depth;
}

/** Takes over a coarser level's field: each target's parent says from where. */
function refine(coarse: PatchField, fine: PatchField): void {
  const { width } = fine.level;
  const coarseWidth = coarse.level.width;
  for (const target of fine.level.targets) {
    const x = target % width;
    const y = (target - x) / width;
    const parent = (y >> 1) * coarseWidth + (x >> 1);
    const from = coarse.nearest[parent];
    if (from < 0) continue;
    const fromX = from % coarseWidth;
    const fromY = (from - fromX) / coarseWidth;
    fine.nearest[target] = (2 * fromY + (y & 1)) * width + 2 * fromX + (x & 1);
    fine.distance[target] = coarse.distance[parent];
    for (let k = 0; k < momentCount; k++) {
      fine.moments[momentCount * target + k] = coarse.moments[momentCount * parent + k];
    }
  }
}

/** What is taken for an edge in a sharp picture, in levels, and at most in one out of focus. */
const edges = { sharp: 12, soft: 48, percentile: 0.98, steepness: 16 } as const;

/** A picture whose steepest places are flat has no edges, so none stands at the hole: there every seam is blended. */
function edgeLevels({ picture, width }: FillInput, hole: Uint8Array): number {
  const steps: number[] = [];
  for (let pixel = 1; pixel < hole.length; pixel++) {
    if (pixel % width === 0 || hole[pixel] === 1 || hole[pixel - 1] === 1) continue;
    steps.push(Math.abs(picture[pixel] - picture[pixel - 1]));
  }
  const steepest = Float32Array.from(steps).sort()[Math.floor(edges.percentile * (steps.length - 1))];
  return Math.min(edges.soft, edges.sharp * Math.max(1, edges.steepness / Math.max(1, steepest)));
}

/** The picture itself from the finest field: whole patches, their seams blended. */
function assemble(input: FillInput, field: PatchField): FilledPicture {
  const { picture, width, height } = input;
  const { nearest, moments, level } = field;
  const { hole, features } = level;
  const pixels = width * height;
  const patches = bestPatches(field);
  const values = picture.slice();
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (hole[pixel] === 0) continue;
    for (let channel = 0; channel < 3; channel++) {
      values[channel * pixels + pixel] =
        features[pixel * featureCount + channel] / (channel === 0 ? 1 : chromaWeight);
    }
  }
  const copied = (channel: number, patch: number, pixel: number): number => {
    const source = nearest[patch];
    const from = source + pixel - patch;
    // A neighbour of the patch may lie outside the picture or in the hole: the patch's middle stands for it.
    const value = picture[channel * pixels + (hole[from] === 0 ? from : source)];
    if (channel === 0) return gainBetween(moments, patch, source) * value;
    return value + biasBetween(moments, patch, source, channel === 1 ? 1 : 2) / chromaWeight;
  };
  const filled = blendGradients({
    width,
    height,
    values,
    hole,
    patches,
    edgeLevels: edgeLevels(input, hole),
    copied,
  });
  const copiedFrom = patches.map((patch, pixel) => (patch < 0 ? -1 : nearest[patch] + pixel - patch));
  return { picture: filled, copiedFrom };
}
