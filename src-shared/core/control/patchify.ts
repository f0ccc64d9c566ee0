import { assertLength, tokenCount, volumeLength, wanGeometry } from './latent-shape.ts';
import type { VolumeShape } from './latent-shape.ts';

/** Where a volume's channels and frames are within a token sequence that may hold more of both. */
export interface TokenPlacement {
  /** Channels of the whole sequence: a token has patchEdge² · `tokenChannels` elements. */
  readonly tokenChannels: number;
  /** First channel that the volume fills. */
  readonly channelOffset: number;
  /** First frame that the volume fills. */
  readonly frameOffset: number;
  /** Latent rows and columns of a token; default: Wan's 2. */
  readonly patchEdge?: number;
}

const elementsPerFrame = (shape: VolumeShape): number => shape.height * shape.width;

/**
 * Writes a latent volume [C, T, H, W] into tokens [n, (patchRow, patchCol, tokenChannels)], channel fastest,
 * tokens in frame, row, column order. Elements that the placement does not name are left alone.
 */
export function placeInTokens(
  tokens: Float32Array,
  volume: Float32Array,
  shape: VolumeShape,
  placement: TokenPlacement,
): void {
  const { channels, frames, height, width } = shape;
  const { tokenChannels, channelOffset, frameOffset, patchEdge = wanGeometry.patchEdge } = placement;
  assertLength('volume', volume.length, volumeLength(shape));
  const pixels = elementsPerFrame(shape);
  const tokenStride = patchEdge ** 2 * tokenChannels;
  const frameStride = pixels * tokenChannels;
  for (let c = 0; c < channels; c++) {
    for (let t = 0; t < frames; t++) {
      let source = (c * frames + t) * pixels;
      const frameStart = (frameOffset + t) * frameStride + channelOffset + c;
      for (let y = 0; y < height; y++) {
        const rowOfTokens = Math.floor(y / patchEdge) * (width / patchEdge) * tokenStride;
        let target = frameStart + rowOfTokens + (y % patchEdge) * patchEdge * tokenChannels;
        for (let x = 0; x < width; x += patchEdge) {
          for (let column = 0; column < patchEdge; column++) {
            tokens[target + column * tokenChannels] = volume[source + column];
          }
          source += patchEdge;
          target += tokenStride;
        }
      }
    }
  }
}

/**
 * Latents [C, T, H, W] float32 → tokens [n, e²·C] float32 with e = `patchEdge`, n = T · H/e · W/e in frame, row, column
 * order; within a token (patchRow, patchCol, channel), channel fastest. H and W are multiples of e.
 */
export function patchify(
  latents: Float32Array,
  shape: VolumeShape,
  patchEdge = wanGeometry.patchEdge,
): Float32Array {
  const tokens = new Float32Array(volumeLength(shape));
  const { channels: tokenChannels } = shape;
  placeInTokens(tokens, latents, shape, { tokenChannels, channelOffset: 0, frameOffset: 0, patchEdge });
  return tokens;
}

/**
 * Tokens [n, e²·C] float32 → latents [C, T, H, W] float32: the inverse of `patchify`.
 * `startFrame` skips that many leading frames of the sequence (reference pictures); `shape` is the result's.
 */
export function unpatchify(
  tokens: Float32Array,
  shape: VolumeShape,
  startFrame = 0,
  patchEdge = wanGeometry.patchEdge,
): Float32Array {
  const { channels, frames, height, width } = shape;
  const pixels = elementsPerFrame(shape);
  const tokenStride = patchEdge ** 2 * channels;
  const totalTokens = tokenCount({ frames: frames + startFrame, height, width }, patchEdge);
  assertLength('tokens', tokens.length, totalTokens * tokenStride);
  const latents = new Float32Array(volumeLength(shape));
  for (let c = 0; c < channels; c++) {
    for (let t = 0; t < frames; t++) {
      let target = (c * frames + t) * pixels;
      const frameStart = (startFrame + t) * pixels * channels + c;
      for (let y = 0; y < height; y++) {
        const rowOfTokens = Math.floor(y / patchEdge) * (width / patchEdge) * tokenStride;
        let source = frameStart + rowOfTokens + (y % patchEdge) * patchEdge * channels;
        for (let x = 0; x < width; x += patchEdge) {
          for (let column = 0; column < patchEdge; column++) {
            latents[target + column] = tokens[source + column * channels];
          }
          target += patchEdge;
          source += tokenStride;
        }
      }
    }
  }
  return latents;
}

/**
 * The first `channels` of every cell of a token sequence: [n, cells · tokenChannels] → [n, cells · channels].
 */
export function tokenPrefix(tokens: Float32Array, tokenChannels: number, channels: number): Float32Array {
  const cells = tokens.length / tokenChannels;
  const prefix = new Float32Array(cells * channels);
  for (let cell = 0; cell < cells; cell++) {
    prefix.set(tokens.subarray(cell * tokenChannels, cell * tokenChannels + channels), cell * channels);
  }
  return prefix;
}
