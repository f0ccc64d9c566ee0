/** Sizes of a volume [channels, frames, height, width] (row-major), in latent or pixel units. */
export interface VolumeShape {
  readonly channels: number;
  readonly frames: number;
  readonly height: number;
  readonly width: number;
}

/** How video, latents and tokens of a model family lie over each other. */
export interface TokenGeometry {
  /** Pixel rows and columns of a latent cell. */
  readonly spatialStride: number;
  /** Frames of a latent frame after the first, which stands for one frame (the VAE is causal in time). */
  readonly temporalStride: number;
  /** Latent rows and columns of a token; a token is one latent frame deep. */
  readonly patchEdge: number;
}

/** Wan 2.1: a VAE of 8 × 8 pixels and 4 frames, patch_size (1, 2, 2). */
export const wanGeometry: TokenGeometry = { spatialStride: 8, temporalStride: 4, patchEdge: 2 };

/** Pixel rows and columns of a token. */
export function tokenEdgePx({ spatialStride, patchEdge }: TokenGeometry): number {
  return spatialStride * patchEdge;
}

/** Tokens of a latent volume: frames · height/patchEdge · width/patchEdge, which are whole. */
export function tokenCount(shape: Omit<VolumeShape, 'channels'>, patchEdge = wanGeometry.patchEdge): number {
  return (shape.frames * shape.height * shape.width) / patchEdge ** 2;
}

/** Elements of a volume. */
export function volumeLength(shape: VolumeShape): number {
  return shape.channels * shape.frames * shape.height * shape.width;
}

/**
 * A programmer's check, not a user's: arrays of another length would be read silently wrong.
 * Throws RangeError naming the array.
 */
export function assertLength(name: string, actual: number, expected: number): void {
  if (actual !== expected) throw new RangeError(`${name}: ${actual} elements, expected ${expected}`);
}
