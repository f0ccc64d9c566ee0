/** Sizes of a volume [channels, frames, height, width] (row-major), in latent or pixel units. */
export interface VolumeShape {
  readonly channels: number;
  readonly frames: number;
  readonly height: number;
  readonly width: number;
}

/** Edge of a token in latent rows and columns: Wan's patch_size is (1, 2, 2). */
export const patchEdge = 2;

/** Latent positions that one token covers. */
export const patchArea = patchEdge * patchEdge;

/** Tokens of a latent volume: frames · height/2 · width/2. Height and width are even. */
export function tokenCount(shape: Omit<VolumeShape, 'channels'>): number {
  return (shape.frames * shape.height * shape.width) / patchArea;
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
