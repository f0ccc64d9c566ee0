import { boxSum } from './box-sum.ts';
import { featureCount, patchRadius, patchSide, textureCount } from './patch.ts';

/** What chroma is multiplied with in the features, luma with 1: patches are compared by the sum of their squares. */
export const chromaWeight = 2;
/** The same for texture. */
const textureWeight = 8;
/** Texture is averaged over squares of (2·radius + 1) pixels. */
const textureRadius = 4;

/** A picture with a hole at one resolution. */
export interface FillLevel {
  readonly width: number;
  readonly height: number;
  /** [height, width, featureCount], weighted; in the hole it is what has been guessed so far. */
  readonly features: Float32Array;
  /** [height, width, textureCount], weighted; in the hole it is what has been guessed so far. */
  readonly texture: Float32Array;
  /** [height, width]; 1 = to be filled. */
  readonly hole: Uint8Array;
  /** [height, width]; 1 = may be copied. */
  readonly usable: Uint8Array;
  /** [height, width]; 1 = the patch around it lies inside the picture and may be copied whole. */
  readonly isSource: Uint8Array;
  /** Middles of the patches that may be copied, as indices into [height, width], ascending. */
  readonly sources: Int32Array;
  /** Middles of the patches that reach into the hole and lie inside the picture, ascending. */
  readonly targets: Int32Array;
}

export interface FillInput {
  /** [3, height, width] float32, Y'CbCr in levels of 8 bit; what is in the hole is not read. */
  readonly picture: Float32Array;
  /** [height, width]; non-zero = to be filled. */
  readonly hole: Uint8Array;
  /** [height, width]; non-zero = may be copied into the hole; pixels of the hole never are. */
  readonly usable: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The finest level. */
export function finestLevel(input: FillInput): FillLevel {
  const { picture, width, height } = input;
  const pixels = width * height;
  const hole = input.hole.map((value) => (value === 0 ? 0 : 1));
  const usable = input.usable.map((value, pixel) => (value === 0 || hole[pixel] === 1 ? 0 : 1));
  const features = new Float32Array(pixels * featureCount);
  const texture = new Float32Array(pixels * textureCount);
  const across = meanSlope(picture, hole, width, height, 1);
  const down = meanSlope(picture, hole, width, height, width);
  for (let pixel = 0, at = 0; pixel < pixels; pixel++, at += featureCount) {
    if (hole[pixel] === 1) continue;
    features[at] = picture[pixel];
    features[at + 1] = chromaWeight * picture[pixels + pixel];
    features[at + 2] = chromaWeight * picture[2 * pixels + pixel];
    texture[2 * pixel] = textureWeight * across[pixel];
    texture[2 * pixel + 1] = textureWeight * down[pixel];
  }
  return withPatches({ width, height, features, texture, hole, usable });
}

/** Half the size: means of 2 × 2 pixels; hole wherever one of them is, usable where all are. */
export function coarserLevel(fine: FillLevel): FillLevel {
  const width = (fine.width + 1) >> 1;
  const height = (fine.height + 1) >> 1;
  const features = new Float32Array(width * height * featureCount);
  const texture = new Float32Array(width * height * textureCount);
  const hole = new Uint8Array(width * height);
  const usable = new Uint8Array(width * height).fill(1);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      const children: number[] = [];
      for (let row = 2 * y; row < Math.min(fine.height, 2 * y + 2); row++) {
        for (let column = 2 * x; column < Math.min(fine.width, 2 * x + 2); column++) {
          const child = row * fine.width + column;
          if (fine.usable[child] === 0) usable[pixel] = 0;
          if (fine.hole[child] === 1) hole[pixel] = 1;
          children.push(child);
        }
      }
      if (hole[pixel] === 1) continue;
      const share = 1 / children.length;
      for (const child of children) {
        for (let k = 0; k < featureCount; k++)
          features[pixel * featureCount + k] += share * fine.features[child * featureCount + k];
        for (let k = 0; k < textureCount; k++)
          texture[pixel * textureCount + k] += share * fine.texture[child * textureCount + k];
      }
    }
  }
  return withPatches({ width, height, features, texture, hole, usable });
}

function withPatches(level: Omit<FillLevel, 'isSource' | 'sources' | 'targets'>): FillLevel {
  const { width, height, hole, usable } = level;
  const isSource = patchesWhere(usable, width, height, (count) => count === patchSide * patchSide);
  const isTarget = patchesWhere(hole, width, height, (count) => count > 0);
  return { ...level, isSource, sources: indicesOf(isSource), targets: indicesOf(isTarget) };
}

/** Marks the middles of patches inside the picture by how many of their pixels are set. */
function patchesWhere(
  set: Uint8Array,
  width: number,
  height: number,
  holds: (count: number) => boolean,
): Uint8Array {
  const rows = new Uint8Array(set.length);
  for (let y = 0; y < height; y++) {
    let count = 0;
    for (let x = 0; x < width; x++) {
      count += set[y * width + x];
      if (x >= patchSide) count -= set[y * width + x - patchSide];
      if (x >= patchSide - 1) rows[y * width + x - patchRadius] = count;
    }
  }
  const marked = new Uint8Array(set.length);
  for (let x = patchRadius; x < width - patchRadius; x++) {
    let count = 0;
    for (let y = 0; y < height; y++) {
      count += rows[y * width + x];
      if (y >= patchSide) count -= rows[(y - patchSide) * width + x];
      if (y >= patchSide - 1 && holds(count)) marked[(y - patchRadius) * width + x] = 1;
    }
  }
  return marked;
}

function indicesOf(marked: Uint8Array): Int32Array {
  const count = marked.reduce((sum, value) => sum + value, 0);
  const indices = new Int32Array(count);
  for (let pixel = 0, at = 0; pixel < marked.length; pixel++) if (marked[pixel] === 1) indices[at++] = pixel;
  return indices;
}

/**
 * The mean absolute difference of luma between neighbours `step` pixels apart, over squares of textureRadius, of the
 * known pixels only. Newson et al., "Video Inpainting of Complex Scenes", 2014, section 3.3.
 */
function meanSlope(
  picture: Float32Array,
  hole: Uint8Array,
  width: number,
  height: number,
  step: number,
): Float32Array {
  const slope = new Float32Array(hole.length);
  const known = new Float32Array(hole.length);
  for (let pixel = 0; pixel < hole.length - step; pixel++) {
    if (hole[pixel] === 1 || hole[pixel + step] === 1 || (step === 1 && pixel % width === width - 1))
      continue;
    slope[pixel] = Math.abs(picture[pixel + step] - picture[pixel]);
    known[pixel] = 1;
  }
  const sum = boxSum(slope, width, height, textureRadius);
  const count = boxSum(known, width, height, textureRadius);
  for (let pixel = 0; pixel < sum.length; pixel++) sum[pixel] /= Math.max(1, count[pixel]);
  return sum;
}
