import { assertLength, tokenEdgePx, wanGeometry } from './latent-shape.ts';
import type { TokenGeometry, VolumeShape } from './latent-shape.ts';

/** How much smaller the latents are than the video. */
type VaeStrides = Pick<TokenGeometry, 'spatialStride' | 'temporalStride'>;

type FrameStack = Omit<VolumeShape, 'channels'>;

/** Latent frames of a clip of `frames`: ⌈frames / temporal stride⌉, which is 1 + k for 1 + 4k frames. */
export function latentFrameCount(frames: number, strides: VaeStrides = wanGeometry): number {
  return Math.ceil(frames / strides.temporalStride);
}

/** Tokens of a window of the most frames, in a picture of the pixels that a model usually works on. */
export function usualTokens(
  { workingPixels, maxWindowFrames }: { readonly workingPixels: number; readonly maxWindowFrames: number },
  geometry: TokenGeometry = wanGeometry,
): number {
  return Math.floor(workingPixels / tokenEdgePx(geometry) ** 2) * latentFrameCount(maxWindowFrames, geometry);
}

/**
 * The source frame whose mask each latent frame carries: ⌊(i + ½)·F / F_lat⌋ ("nearest-exact"),
 * in whole numbers so that no rounding of the ratio can move it.
 */
export function maskFrameIndices(frames: number, strides: VaeStrides = wanGeometry): number[] {
  const latentFrames = latentFrameCount(frames, strides);
  return Array.from({ length: latentFrames }, (_, i) =>
    Math.floor(((2 * i + 1) * frames) / (2 * latentFrames)),
  );
}

/**
 * The mask part of VACE's control: mask [T, H, W] float32 (0 keep … 1 generate, NOT thresholded) →
 * [64, F_lat, H/8, W/8] float32, channel = (row mod 8)·8 + (column mod 8).
 * H and W are multiples of the spatial stride. Source: VACE (arXiv 2503.07598), "context latent encoding", as the
 * Wan pipelines carry it out.
 */
export function maskChannels(
  mask: Float32Array,
  shape: FrameStack,
  strides: VaeStrides = wanGeometry,
): { data: Float32Array; shape: VolumeShape } {
  const { frames, height, width } = shape;
  assertLength('mask', mask.length, frames * height * width);
  const edge = strides.spatialStride;
  const result: VolumeShape = {
    channels: edge * edge,
    frames: latentFrameCount(frames, strides),
    height: height / edge,
    width: width / edge,
  };
  if (!Number.isInteger(result.height) || !Number.isInteger(result.width)) {
    throw new RangeError(`mask: ${width}×${height} is no multiple of ${edge}`);
  }
  const data = new Float32Array(result.channels * result.frames * result.height * result.width);
  const sourceFrames = maskFrameIndices(frames, strides);
  let target = 0;
  for (let row = 0; row < edge; row++) {
    for (let column = 0; column < edge; column++) {
      for (const frame of sourceFrames) {
        for (let y = row; y < height; y += edge) {
          const line = (frame * height + y) * width;
          for (let x = column; x < width; x += edge) data[target++] = mask[line + x];
        }
      }
    }
  }
  return { data, shape: result };
}
