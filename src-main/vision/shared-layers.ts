import { chain, type Homography } from '../../src-shared/core/plate/index.ts';
import type { Batch, BatchFrame } from './batch-layers.ts';

/** A layer is known again by corners of it at most this far away, in pixels. */
const knownAgainPx = 48;

/** What is kept of a batch for the next of the pictures that both have. */
export interface SharedFrame {
  /** Corners, and the ids of their layers. */
  readonly points: readonly (readonly [x: number, y: number, id: number])[];
  readonly toReference: ReadonlyMap<number, Homography>;
}

/** By the pictures' numbers. */
export type SharedFrames = ReadonlyMap<number, SharedFrame>;

/** The map from the anchor to the pixels that a layer known from before has in all pictures; undefined: none is known. */
export function referenceOf(
  frames: readonly BatchFrame[],
  motions: readonly (Homography | undefined)[],
  id: number,
  known: SharedFrames | undefined,
): Homography | undefined {
  for (let at = 0; at < frames.length; at++) {
    const reference = known?.get(frames[at].number)?.toReference.get(id);
    const motion = motions[at];
    if (reference !== undefined && motion !== undefined) return chain(motion, reference);
  }
  return undefined;
}

/** The ids of a batch's layers: those of the batch before where corners of it are near, else new ones. */
export function idsOf(
  frames: readonly BatchFrame[],
  split: Batch,
  known: SharedFrames | undefined,
  newId: () => number,
): number[] {
  const layers = split.motions.length;
  // The layer of most corners comes first: what came before was it alone.
  if (known === undefined) return Array.from({ length: layers }, (_, layer) => (layer === 0 ? 0 : newId()));
  const votes = Array.from({ length: layers }, () => new Map<number, number>());
  frames.forEach(({ number }, at) => {
    const points = known.get(number)?.points ?? [];
    const positions = split.tracks.positions[at];
    split.labels.forEach((layer, i) => {
      if (layer < 0 || Number.isNaN(positions[2 * i])) return;
      let [nearest, least] = [-1, knownAgainPx];
      for (const [x, y, id] of points) {
        const away = Math.hypot(x - positions[2 * i], y - positions[2 * i + 1]);
        if (away < least) [nearest, least] = [id, away];
      }
      if (nearest >= 0) votes[layer].set(nearest, (votes[layer].get(nearest) ?? 0) + 1);
    });
  });
  const ids = new Array<number>(layers).fill(-1);
  const taken = new Set<number>();
  const ranked = votes
    .flatMap((counts, layer) => [...counts].map(([id, count]) => ({ layer, id, count })))
    .sort((a, b) => b.count - a.count || a.layer - b.layer);
  for (const { layer, id } of ranked) {
    if (ids[layer] >= 0 || taken.has(id)) continue;
    // A layer that cannot be led on from where it was is another one for all that follows.
    if (referenceOf(frames, split.motions[layer], id, known) === undefined) continue;
    ids[layer] = id;
    taken.add(id);
  }
  return ids.map((id) => (id >= 0 ? id : newId()));
}
