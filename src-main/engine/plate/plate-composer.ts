import {
  composePlate,
  type ComposedHole,
  type PicturePlanes,
  type PlateCandidate,
  type PlaneLayout,
} from '../../../src-shared/core/plate/index.ts';

/** One frame's hole, and what other frames show of it: the arguments of `composePlate`. */
export interface PlateTask {
  readonly target: PicturePlanes;
  /** [height, width]; non-zero = hole. */
  readonly mask: Uint8Array;
  readonly candidates: readonly PlateCandidate[];
  readonly layout: PlaneLayout;
}

/** Composes frames, which do not depend on each other, side by side. */
export interface PlateComposer {
  /** Frames that are composed at the same time. */
  readonly lanes: number;
  /** As `composePlate`, to the bit. Arrays in shared memory (`shareBytes`) are not copied on their way. */
  readonly compose: (task: PlateTask) => Promise<ComposedHole>;
  readonly close: () => Promise<void>;
}

/** How much a composer will have to do. */
export interface PlateWork {
  /** Pixels of the boxes around all holes. */
  readonly holePixels: number;
  readonly layout: PlaneLayout;
}

export type OpenPlateComposer = (work: PlateWork) => PlateComposer;

/** Composes in the thread that asks. */
export const composeHere: OpenPlateComposer = () => ({
  lanes: 1,
  compose: async ({ target, mask, candidates, layout }) => composePlate(target, mask, candidates, layout),
  close: async () => undefined,
});

/** A copy that threads read in place. */
export function shareBytes<Samples extends Uint8Array | Uint16Array>(samples: Samples): Samples {
  const memory = new SharedArrayBuffer(samples.byteLength);
  const shared = samples instanceof Uint8Array ? new Uint8Array(memory) : new Uint16Array(memory);
  shared.set(samples);
  return shared as Samples;
}
