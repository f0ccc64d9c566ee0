import { unpackCells } from '../../../src-shared/core/layers/index.ts';
import {
  motionBetween,
  usableOfLayer,
  type CandidateLayer,
  type PlaneLayout,
  type PlateCandidate,
} from '../../../src-shared/core/plate/index.ts';
import type { DonorFrame } from './donor-cache.ts';
import { layersOf, type TrackedFrame } from './follow-camera.ts';
import { shareBytes } from './plate-composer.ts';

export type Tracked = ReadonlyMap<number, TrackedFrame>;

export function trackedAt(tracked: Tracked, index: number): TrackedFrame {
  const frame = tracked.get(index);
  if (frame === undefined) throw new Error(`frame ${index} was not tracked`);
  return frame;
}

/** What donors show of each layer. */
export class LayeredViews {
  readonly #tracked: Tracked;
  readonly #layout: PlaneLayout;
  #known = new Map<string, { layer: CandidateLayer; usable: Uint8Array }>();

  constructor(tracked: Tracked, layout: PlaneLayout) {
    this.#tracked = tracked;
    this.#layout = layout;
  }

  /** Other donors are held from now on. */
  forget(): void {
    this.#known.clear();
  }

  /** What a donor shows a frame: once for each layer that both show. */
  candidates(index: number, donor: DonorFrame): PlateCandidate[] {
    const target = trackedAt(this.#tracked, index);
    const source = trackedAt(this.#tracked, donor.index);
    const order = target.layers?.order ?? source.layers?.order;
    const there = layersOf(source);
    const { planes, usable } = donor;
    return layersOf(target).flatMap(({ id, toReference }): PlateCandidate[] => {
      const same = there.find((layer) => layer.id === id);
      if (same === undefined) return [];
      const motion = motionBetween(toReference, same.toReference);
      if (order === undefined) return [{ planes, usable, motion }];
      return [{ planes, motion, ...this.#viewOf(donor, source, id, order) }];
    });
  }

  #viewOf(donor: DonorFrame, source: TrackedFrame, id: number, order: readonly number[]) {
    const key = `${donor.index} ${id}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const rank = order.indexOf(id);
    const { side, columns } = source.layers?.cells ?? { side: Infinity, columns: 1 };
    const ids = source.layers === undefined ? Uint8Array.of(0) : unpackCells(source.layers.cells);
    const ranks = ids.map((own) => order.indexOf(own));
    const layer: CandidateLayer = { rank, side, columns, ranks, seen: donor.usable };
    const view = { layer, usable: shareBytes(usableOfLayer(layer, this.#layout)) };
    this.#known.set(key, view);
    return view;
  }
}
