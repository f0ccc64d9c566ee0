import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  composePlate,
  motionBetween,
  usability,
  type PicturePlanes,
  type PlaneLayout,
} from '../../src-shared/core/plate/index.ts';
import {
  makeScene,
  renderView,
  seededNumbers,
  toPlanes,
  viewMatrix,
  type View,
} from '../../src-shared/core/testing/index.ts';
import { shareBytes, type PlateTask } from '../engine/plate/plate-composer.ts';
import { openPlateWorkers, startWorkers } from './plate-workers.ts';

const layout: PlaneLayout = { width: 96, height: 64, bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 };
const { width, height } = layout;

/** A pan over a scene, before which a square walks. */
function panTasks(count: number): PlateTask[] {
  const scene = makeScene(240, 160, 3);
  const next = seededNumbers(4);
  const frames = Array.from({ length: count + 4 }, (_, index) => {
    const view: View = { centreX: 100 + 2.3 * index, centreY: 80, zoom: 1, turn: 0 };
    const [y, cb, cr] = toPlanes(renderView(scene, view, width, height), width, height, 1, next);
    const mask = new Uint8Array(width * height);
    for (let row = 20; row < 44; row++)
      mask.fill(255, row * width + 20 + 6 * index, row * width + 36 + 6 * index);
    const planes: PicturePlanes = [shareBytes(y), shareBytes(cb), shareBytes(cr)];
    return { planes, mask, toScene: viewMatrix(view, width, height) };
  });
  return frames.slice(0, count).map((target) => ({
    target: target.planes,
    mask: target.mask,
    candidates: frames
      .filter((frame) => frame !== target)
      .map(({ planes, mask, toScene }) => ({
        planes,
        usable: shareBytes(usability(mask, layout)),
        motion: motionBetween(target.toScene, toScene),
      })),
    layout,
  }));
}

describe('startWorkers', () => {
  it('composes as this thread does, to the bit, more frames than there are threads', async () => {
    const tasks = panTasks(5);
    const composer = startWorkers(2);
    const holes = await Promise.all(tasks.map((task) => composer.compose(task)));
    await composer.close();
    expect(holes).toEqual(
      tasks.map(({ target, mask, candidates }) => composePlate(target, mask, candidates, layout)),
    );
    // Something was found: the frames are not as they came.
    expect(
      holes.every(({ residual }, index) => residual.some((value, pixel) => value < tasks[index].mask[pixel])),
    ).toBe(true);
  });

  it('fails with the reason where a thread ends, then and afterwards', async () => {
    const [task, other] = panTasks(2);
    const composer = startWorkers(2);
    const damaged = { ...task, candidates: undefined } as unknown as PlateTask;
    await expect(composer.compose(damaged)).rejects.toThrow(
      /a thread of the plate stage ended: .*candidates|undefined/,
    );
    await expect(composer.compose(other)).rejects.toThrow('a thread of the plate stage ended');
    await composer.close();
  });

  it('leaves no one waiting when it is closed', async () => {
    const tasks = panTasks(3);
    const composer = startWorkers(2);
    const results = Promise.allSettled(tasks.map((task) => composer.compose(task)));
    await composer.close();
    expect((await results).map(({ status }) => status)).toEqual(tasks.map(() => 'rejected'));
  });
});

describe('openPlateWorkers', () => {
  it('starts threads where there is work for them and memory', async () => {
    const large = { ...layout, width: 3840, height: 2160 };
    const lanes = [
      { holePixels: 1000, layout },
      { holePixels: 5e6, layout },
      { holePixels: 5e6, layout: { ...large, width: 38_400 } },
    ].map((work) => openPlateWorkers(work));
    for (const composer of lanes) await composer.close();
    expect(lanes.map((composer) => composer.lanes)).toEqual([1, Math.min(8, availableParallelism()), 1]);
  });
});
