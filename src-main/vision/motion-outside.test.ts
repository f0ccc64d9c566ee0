import { describe, expect, it } from 'vitest';
import {
  makeScene,
  renderView,
  seededNumbers,
  toPlanes,
  type View,
} from '../../src-shared/core/testing/index.ts';
import { openMotionOutside } from './index.ts';

const width = 240;
const height = 160;
const scene = makeScene(520, 380, 1);
const outside = new Uint8Array(width * height).map((_, i) => (i % width < 150 ? 255 : 0));

/** The scene from (x, y), with something in the right part that stands still. */
function picture(x: number, y: number): Uint8Array {
  const view: View = { centreX: x, centreY: y, zoom: 1, turn: 0 };
  const luma = toPlanes(renderView(scene, view, width, height), width, height, 1, seededNumbers(2))[0];
  return Uint8Array.from(luma, (value, i) => (outside[i] === 0 ? 30 + ((11 * i) % 97) : value));
}

describe('openMotionOutside', () => {
  it('measures how the outside moves, whatever the inside does', async () => {
    const motion = (await openMotionOutside(width, height))(picture(200, 150), picture(203, 148.5), outside);
    for (const [i, expected] of [1, 0, -3, 0, 1, 1.5].entries()) {
      const tolerance = i % 3 === 2 ? 0.3 : 0.003;
      expect(Math.abs(motion[i] - expected)).toBeLessThan(tolerance);
    }
  });

  it('takes pictures without corners to be at rest', async () => {
    const flat = new Uint8Array(width * height).fill(90);
    const measure = await openMotionOutside(width, height);
    expect([...measure(flat, flat, outside)]).toEqual([1, 0, 0, 0, 1, 0]);
  });
});
