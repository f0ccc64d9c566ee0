import { ownedPixels } from '../../../src-shared/core/layers/index.ts';
import {
  identityMotion,
  mapPoint,
  maskRegions,
  motionBetween,
  type Homography,
  type Region,
} from '../../../src-shared/core/plate/index.ts';
import type { Rect } from '../../../src-shared/core/plan/index.ts';
import type { StandingView } from '../composite/patch-store.ts';
import type { ClipInfo } from '../frames.ts';
import { layersOf } from './follow-camera.ts';
import type { Placed } from './plan-shots.ts';

/** A mask that moves less than this against the scene, as a share of its smaller side, stands in it. */
const standsShare = 0.25;
/** Frames before and after over which the way of a mask that moves is averaged: it is drawn by hand, or tracked. */
const smoothFrames = 4;
/** Distance of a box from the picture's border from which on it counts as cut off by it, in pixels. */
const borderPx = 2;

const area = ({ width, height }: Rect): number => width * height;
const foot = ({ x, y, width, height }: Rect): readonly [number, number] => [x + width / 2, y + height];
export const regionBox = ({ left, top, right, bottom }: Region): Rect => ({
  x: left,
  y: top,
  width: right - left,
  height: bottom - top,
});

/**
 * The part of a mask [height, width] that a thing is put into: the largest, or the one nearest to where it was before.
 * undefined where the mask is empty.
 */
export function placeIn(hole: Uint8Array, { width, height }: ClipInfo, before?: Rect): Region | undefined {
  const regions = maskRegions(hole, width, height);
  const largest = Math.max(0, ...regions.map(({ pixels }) => pixels.length));
  // What is a small part of the largest is a stray stroke.
  const likely = regions.filter(({ pixels }) => 4 * pixels.length >= largest);
  const rank = (region: Region): number => {
    if (before === undefined) return -region.pixels.length;
    const [[x, y], [beforeX, beforeY]] = [foot(regionBox(region)), foot(before)];
    return Math.hypot(x - beforeX, y - beforeY);
  };
  return likely.sort((a, b) => rank(a) - rank(b))[0];
}

/** What stands in each frame's mask, and where: the box of `placeIn`; null without a mask. */
export type Places = readonly (Rect | null)[];

/** Frames that are seen from one place, in their order. Frames that could not be followed go with those before them. */
function viewsOf(places: Places, placed: Placed): number[][] {
  const views = new Map<number, number[]>();
  let segment = -1;
  places.forEach((box, index) => {
    segment = placed.get(index)?.pose.segment ?? segment;
    if (box === null) return;
    const frames = views.get(segment) ?? [];
    views.set(segment, frames);
    frames.push(index);
  });
  return [...views.values()];
}

function isWhole({ x, y, width: w, height: h }: Rect, { width, height }: ClipInfo): boolean {
  return x > borderPx && y > borderPx && x + w < width - borderPx && y + h < height - borderPx;
}

/** The entry nearest to `at` of those that are known. */
function nearestOf<Entry>(entries: readonly (Entry | undefined)[], at: number): Entry | undefined {
  const known = [...entries.keys()].filter((index) => entries[index] !== undefined);
  const [nearest] = known.sort((a, b) => Math.abs(a - at) - Math.abs(b - at));
  return nearest === undefined ? undefined : entries[nearest];
}

/** The frame that shows the most of the place, uncut by the picture's border; of equal ones that in the middle. */
function keyFrame(frames: readonly number[], places: Places, clip: ClipInfo): number {
  const middle = (frames[0] + frames[frames.length - 1]) / 2;
  const score = (index: number): number => {
    const box = places[index]!;
    const away = Math.abs(index - middle) / (1 + frames.length);
    return area(box) * (isWhole(box, clip) ? 1 : 0.5) * (1 - 0.2 * away);
  };
  return frames.reduce((best, index) => (score(index) > score(best) ? index : best), frames[0]);
}

/** From a frame's pixels to a common picture, by what the place stands on: of a scene in depth the layer at its foot. */
function referenceOf(placed: Placed, key: number, box: Rect, clip: ClipInfo): (index: number) => Homography {
  const frame = placed.get(key);
  const [x, y] = foot(box);
  const at = Math.min(clip.height - 1, Math.round(y)) * clip.width + Math.min(clip.width - 1, Math.round(x));
  const ground = frame?.layers?.layers.find(
    ({ id }) => ownedPixels(frame.layers!.cells, id, clip.width, clip.height)[at] !== 0,
  );
  return (index) => {
    const tracked = placed.get(index);
    if (tracked === undefined) return identityMotion();
    const layer = ground && layersOf(tracked).find(({ id }) => id === ground.id);
    return (layer ?? tracked.pose).toReference;
  };
}

/** The mean of the points around each. */
function smoothed(points: readonly (readonly [number, number])[]): [number, number][] {
  return points.map((_, at) => {
    const near = points.slice(Math.max(0, at - smoothFrames), at + smoothFrames + 1);
    const mean = (axis: 0 | 1): number => near.reduce((sum, point) => sum + point[axis], 0) / near.length;
    return [mean(0), mean(1)];
  });
}

/**
 * How a thing that stands in one frame of each view is seen in the others: by the camera's motion, so that it stands in
 * the scene; where its mask moves against the scene, it goes with the mask.
 */
export function standingViews(places: Places, placed: Placed, clip: ClipInfo): StandingView[] {
  return viewsOf(places, placed).map((frames) => {
    const key = keyFrame(frames, places, clip);
    const box = places[key]!;
    const reference = referenceOf(placed, key, box, clip);
    const motions = frames.map((index) => motionBetween(reference(index), reference(key)));
    const [keyX, keyY] = foot(box);
    const ways = frames.map((index, at): readonly [number, number] | undefined => {
      // What the picture's border cuts off does not say where it stands.
      if (!isWhole(places[index]!, clip)) return undefined;
      const [x, y] = mapPoint(motions[at], ...foot(places[index]!));
      return [x - keyX, y - keyY];
    });
    const apart = smoothed(ways.map((way, at) => way ?? nearestOf(ways, at) ?? [0, 0]));
    const [homeX, homeY] = apart[frames.indexOf(key)];
    const farthest = Math.max(...apart.map(([x, y]) => Math.hypot(x - homeX, y - homeY)));
    const moves = farthest > standsShare * Math.min(box.width, box.height);
    return {
      key,
      moves,
      frames: frames.map((index, at) => {
        const motion = Float64Array.from(motions[at]);
        if (!moves) return { index, toKey: [...motion] };
        const [x, y] = [apart[at][0] - homeX, apart[at][1] - homeY];
        // The shift comes after the motion: [1 0 −x; 0 1 −y; 0 0 1] × motion.
        for (let column = 0; column < 3; column++) {
          motion[column] -= x * motion[6 + column];
          motion[3 + column] -= y * motion[6 + column];
        }
        return { index, toKey: [...motion] };
      }),
    };
  });
}
