import { describe, expect, it } from 'vitest';
import type { PicturePlanes } from '../picture/index.ts';
import {
  makeScene,
  psnrWhere,
  renderView,
  seededNumbers,
  toPlanes,
  viewMatrix,
  type View,
} from '../testing/index.ts';
import {
  composePlate,
  fillSmoothly,
  motionBetween,
  usability,
  type Homography,
  type PlaneLayout,
  type PlateCandidate,
} from './index.ts';

const width = 192;
const height = 128;
const layout: PlaneLayout = { width, height, bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 };
const scene = makeScene(420, 300, 1);
const frameCount = 24;

interface Frame {
  readonly planes: PicturePlanes;
  readonly clean: PicturePlanes;
  readonly mask: Uint8Array;
  readonly toScene: Homography;
}

interface ClipOptions {
  readonly view: (index: number) => View;
  /** Centre of the masked thing, an ellipse of 28 × 44 pixels. */
  readonly thing: (index: number) => readonly [number, number];
  readonly noise: number;
  /** A second layer in front, from a wavy line down, seen by this view. */
  readonly front?: (index: number) => View;
}

const frontScene = makeScene(420, 300, 2);

function makeClip({ view, thing, noise, front }: ClipOptions): Frame[] {
  const next = seededNumbers(9);
  return Array.from({ length: frameCount }, (_, index) => {
    const picture = renderView(scene, view(index), width, height);
    if (front !== undefined) layOver(picture, front(index));
    const clean = toPlanes(picture, width, height, 0, next);
    const mask = new Uint8Array(width * height);
    const [centreX, centreY] = thing(index);
    mask.forEach((_value, pixel) => {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      const inside = (grow: number) =>
        ((x - centreX) / (14 + grow)) ** 2 + ((y - centreY) / (22 + grow)) ** 2 < 1;
      if (inside(0))
        [40 + ((7 * x + 13 * y) % 30), 150, 100].forEach((level, c) => (picture[c][pixel] = level));
      if (inside(4)) mask[pixel] = 255;
    });
    const planes = toPlanes(picture, width, height, noise, next);
    return { planes, clean, mask, toScene: viewMatrix(view(index), width, height) };
  });
}

function layOver(picture: Float32Array[], view: View): void {
  const front = renderView(frontScene, view, width, height);
  picture.forEach((plane, c) => {
    plane.forEach((_, pixel) => {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      const sceneX = x + view.centreX;
      if (y + view.centreY > 222 + 8 * Math.sin(sceneX / 19)) plane[pixel] = front[c][pixel];
    });
  });
}

function candidatesFor(clip: readonly Frame[], target: number): PlateCandidate[] {
  return clip
    .filter((_, index) => index !== target)
    .map(({ planes, mask, toScene }) => ({
      planes,
      usable: usability(mask, layout),
      motion: motionBetween(clip[target].toScene, toScene),
    }));
}

function compose(clip: readonly Frame[], target: number) {
  return composePlate(clip[target].planes, clip[target].mask, candidatesFor(clip, target), layout);
}

const share = (part: Uint8Array, whole: Uint8Array): number =>
  part.reduce((sum, value) => sum + (value >> 7), 0) / whole.reduce((sum, value) => sum + (value >> 7), 0);

const still = (): View => ({ centreX: 210, centreY: 150, zoom: 1, turn: 0 });
const pan = (index: number): View => ({
  centreX: 170 + 3.3 * index,
  centreY: 145 + 0.7 * index,
  zoom: 1,
  turn: 0,
});
const zoom = (index: number): View => ({
  centreX: 205 + index / 2,
  centreY: 150,
  zoom: 1 - 0.006 * index,
  turn: 0.003 * index,
});
const walking = (index: number) => [40 + 5 * index, 62 + 6 * Math.sin(index / 4)] as const;

