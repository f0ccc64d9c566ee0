import { ownedPixels } from '../../../src-shared/core/layers/index.ts';
import { boundingBox } from '../../../src-shared/core/mask/index.ts';
import type { Rect } from '../../../src-shared/core/plan/index.ts';
import type { FramePatch, PatchStore } from '../composite/patch-store.ts';
import type { FrameSource } from '../frames.ts';
import type { Placed, Shot } from './plan-shots.ts';

/** Holes of frames, some of them in several depths. */
export interface LayeredHoles {
  readonly source: FrameSource;
  readonly store: Pick<PatchStore, 'readPlate'>;
  readonly placed: Placed;
  /** For every frame, the box around what is open of it. */
  readonly open: readonly (Rect | null)[];
}

/** For frames in several depths: around what is open of each layer. */
export async function boxesOfLayers({ open, placed, source, store }: LayeredHoles) {
  const { width, height } = source.info;
  const boxes = new Map<number, ReadonlyMap<number, Rect>>();
  for (const [index, { layers }] of placed) {
    if (layers === undefined || open[index] === null) continue;
    const patch = await store.readPlate(index);
    if (patch === null) continue;
    const { rect } = patch;
    const ofFrame = new Map<number, Rect>();
    for (const { id } of layers.layers) {
      const owned = ownedPixels(layers.cells, id, width, height);
      const box = boundingBox(ownedResidual(patch, owned, width), rect.width);
      if (box !== null) ofFrame.set(id, { ...box, x: rect.x + box.x, y: rect.y + box.y });
    }
    boxes.set(index, ofFrame);
  }
  return boxes;
}

/** What is open of a patch and `owned` [height, width] of the frame. */
export function ownedResidual({ rect, residual }: FramePatch, owned: Uint8Array, width: number): Uint8Array {
  return residual.map((value, at) => {
    const x = at % rect.width;
    return owned[(rect.y + (at - x) / rect.width) * width + rect.x + x] === 0 ? 0 : value;
  });
}

/** [height, width]; not 0 = of the shot's layer; undefined where the picture moves as one. */
export function ownedOf(
  { placed, source }: Pick<LayeredHoles, 'placed' | 'source'>,
  { layer }: Shot,
  index: number,
): Uint8Array | undefined {
  const cells = placed.get(index)?.layers?.cells;
  if (layer === undefined || cells === undefined) return undefined;
  return ownedPixels(cells, layer, source.info.width, source.info.height);
}

/** What is open of other layers than the one that has been filled. */
export function leftOpen(patch: FramePatch, owned: Uint8Array | undefined, width: number): Uint8Array {
  if (owned === undefined) return new Uint8Array(patch.residual.length);
  const done = ownedResidual(patch, owned, width);
  return patch.residual.map((value, at) => (done[at] !== 0 ? 0 : value));
}
