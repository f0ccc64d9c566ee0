import type { FrameLayer, FrameLayers } from '../../../src-shared/core/layers/index.ts';
import {
  coarseMask,
  enlargeMotion,
  reduceLuma,
  type CoarseMask,
  type PlaneLayout,
} from '../../../src-shared/core/plate/index.ts';
import type { CameraPose, OpenCameraTracker } from './camera-tracker.ts';
import type { FrameSource, MaskSource } from '../frames.ts';
import { framesWithMasks } from '../scan/frames-with-masks.ts';

/** The camera is followed in pictures of at most this width: fast, and precise to a fraction of a pixel. */
const trackingWidth = 800;

export interface TrackedFrame {
  /** In the clip's pixels; `errorPx` in those of the reduced pictures. */
  readonly pose: CameraPose;
  readonly hidden: CoarseMask;
  /** In a scene of several depths: its layers, in the clip's pixels. */
  readonly layers?: FrameLayers;
}

/** The layers of a frame, nearest first; where the camera's motion says it all there is one, number 0. */
export function layersOf({ pose, layers }: Pick<TrackedFrame, 'pose' | 'layers'>): readonly FrameLayer[] {
  return layers?.layers ?? [{ id: 0, toReference: pose.toReference }];
}

export interface FollowInput {
  readonly source: FrameSource;
  readonly mask: MaskSource;
  /** For every frame, whether its hole is to be filled. */
  readonly hasHole: readonly boolean[];
  readonly openTracker: OpenCameraTracker;
  readonly signal: AbortSignal;
  readonly onTracked: (done: number, frames: number) => void;
}

/** Where the camera looked, and what the masks hide, in every frame at most `reachFrames` from one with a hole. */
export async function followCamera(
  input: FollowInput,
  layout: PlaneLayout,
  reachFrames: number,
): Promise<ReadonlyMap<number, TrackedFrame>> {
  const { source, mask, hasHole, signal, onTracked } = input;
  const factor = Math.ceil(layout.width / trackingWidth);
  const tracker = await input.openTracker(
    Math.floor(layout.width / factor),
    Math.floor(layout.height / factor),
    true,
  );
  const stretches = stretchesAround(hasHole, reachFrames);
  const frames = stretches.reduce((sum, { start, end }) => sum + end - start, 0);
  const tracked = new Map<number, TrackedFrame>();
  const nothingHidden = coarseMask(new Uint8Array(layout.width * layout.height), layout);
  for (const { start, end } of stretches) {
    for await (const { frame, hole } of framesWithMasks(source, mask, start, end, signal)) {
      const pose = tracker.add(reduceLuma(frame.planes[0], layout, factor), reduceMask(hole, layout, factor));
      tracked.set(frame.index, {
        pose: { ...pose, toReference: enlargeMotion(pose.toReference, factor) },
        // Frames that are not to be filled hide something as well.
        hidden: hole.includes(255) ? coarseMask(hole, layout) : nothingHidden,
      });
      onTracked(tracked.size, frames);
    }
  }
  const numbers = [...tracked.keys()];
  for (const [number, layers] of tracker.layers()) {
    const frame = tracked.get(numbers[number]);
    if (frame === undefined) throw new Error(`picture ${number} was not given`);
    tracked.set(numbers[number], { ...frame, layers: enlargeLayers(layers, factor) });
  }
  return tracked;
}

/** Layers found in pictures reduced `factor` times, in full-size pixels. */
function enlargeLayers({ order, layers, cells }: FrameLayers, factor: number): FrameLayers {
  return {
    order,
    layers: layers.map(({ id, toReference }) => ({ id, toReference: enlargeMotion(toReference, factor) })),
    cells: { ...cells, side: factor * cells.side },
  };
}

/** Stretches [start, end) of frames that are at most `reach` from a frame with a hole. */
export function stretchesAround(
  hasHole: readonly boolean[],
  reach: number,
): { start: number; end: number }[] {
  const stretches: { start: number; end: number }[] = [];
  hasHole.forEach((hole, index) => {
    if (!hole) return;
    const end = Math.min(hasHole.length, index + reach + 1);
    const last = stretches.at(-1);
    if (last !== undefined && index - reach <= last.end) last.end = end;
    else stretches.push({ start: Math.max(0, index - reach), end });
  });
  return stretches;
}

/** Not 0 for every block that holds a masked pixel. */
function reduceMask(mask: Uint8Array, layout: PlaneLayout, factor: number): Uint8Array {
  const width = Math.floor(layout.width / factor);
  const height = Math.floor(layout.height / factor);
  const reduced = new Uint8Array(width * height);
  for (let y = 0; y < height * factor; y++) {
    const row = Math.floor(y / factor) * width;
    for (let x = 0; x < width * factor; x++) {
      if (mask[y * layout.width + x] !== 0) reduced[row + Math.floor(x / factor)] = 255;
    }
  }
  return reduced;
}
