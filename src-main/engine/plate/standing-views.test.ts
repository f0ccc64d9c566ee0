import { describe, expect, it } from 'vitest';
import { mapPoint } from '../../../src-shared/core/plate/index.ts';
import type { ClipInfo } from '../frames.ts';
import type { Placed } from './plan-shots.ts';
import { placeIn, regionBox, standingViews } from './standing-views.ts';

const clip = { width: 100, height: 60 } as ClipInfo;
const box = (x: number, y: number) => ({ x, y, width: 20, height: 10 });

/** A camera that moves by (dx, dy) pixels a frame, in the views that `segments` names. */
function cameraMoving(dx: number, dy: number, segments: readonly number[]): Placed {
  const pose = (segment: number, index: number) => ({
    segment,
    inlierRatio: 1,
    errorPx: 0,
    toReference: Float64Array.of(1, 0, dx * index, 0, 1, dy * index, 0, 0, 1),
  });
  return new Map(segments.map((segment, index) => [index, { pose: pose(segment, index) }]));
}
const toKey = (view: { frames: readonly { toKey: readonly number[] }[] }, at: number, x: number, y: number) =>
  mapPoint(Float64Array.from(view.frames[at].toKey), x, y);

describe('where something stands', () => {
  it('goes by the camera where the mask stands in the scene, though it is drawn a little off', () => {
    // The camera goes right by 3 pixels a frame, so that the mask goes left; by hand it is drawn 1 pixel off.
    const places = [0, 1, 2, 3, 4].map((index) => box(50 - 3 * index + (index % 2), 20));
    const [view, ...others] = standingViews(places, cameraMoving(3, 0, [0, 0, 0, 0, 0]), clip);
    expect(others).toEqual([]);
    expect(view).toMatchObject({ key: 2, moves: false });
    expect(toKey(view, 0, 60, 25)).toEqual([54, 25]);
    expect(toKey(view, 2, 60, 25)).toEqual([60, 25]);
    expect(toKey(view, 4, 60, 25)).toEqual([66, 25]);
  });

  it('goes with a mask that moves against the scene, smoothly', () => {
    const places = Array.from({ length: 21 }, (_, index) => box(10 + 3 * index, 20));
    const [view] = standingViews(
      places,
      cameraMoving(
        0,
        0,
        places.map(() => 0),
      ),
      clip,
    );
    expect(view).toMatchObject({ key: 10, moves: true });
    // A point of the thing at the foot of its place, in the frames away from both ends.
    for (const at of [5, 10, 14]) {
      const [x, y] = toKey(view, at, 10 + 3 * at + 10, 30);
      expect([x, y].map((value) => Math.round(value))).toEqual([10 + 30 + 10, 30]);
    }
  });

  it('stands where the border cuts its mask off on the way in', () => {
    // The camera goes right, and the mask comes in from the right border.
    const places = [0, 1, 2, 3, 4, 5].map((index) => ({
      ...box(90 - 6 * index, 20),
      width: Math.min(20, 10 + 6 * index),
    }));
    const [view] = standingViews(
      places,
      cameraMoving(
        6,
        0,
        places.map(() => 0),
      ),
      clip,
    );
    expect(view.moves).toBe(false);
    expect(view.key).toBeGreaterThanOrEqual(3);
    expect(toKey(view, 0, 95, 25)[0]).toBe(95 - 6 * view.key);
  });

  it('is generated anew after a cut, in the fullest frame that the border does not cut', () => {
    const places = [box(0, 20), box(30, 20), null, box(40, 20), { ...box(40, 20), height: 14 }];
    const views = standingViews(places, cameraMoving(0, 0, [0, 0, 0, 1, 1]), clip);
    expect(views.map(({ key, frames }) => [key, frames.map(({ index }) => index)])).toEqual([
      [1, [0, 1]],
      [4, [3, 4]],
    ]);
  });

  it('does not move where the camera could not be followed', () => {
    const [view] = standingViews([box(20, 20), box(21, 20)], new Map(), clip);
    expect(toKey(view, 0, 5, 6)).toEqual([5, 6]);
    expect(toKey(view, 1, 5, 6)).toEqual([5, 6]);
  });
});

it('takes the largest part of a mask, and stays with it where others come', () => {
  const mask = (...boxes: readonly { x: number; y: number; width: number; height: number }[]) => {
    const hole = new Uint8Array(100 * 60);
    for (const { x, y, width, height } of boxes)
      for (let row = y; row < y + height; row++) hole.fill(255, row * 100 + x, row * 100 + x + width);
    return hole;
  };
  const [first, other] = [box(10, 10), { x: 60, y: 10, width: 24, height: 10 }];
  expect(regionBox(placeIn(mask(first, other), clip)!)).toEqual(other);
  expect(regionBox(placeIn(mask(first, other), clip, box(12, 10))!)).toEqual(first);
  // A stray dot is no place, however near.
  expect(regionBox(placeIn(mask({ x: 2, y: 2, width: 1, height: 1 }, other), clip, box(2, 2))!)).toEqual(
    other,
  );
  expect(placeIn(mask(), clip)).toBeUndefined();
});
