import {
  assertLength,
  latentFrameCount,
  tokenEdgePx,
  wanGeometry,
  type TokenGeometry,
} from '../control/index.ts';
import { usageError } from '../errors/index.ts';
import type { TokenGrid, TokenPartition } from './token-partition.ts';

/** How far from a generative token, in tokens, margin reaches: whole numbers, 0 (no margin) … 64. */
export interface MarginTokens {
  /** Rows and columns. Higher: more of the surroundings is computed in partial steps: closer, slower. */
  readonly space: number;
  /** Latent frames before and after. Higher: as `space`. */
  readonly time: number;
}

export const defaultMargin: MarginTokens = { space: 2, time: 1 };
const marginLimit = 64;

export interface PartitionOptions {
  /** Default: 2 in space, 1 in time (HETCACHE, section 2). */
  readonly marginTokens?: MarginTokens;
  /**
   * Leading latent frames that hold reference pictures, whole, default 0. The grid counts them, the mask does not.
   * Their tokens are margin: what they show is no part of the clip, so nothing but the network can say their output.
   */
  readonly referenceFrames?: number;
  /** Of the model family; default: Wan's, which the numbers below are of. */
  readonly geometry?: TokenGeometry;
}

/**
 * Divides the tokens of a window into generative, margin and context.
 *
 * A token of latent frame t covers 16 × 16 pixels of frame 0 (t = 0) or of frames 4t − 3 … 4t; one pixel above 0 makes
 * it generative. Margin is what else is within `marginTokens` of a generative token, as a box: at most `space` rows,
 * `space` columns and `time` latent frames away.
 *
 * Whatever the mask is, the result is a partition; callers decide what it is worth:
 * - an empty mask: no generative tokens, all (but the references') are context;
 * - a mask and margin that cover everything: no context tokens;
 * - a mask of one pixel: one generative token.
 *
 * @param mask [T, H, W] float32 at working size, > 0 = masked.
 * @param shape T = 1 + 4k; H and W multiples of 16. The clip's alone, without reference pictures.
 * @throws HetcutError `margin-tokens` for a margin out of range; RangeError for a mask, shape or number of reference
 * frames that cannot be.
 */
export function partitionTokens(
  mask: Float32Array,
  shape: { readonly frames: number; readonly height: number; readonly width: number },
  options: PartitionOptions = {},
): TokenPartition {
  const { marginTokens = defaultMargin, referenceFrames = 0, geometry = wanGeometry } = options;
  const { temporalStride } = geometry;
  const edge = tokenEdgePx(geometry);
  const { frames, height, width } = shape;
  checkMargin('marginTokens.space', marginTokens.space);
  checkMargin('marginTokens.time', marginTokens.time);
  assertLength('mask', mask.length, frames * height * width);
  if ((frames - 1) % temporalStride !== 0 || height % edge !== 0 || width % edge !== 0) {
    throw new RangeError(
      `mask: ${frames} frames of ${width}×${height} are no 1 + ${temporalStride}k of multiples of ${edge}`,
    );
  }
  if (!Number.isInteger(referenceFrames) || referenceFrames < 0) {
    throw new RangeError(`referenceFrames: ${referenceFrames}`);
  }
  const clip = {
    frames: latentFrameCount(frames, geometry),
    rows: height / edge,
    cols: width / edge,
  };
  const masked = maskedTokens(mask, shape, clip, geometry);
  const near = dilate(masked, clip, marginTokens);
  return collect(masked, near, clip, referenceFrames);
}

function checkMargin(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= marginLimit) return;
  throw usageError(
    'margin-tokens',
    `The option ${name} is ${value}.`,
    `Give a whole number from 0 to ${marginLimit}: higher is closer to the uncached result, and slower.`,
  );
}

/** 1 for each of the clip's tokens that covers a masked pixel, else 0: [frames, rows, cols]. */
function maskedTokens(
  mask: Float32Array,
  shape: { readonly frames: number; readonly height: number; readonly width: number },
  grid: TokenGrid,
  geometry: TokenGeometry,
): Uint8Array {
  const edge = tokenEdgePx(geometry);
  const masked = new Uint8Array(grid.frames * grid.rows * grid.cols);
  for (let frame = 0; frame < shape.frames; frame++) {
    // The causal VAE: latent frame 0 is frame 0 alone, each later one the next `temporalStride`.
    const latentFrame = Math.ceil(frame / geometry.temporalStride);
    for (let y = 0; y < shape.height; y++) {
      const line = (frame * shape.height + y) * shape.width;
      const row = latentFrame * grid.rows + Math.floor(y / edge);
      for (let col = 0; col < grid.cols; col++) {
        const token = row * grid.cols + col;
        if (masked[token] !== 0) continue;
        const end = line + (col + 1) * edge;
        let pixel = end - edge;
        while (pixel < end && !(mask[pixel] > 0)) pixel++;
        if (pixel < end) masked[token] = 1;
      }
    }
  }
  return masked;
}

/** Every token within the margin's box of one that is set. A box is the product of its sides: one axis at a time. */
function dilate(cells: Uint8Array, grid: TokenGrid, margin: MarginTokens): Uint8Array {
  const { frames, rows, cols } = grid;
  const along = dilateAxis(cells, cols, 1, margin.space);
  const across = dilateAxis(along, rows, cols, margin.space);
  return dilateAxis(across, frames, rows * cols, margin.time);
}

/** Grows what is set by `radius` along an axis of `length` cells, `stride` elements apart. A new array. */
function dilateAxis(cells: Uint8Array, length: number, stride: number, radius: number): Uint8Array {
  const grown = new Uint8Array(cells.length);
  const block = length * stride;
  for (let start = 0; start < cells.length; start++) {
    // One line for each element that begins one: the first `stride` of every block.
    if (start % block >= stride) continue;
    // `end`: the first position that no set cell seen so far reaches.
    let end = 0;
    for (let ahead = 0; ahead < length + radius; ahead++) {
      if (ahead < length && cells[start + ahead * stride] !== 0) end = ahead + radius + 1;
      const position = ahead - radius;
      if (position >= 0 && position < end) grown[start + position * stride] = 1;
    }
  }
  return grown;
}

function collect(
  masked: Uint8Array,
  near: Uint8Array,
  clip: TokenGrid,
  referenceFrames: number,
): TokenPartition {
  const referenceTokens = referenceFrames * clip.rows * clip.cols;
  const generative: number[] = [];
  const margin: number[] = Array.from({ length: referenceTokens }, (_, token) => token);
  const context: number[] = [];
  for (let cell = 0; cell < masked.length; cell++) {
    const group = masked[cell] !== 0 ? generative : near[cell] !== 0 ? margin : context;
    group.push(referenceTokens + cell);
  }
  return {
    grid: { ...clip, frames: clip.frames + referenceFrames },
    count: referenceTokens + masked.length,
    generative: Int32Array.from(generative),
    margin: Int32Array.from(margin),
    context: Int32Array.from(context),
  };
}
