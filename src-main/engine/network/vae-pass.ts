import { cardArenaFactor, leanFactor, type StageMemory } from '../../../src-shared/core/estimate/index.ts';
import type { VaeSpec } from '../../../src-shared/core/families/index.ts';
import type { VaePass, VideoSize } from '../../../src-shared/core/flops/index.ts';
import { mostTiles, tileLength } from '../../../src-shared/core/tiles/index.ts';

/** Memory of one pass beyond weights and video, in bytes, where nothing asks for more or less. */
export const usualPassBytes = 4 * 1024 ** 3;

/** Latent frames of a video of `frames` frames: 1 + ⌊(frames − 1) / factor⌋; the rest of the frames is dropped. */
export function latentFramesOf({ temporalFactor }: VaeSpec, frames: number): number {
  return 1 + Math.floor((frames - 1) / temporalFactor);
}

/** Frames that `latentFrames` latent frames decode to: 1 + factor·(latentFrames − 1). */
export function videoFramesOf({ temporalFactor }: VaeSpec, latentFrames: number): number {
  return 1 + temporalFactor * (latentFrames - 1);
}

/** Every way in which a clip of `size` can go through: whole, in tiles and in chunks. */
function* possiblePasses(spec: VaeSpec, { frames, height, width }: VideoSize): IterableIterator<VaePass> {
  yield 'full';
  if (spec.hasChunkGraphs) {
    // After the first latent frame, which goes alone.
    for (let latents = Math.max(1, latentFramesOf(spec, frames) - 1); latents >= 1; latents--) {
      yield { chunkFrames: latents * spec.temporalFactor };
    }
  }
  const { tileHalo: halo, spatialFactor } = spec;
  if (halo === undefined) return;
  const axis = (length: number): { readonly count: number; readonly px: number }[] => {
    const cells = length / spatialFactor;
    return Array.from({ length: mostTiles(cells, halo) }, (_, i) => ({
      count: i + 1,
      px: spatialFactor * tileLength(cells, i + 1, halo),
    }));
  };
  for (const row of axis(height)) {
    for (const column of axis(width)) {
      const tiles = row.count * column.count;
      if (tiles > 1) yield { tiles, tileHeight: row.px, tileWidth: column.px };
    }
  }
}

/**
 * How a video of `size` passes through a part within `memoryBytes`: the way with the fewest operations, of equal ones the
 * first that needs no more parts. Where none is small enough it is the smallest. Tiles keep the whole clip in time, so
 * that no states of the convolutions are carried along; chunks repeat nothing at the tiles' edges.
 */
export function chooseVaePass(
  spec: VaeSpec,
  part: 'encoder' | 'decoder',
  size: VideoSize,
  memoryBytes: number,
): VaePass {
  let best: { readonly pass: VaePass; readonly flops: number } | undefined;
  let smallest: { readonly pass: VaePass; readonly bytes: number } | undefined;
  for (const pass of possiblePasses(spec, size)) {
    const bytes = spec.peakBytes(part, size, pass);
    if (smallest === undefined || bytes < smallest.bytes) smallest = { pass, bytes };
    if (bytes > memoryBytes) continue;
    const flops = passFlops(spec, part, size, pass);
    if (best === undefined || flops < best.flops) best = { pass, flops };
  }
  return (best ?? smallest)?.pass ?? 'full';
}

/**
 * What a pass takes beyond weights and video. A card's arena grows in powers of two, also for what is cut up so that the CPU
 * can do without one.
 */
export function passMemory(
  spec: VaeSpec,
  part: 'encoder' | 'decoder',
  size: VideoSize,
  pass: VaePass,
): StageMemory {
  const ramBytes = spec.peakBytes(part, size, pass);
  const isLean = pass !== 'full' && 'tiles' in pass;
  return { ramBytes, vramBytes: isLean ? (ramBytes * cardArenaFactor) / leanFactor : ramBytes };
}

/** Floating-point operations of one pass of a part. */
function passFlops(spec: VaeSpec, part: 'encoder' | 'decoder', size: VideoSize, pass: VaePass): number {
  return part === 'encoder' ? spec.encodeFlops(size, pass) : spec.decodeFlops(size, pass);
}
