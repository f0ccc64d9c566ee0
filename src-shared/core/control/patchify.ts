import { assertLength, patchArea, patchEdge, tokenCount, volumeLength } from './latent-shape.ts';
import type { VolumeShape } from './latent-shape.ts';

/** Where a volume's channels and frames are within a token sequence that may hold more of both. */
export interface TokenPlacement {
  /** Channels of the whole sequence: a token has 4 · `tokenChannels` elements. */
  readonly tokenChannels: number;
  /** First channel that the volume fills. */
  readonly channelOffset: number;
  /** First frame that the volume fills. */
  readonly frameOffset: number;
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
  const { tokenChannels, channelOffset, frameOffset } = placement;
  assertLength('volume', volume.length, volumeLength(shape));
  const pixels = elementsPerFrame(shape);
  const tokenStride = patchArea * tokenChannels;
  const frameStride = (pixels / patchArea) * tokenStride;
  for (let c = 0; c < channels; c++) {
    for (let t = 0; t < frames; t++) {
      let source = (c * frames + t) * pixels;
      const frameStart = (frameOffset + t) * frameStride + channelOffset + c;
      for (let y = 0; y < height; y++) {
        const rowOfTokens = Math.floor(y / patchEdge) * (width / patchEdge) * tokenStride;
        let target = frameStart + rowOfTokens + (y % patchEdge) * patchEdge * tokenChannels;
        for (let x = 0; x < width; x += patchEdge) {
          tokens[target] = volume[source];
          tokens[target + tokenChannels] = volume[source + 1];
          source += patchEdge;
          target += tokenStride;
        }
      }
    }
  }
}

/**
 * Latents [C, T, H, W] float32 → tokens [n, 4·C] float32, n = T · H/2 · W/2 in frame, row, column order;
 * within a token (patchRow, patchCol, channel), channel fastest. H and W are even.
 */
export function patchify(latents: Float32Array, shape: VolumeShape): Float32Array {
  const tokens = new Float32Array(volumeLength(shape));
  placeInTokens(tokens, latents, shape, { tokenChannels: shape.channels, channelOffset: 0, frameOffset: 0 });
  return tokens;
}

/**
 * Tokens [n, 4·C] float32 → latents [C, T, H, W] float32: the inverse of `patchify`.
 * `startFrame` skips that many leading frames of the sequence (reference pictures); `shape` is the result's.
 */
export function unpatchify(tokens: Float32Array, shape: VolumeShape, startFrame = 0): Float32Array {
  const { channels, frames, height, width } = shape;
  const pixels = elementsPerFrame(shape);
  const tokenStride = patchArea * channels;
  const totalTokens = tokenCount({ frames: frames + startFrame, height, width });
  assertLength('tokens', tokens.length, totalTokens * tokenStride);
  const latents = new Float32Array(volumeLength(shape));
  for (let c = 0; c < channels; c++) {
    for (let t = 0; t < frames; t++) {
      let target = (c * frames + t) * pixels;
      const frameStart = (startFrame + t) * (pixels / patchArea) * tokenStride + c;
      for (let y = 0; y < height; y++) {
        const rowOfTokens = Math.floor(y / patchEdge) * (width / patchEdge) * tokenStride;
        let source = frameStart + rowOfTokens + (y % patchEdge) * patchEdge * channels;
        for (let x = 0; x < width; x += patchEdge) {
          latents[target] = tokens[source];
          latents[target + 1] = tokens[source + channels];
          target += patchEdge;
          source += tokenStride;
        }
      }
    }
  }
  return latents;
}

/**
 * The first `channels` of every cell of a token sequence: tokens [n, 4 · tokenChannels] → [n, 4 · channels].
 */
export function tokenPrefix(tokens: Float32Array, tokenChannels: number, channels: number): Float32Array {
  const cells = tokens.length / tokenChannels;
  const prefix = new Float32Array(cells * channels);
  for (let cell = 0; cell < cells; cell++) {
    prefix.set(tokens.subarray(cell * tokenChannels, cell * tokenChannels + channels), cell * channels);
  }
  return prefix;
}