describe('composePlate', () => {
  it('copies the background exactly where the camera does not move', () => {
    const clip = makeClip({ view: still, thing: walking, noise: 0 });
    const { planes, residual, confidence } = compose(clip, 12);
    expect(residual.includes(255)).toBe(false);
    expect(psnrWhere(planes[0], clip[12].clean[0], clip[12].mask)).toBe(Infinity);
    expect(confidence.every((value, pixel) => (value === 0) === (clip[12].mask[pixel] === 0))).toBe(true);
  });

  it.each([
    ['a still camera', still],
    ['a pan', pan],
    ['a zoom with a turn', zoom],
  ])('restores what passes behind under %s', (_name, view) => {
    const clip = makeClip({ view, thing: walking, noise: 1.5 });
    for (const target of [0, 12, 23]) {
      const { planes, residual } = compose(clip, target);
      const { clean, mask } = clip[target];
      expect(share(residual, mask)).toBeLessThan(0.01);
      expect(psnrWhere(planes[0], clean[0], mask)).toBeGreaterThan(42);
      const anyChroma = new Uint8Array(planes[1].length).fill(255);
      // Whole planes: the noise of 1.5 levels outside the hole stays as it was.
      expect(psnrWhere(planes[1], clean[1], anyChroma)).toBeGreaterThan(42);
      expect(psnrWhere(planes[2], clean[2], anyChroma)).toBeGreaterThan(42);
    }
  });

  it('touches nothing outside the mask', () => {
    const clip = makeClip({ view: pan, thing: walking, noise: 1.5 });
    const before = clip[12].planes.map((plane) => plane.slice());
    const { planes } = compose(clip, 12);
    const { mask } = clip[12];
    expect(clip[12].planes).toEqual(before);
    expect(planes[0].every((value, pixel) => mask[pixel] !== 0 || value === before[0][pixel])).toBe(true);
    for (const plane of [1, 2]) {
      const kept = planes[plane].every((value, cell) => {
        const [x, y] = [2 * (cell % (width / 2)), 2 * Math.floor(cell / (width / 2))];
        const whole = [0, 1, width, width + 1].every((step) => mask[y * width + x + step] !== 0);
        return whole || value === before[plane][cell];
      });
      expect(kept).toBe(true);
    }
  });

  it('leaves what no frame shows', () => {
    const clip = makeClip({ view: still, thing: () => [96, 64], noise: 1.5 });
    const { planes, residual, confidence } = compose(clip, 12);
    expect([...residual]).toEqual([...clip[12].mask]);
    expect(confidence.includes(128)).toBe(false);
    expect(planes).toEqual(clip[12].planes);
  });

  it('does not take passers-by for background', () => {
    const clip = makeClip({ view: still, thing: walking, noise: 1 });
    // In a fifth of the other frames something else, and each time different, is where the hole is.
    const next = seededNumbers(5);
    const spoilt = clip.map((frame, index) => {
      if (index % 5 !== 0) return frame;
      const luma = frame.planes[0].slice();
      const level = 30 + 200 * next();
      for (let y = 40; y < 85; y++) luma.fill(level, y * width + 80, y * width + 125);
      return { ...frame, planes: [luma, frame.planes[1], frame.planes[2]] as const };
    });
    const { planes, residual } = compose(spoilt, 12);
    expect(share(residual, clip[12].mask)).toBeLessThan(0.05);
    const known = clip[12].mask.map((value, pixel) => value & ~residual[pixel]);
    expect(psnrWhere(planes[0], clip[12].clean[0], known)).toBeGreaterThan(42);
  });

  it('follows a change of exposure', () => {
    const clip = makeClip({ view: still, thing: walking, noise: 1 });
    const darker = clip.map((frame, index) => {
      if (index === 12) return frame;
      const luma = Uint8Array.from(frame.planes[0], (value) => Math.round(0.8 * value));
      return { ...frame, planes: [luma, frame.planes[1].map((v) => v + 6), frame.planes[2]] as const };
    });
    const { planes, residual } = compose(darker, 12);
    expect(share(residual, clip[12].mask)).toBeLessThan(0.02);
    expect(psnrWhere(planes[0], clip[12].clean[0], clip[12].mask)).toBeGreaterThan(40);
    expect(psnrWhere(planes[1], clip[12].clean[1], new Uint8Array(planes[1].length).fill(1))).toBeGreaterThan(
      45,
    );
  });

  it('is right where it is confident, also where two layers move apart', () => {
    for (const speed of [1.2, 1.6, 2.4]) {
      const front = (index: number): View => {
        const view = pan(index);
        return { ...view, centreX: 170 + speed * 3.3 * index, centreY: 145 + speed * 0.7 * (index - 12) };
      };
      const clip = makeClip({ view: pan, thing: walking, noise: 1.5, front });
      let [known, wrong] = [0, 0];
      for (const target of [4, 12, 20]) {
        const { planes, residual } = compose(clip, target);
        const { clean, mask } = clip[target];
        mask.forEach((value, pixel) => {
          if (value === 0 || residual[pixel] !== 0) return;
          known++;
          if (Math.abs(planes[0][pixel] - clean[0][pixel]) > 16) wrong++;
        });
        expect(share(residual, mask)).toBeLessThan(0.5);
      }
      expect(wrong / known).toBeLessThan(0.04);
    }
  });

  it('works at 10 bit with full chroma', () => {
    const clip = makeClip({ view: pan, thing: walking, noise: 1.5 });
    const wide = (planes: PicturePlanes): PicturePlanes => {
      const luma = Uint16Array.from(planes[0], (value) => 4 * value);
      const full = (plane: ArrayLike<number>) =>
        Uint16Array.from(
          luma,
          (_, pixel) => 4 * plane[((pixel >> 1) % (width / 2)) + (width / 2) * Math.floor(pixel / width / 2)],
        );
      return [luma, full(planes[1]), full(planes[2])];
    };
    const deep: PlaneLayout = { width, height, bitDepth: 10, chromaShiftX: 0, chromaShiftY: 0 };
    const candidates = candidatesFor(clip, 12).map((one) => ({ ...one, planes: wide(one.planes) }));
    const { planes, residual } = composePlate(wide(clip[12].planes), clip[12].mask, candidates, deep);
    expect(planes[0]).toBeInstanceOf(Uint16Array);
    expect(share(residual, clip[12].mask)).toBeLessThan(0.01);
    const eightBit = Float32Array.from(planes[0], (value) => value / 4);
    expect(psnrWhere(eightBit, clip[12].clean[0], clip[12].mask)).toBeGreaterThan(42);
  });

  it('does nothing without candidates or without a hole', () => {
    const [frame] = makeClip({ view: still, thing: walking, noise: 0 });
    expect([...composePlate(frame.planes, frame.mask, [], layout).residual]).toEqual([...frame.mask]);
    const none = composePlate(frame.planes, new Uint8Array(width * height), [], layout);
    expect(none.planes).toEqual(frame.planes);
    expect(none.residual.includes(255)).toBe(false);
  });
});

describe('fillSmoothly', () => {
  it('fills what is left smoothly, and only that', () => {
    const clip = makeClip({ view: still, thing: () => [96, 64], noise: 0 });
    const { planes, mask } = clip[12];
    const level = (value: number): PicturePlanes => [
      planes[0].map((old, pixel) => (mask[pixel] === 0 ? value : old)),
      planes[1].map(() => 90),
      planes[2].map(() => 140),
    ];
    const open = level(77);
    const filled = fillSmoothly(open, mask, mask, layout);
    expect(filled[0].every((value) => value === 77)).toBe(true);
    expect(filled[1].every((value) => value === 90)).toBe(true);
    expect(open[0][64 * width + 96]).not.toBe(77);
  });
});
