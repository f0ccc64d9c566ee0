import { describe, expect, it } from 'vitest';
import { chain, identityMotion, invert, mapPoint } from '../../src-shared/core/plate/index.ts';
import {
  makeScene,
  renderView,
  seededNumbers,
  toPlanes,
  viewMatrix,
  type View,
} from '../../src-shared/core/testing/index.ts';
import type { CameraPose } from '../engine/plate/camera-tracker.ts';
import { openCameraTracker } from './index.ts';

const width = 240;
const height = 160;
const scenes = [makeScene(520, 380, 1), makeScene(520, 380, 2)];

interface Shot {
  readonly scene: 0 | 1;
  readonly view: View;
}

/** Renders the shots with a masked thing walking through, and follows them. */
async function follow(shots: readonly Shot[], noise = 1.5): Promise<CameraPose[]> {
  const next = seededNumbers(3);
  const tracker = await openCameraTracker(width, height);
  return shots.map(({ scene, view }, index) => {
    const picture = renderView(scenes[scene], view, width, height);
    const mask = new Uint8Array(width * height);
    for (let y = 40; y < 120; y++) {
      for (let x = 30 + 5 * index; x < 70 + 5 * index && x < width; x++) {
        mask[y * width + x] = 255;
        picture[0][y * width + x] = 30 + ((11 * x + 7 * y) % 60);
      }
    }
    return tracker.add(toPlanes(picture, width, height, noise, next)[0], mask);
  });
}

const at = (centreX: number, centreY: number, zoom = 1, turn = 0): View => ({ centreX, centreY, zoom, turn });
const shots = (count: number, view: (index: number) => View): Shot[] =>
  Array.from({ length: count }, (_, index) => ({ scene: 0, view: view(index) }));

/** Largest distance, over corners and frames, between where the pose and the truth put them in the first frame. */
function worstCorner(poses: readonly CameraPose[], list: readonly Shot[]): number {
  const matrix = ({ view }: Shot) => viewMatrix(view, width, height);
  const errors = poses.flatMap(({ toReference }, index) => {
    const truth = chain(matrix(list[index]), invert(matrix(list[0])));
    return [
      [0, 0],
      [width, 0],
      [0, height],
      [width, height],
    ].map(([x, y]) => {
      const [a, b] = mapPoint(truth, x, y);
      const [u, v] = mapPoint(toReference, x, y);
      return Math.hypot(u - a, v - b);
    });
  });
  return Math.max(...errors);
}

describe('openCameraTracker', () => {
  it('finds a camera at rest to be exactly at rest', async () => {
    const poses = await follow(shots(16, () => at(250, 180)));
    for (const { segment, toReference } of poses) {
      expect(segment).toBe(0);
      expect([...toReference]).toEqual([...identityMotion()]);
    }
  });

  it.each([
    ['a pan over more than a picture', (index: number) => at(140 + 8.3 * index, 150 + 2.1 * index), 1],
    ['a zoom with a turn', (index: number) => at(250 + index, 180, 1 - 0.008 * index, 0.006 * index), 0.3],
  ])('follows %s', async (_name, view, within) => {
    const list = shots(30, view);
    const poses = await follow(list);
    expect(new Set(poses.map(({ segment }) => segment))).toEqual(new Set([0]));
    expect(worstCorner(poses, list)).toBeLessThan(within);
    for (const { inlierRatio, errorPx } of poses) {
      expect(inlierRatio).toBeGreaterThan(0.7);
      expect(errorPx).toBeLessThan(0.5);
    }
  });

  it('starts a segment at a cut and knows an old view again', async () => {
    const list: Shot[] = [0, 0, 0, 0, 1, 1, 1, 0, 0, 1].map((scene, index) => ({
      scene: scene as 0 | 1,
      view: at(250 + index / 2, 180),
    }));
    const poses = await follow(list);
    expect(poses.map(({ segment }) => segment)).toEqual([0, 0, 0, 0, 1, 1, 1, 0, 0, 1]);
    // Back in the first view, 4 pixels further on (the seventh frame moved by 7 halves).
    expect(mapPoint(poses[7].toReference, 0, 0)[0]).toBeCloseTo(3.5, 0);
  });

  it('takes a bare wall for a view at rest, and another wall for a cut', async () => {
    const tracker = await openCameraTracker(width, height);
    const wall = (level: number) => new Uint8Array(width * height).fill(level);
    const mask = new Uint8Array(width * height);
    const segments = [120, 121, 120, 60].map((level) => tracker.add(wall(level), mask).segment);
    expect(segments).toEqual([0, 0, 0, 1]);
  });

  it('is the same every time', async () => {
    const list = shots(6, (index) => at(200 + 5 * index, 170, 1 - 0.01 * index));
    expect(await follow(list)).toEqual(await follow(list));
  });

  it('leaves the handling of stray errors to the program', async () => {
    const before = process.rawListeners('unhandledRejection').length;
    await openCameraTracker(width, height);
    expect(process.rawListeners('unhandledRejection').length).toBe(before);
  });
});
