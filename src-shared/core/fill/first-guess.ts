import type { FillLevel } from './fill-level.ts';
import { featureCount, patchRadius, patchSide } from './patch.ts';

/** At most so many sources are compared with each patch. */
const mostSources = 6000;

interface Guess {
  readonly level: FillLevel;
  /** [height, width]; 1 = known, from the beginning or by now. */
  readonly known: Uint8Array;
  /** [height, width]: how much of what stands at a pixel is known, 0…1. */
  readonly confidence: Float32Array;
  readonly sources: Int32Array;
}

/**
 * Fills the hole of the coarsest level patch by patch, and first where lines run into it, so that they go on and meet.
 * Criminisi, Pérez and Toyama, "Region filling and object removal by exemplar-based image inpainting", 2004: of the
 * patches on the hole's border the one with the highest product of confidence and edge strength comes next, and takes
 * what the most similar source has there. Every source is looked at.
 */
export function firstGuess(level: FillLevel): void {
  const { hole, targets } = level;
  const stride = Math.ceil(level.sources.length / mostSources);
  const guess: Guess = {
    level,
    known: hole.map((value) => 1 - value),
    confidence: Float32Array.from(hole, (value) => 1 - value),
    sources: level.sources.filter((_, index) => index % stride === 0),
  };
  let open = targets;
  while (open.length > 0) {
    open = open.filter((target) => patchSum(guess.known, target, level.width) < patchSide * patchSide);
    let best = -1;
    let highest = -1;
    for (const target of open) {
      const rank = priority(guess, target);
      if (rank > highest) [best, highest] = [target, rank];
    }
    if (best >= 0) copyInto(guess, best);
  }
}

function patchSum(plane: ArrayLike<number>, middle: number, width: number): number {
  let sum = 0;
  for (let row = -patchRadius; row <= patchRadius; row++) {
    const start = middle + row * width - patchRadius;
    for (let at = start; at < start + patchSide; at++) sum += plane[at];
  }
  return sum;
}

/** Confidence of the patch times the strength of the edges that it shows; 0 and above. */
function priority({ level, known, confidence }: Guess, target: number): number {
  const { features, width } = level;
  let edges = 0;
  for (let row = -patchRadius; row < patchRadius; row++) {
    for (let pixel = target + row * width - patchRadius, end = pixel + patchSide - 1; pixel < end; pixel++) {
      if (known[pixel] === 0) continue;
      const luma = features[pixel * featureCount];
      if (known[pixel + 1] === 1) edges += Math.abs(features[(pixel + 1) * featureCount] - luma);
      if (known[pixel + width] === 1) edges += Math.abs(features[(pixel + width) * featureCount] - luma);
    }
  }
  const share = patchSum(confidence, target, width) / (patchSide * patchSide);
  return share * (edges / (patchSide * patchSide) + 1);
}

function copyInto({ level, known, confidence, sources }: Guess, target: number): void {
  const { features, width } = level;
  const source = mostSimilar(level, known, sources, target);
  const share = patchSum(confidence, target, width) / (patchSide * patchSide);
  for (let row = -patchRadius; row <= patchRadius; row++) {
    for (let column = -patchRadius; column <= patchRadius; column++) {
      const pixel = target + row * width + column;
      if (known[pixel] === 1) continue;
      const from = (source + row * width + column) * featureCount;
      features.copyWithin(pixel * featureCount, from, from + featureCount);
      known[pixel] = 1;
      confidence[pixel] = share;
    }
  }
}

function mostSimilar(level: FillLevel, known: Uint8Array, sources: Int32Array, target: number): number {
  let best = sources[0];
  let least = Infinity;
  for (const source of sources) {
    const distance = knownDistance(level, known, target, source, least);
    if (distance < least) [best, least] = [source, distance];
  }
  return best;
}

/** The sum of squared differences over what is known of the target; Infinity from `limit` on. */
function knownDistance(
  { features, width }: FillLevel,
  known: Uint8Array,
  target: number,
  source: number,
  limit: number,
): number {
  const [radius, channels] = [patchRadius, featureCount];
  let sum = 0;
  for (let row = -radius; row <= radius; row++) {
    for (let column = -radius; column <= radius; column++) {
      const pixel = target + row * width + column;
      if (known[pixel] === 0) continue;
      const a = pixel * channels;
      const b = (source + row * width + column) * channels;
      for (let k = 0; k < channels; k++) sum += (features[a + k] - features[b + k]) ** 2;
    }
    if (sum >= limit) return Infinity;
  }
  return sum;
}
