import { describe, expect, it } from 'vitest';
import { unpackCells, type FrameLayers } from '../../src-shared/core/layers/index.ts';
import { mapPoint } from '../../src-shared/core/plate/index.ts';
import { at, height, isPost, makeClip, width, type Shot } from '../engine/plate/testing/scene-clip.ts';
import { openCameraTracker } from './index.ts';

async function layersOf(shots: readonly Shot[]): Promise<ReadonlyMap<number, FrameLayers>> {
  const { source, masks } = makeClip(shots, 1);
  const tracker = await openCameraTracker(width, height, true);
  for await (const { index, planes } of source.frames(0, shots.length)) {
    tracker.add(Uint8Array.from(planes[0]), masks[index]);
  }
  return tracker.layers();
}

/** Past posts that move 3 pixels a frame more than the scene behind. */
const pastPosts = (count: number): Shot[] =>
  Array.from({ length: count }, (_, index) => ({
    scene: 0,
    view: at(180 + 2 * index, 180),
    posts: at(200 + 5 * index, 180),
    thing: [120, 80],
  }));

describe('layers of a tracked clip', () => {
  it('are found with their motions, their depth and their places, over several batches', async () => {
    const shots = pastPosts(18);
    const layers = await layersOf(shots);
    expect([...layers.keys()]).toEqual(shots.map((_, index) => index));
    const first = layers.get(0);
    if (first === undefined) throw new Error('no layers');
    expect(first.layers).toHaveLength(2);
    const [near, far] = first.layers.map(({ id }) => id);
    const shiftOf = (index: number, id: number): number => {
      const [from, to] = [0, index].map((number) => layers.get(number)?.layers.find((one) => one.id === id));
      if (from === undefined || to === undefined) throw new Error(`layer ${id} is not in frame ${index}`);
      return mapPoint(to.toReference, 120, 80)[0] - mapPoint(from.toReference, 120, 80)[0];
    };
    for (const index of [7, 12, 17]) {
      expect(shiftOf(index, near)).toBeCloseTo(5 * index, 0);
      expect(shiftOf(index, far)).toBeCloseTo(2 * index, 0);
      const cells = layers.get(index)?.cells;
      if (cells === undefined) throw new Error('no cells');
      let [right, all] = [0, 0];
      unpackCells(cells).forEach((id, cell) => {
        const x = ((cell % cells.columns) + 0.5) * cells.side;
        const y = (Math.floor(cell / cells.columns) + 0.5) * cells.side;
        if (x > width - 25) return;
        const post = isPost(at(200 + 5 * index, 180), Math.floor(y) * width + Math.floor(x));
        all++;
        if (post === (id === near)) right++;
      });
      expect(right / all).toBeGreaterThan(0.85);
    }
  });

  it.each([
    ['a camera that stands', 0],
    ['one scene', 3],
  ])('are none for %s', async (_name, speed) => {
    const shots = Array.from({ length: 12 }, (_, index): Shot => {
      return { scene: 0, view: at(220 + speed * index, 180), thing: [60 + 8 * index, 80] };
    });
    expect(await layersOf(shots)).toEqual(new Map());
  });

  it('begin anew at a cut', async () => {
    const plain = Array.from({ length: 8 }, (_, index): Shot => {
      return { scene: 1, view: at(220 + 3 * index, 180), thing: [120, 80] };
    });
    const layers = await layersOf([...pastPosts(12), ...plain]);
    expect([...layers.keys()]).toEqual(Array.from({ length: 12 }, (_, index) => index));
  });
});
