import { describe, expect, it } from 'vitest';
import { identityMotion, type PicturePlanes, type PlaneLayout } from '../plate/index.ts';
import { seededNumbers } from '../testing/index.ts';
import { CanvasLayers } from './canvas-layers.ts';
import { fillCanvas } from './fill-canvas.ts';
import { layCanvas } from './lay-canvas.ts';

const size = 64;
const pixels = size * size;
const layout: PlaneLayout = { width: size, height: size, bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 };
const all = new Uint8Array(pixels).fill(1);

const stripe = (pixel: number): number => 100 + 40 * (((pixel % size) >> 1) % 2);

function planes(luma: (pixel: number) => number, chroma = 120): PicturePlanes {
  const quarter = new Uint8Array(pixels / 4).fill(chroma);
  return [Uint8Array.from({ length: pixels }, (_, pixel) => luma(pixel)), quarter, quarter.slice()];
}

const disk = Uint8Array.from({ length: pixels }, (_, pixel) =>
  Math.hypot((pixel % size) - 32, Math.floor(pixel / size) - 32) < 8 ? 1 : 0,
);

describe('CanvasLayers', () => {
  it('leaves out what passes through, and takes the first frame that shows the background', () => {
    const layers = new CanvasLayers(size, size, layout);
    for (let index = 0; index < 5; index++) {
      const passing = (pixel: number) => Math.floor((pixel % size) / 12) === index;
      layers.add({
        planes: planes((pixel) => (passing(pixel) ? 20 : stripe(pixel) + index)),
        known: all,
        motion: identityMotion(),
      });
    }
    const { picture, seen, doubtful } = layers.settle();
    expect(seen.every((count) => count === 5)).toBe(true);
    expect(doubtful.includes(1)).toBe(false);
    const worst = picture
      .subarray(0, pixels)
      .reduce((most, value, pixel) => Math.max(most, Math.abs(value - stripe(pixel))), 0);
    expect(worst).toBeLessThan(3);
  });

  it('matches exposure and tint before it compares', () => {
    const layers = new CanvasLayers(size, size, layout);
    layers.add({ planes: planes(stripe), known: all, motion: identityMotion() });
    for (let index = 0; index < 4; index++) {
      layers.add({
        planes: planes((pixel) => 0.8 * stripe(pixel), 130),
        known: all,
        motion: identityMotion(),
      });
    }
    const { picture, doubtful } = layers.settle();
    expect(doubtful.includes(1)).toBe(false);
    expect(picture[0]).toBeCloseTo(stripe(0), 0);
    expect(picture[pixels]).toBeCloseTo(120, 0);
  });

  it('knows nothing where no frame does', () => {
    const layers = new CanvasLayers(size, size, layout);
    layers.add({ planes: planes(stripe), known: disk.map((value) => 1 - value), motion: identityMotion() });
    expect([...layers.settle().seen]).toEqual([...disk].map((value) => 1 - value));
  });
});

/** A canvas of stripes with noise, and a round hole. */
function holed() {
  const next = seededNumbers(3);
  const layers = new CanvasLayers(size, size, layout);
  const shown = planes((pixel) => stripe(pixel) + 4 * next());
  layers.add({ planes: shown, known: disk.map((value) => 1 - value), motion: identityMotion() });
  return { shown, settled: layers.settle() };
}

describe('fillCanvas', () => {
  it('goes on with the texture around the hole, and says where it was copied from', () => {
    const { picture, filled, copiedFrom, smoothPixels } = fillCanvas(holed().settled, disk, 1);
    expect(smoothPixels).toBe(0);
    expect([...filled]).toEqual([...disk]);
    let off = 0;
    disk.forEach((value, pixel) => {
      expect(copiedFrom[pixel] >= 0).toBe(value === 1);
      if (value === 1) {
        expect(disk[copiedFrom[pixel]]).toBe(0);
        off = Math.max(off, Math.abs(picture[pixel] - stripe(pixel)));
      }
    });
    expect(off).toBeLessThan(12);
  });

  it('copies what does not stay where nothing does', () => {
    const { settled } = holed();
    settled.doubtful.fill(1);
    const { copiedFrom, smoothPixels } = fillCanvas(settled, disk, 1);
    expect(smoothPixels).toBe(0);
    disk.forEach((value, pixel) => expect(copiedFrom[pixel] >= 0).toBe(value === 1));
  });

  it('keeps what an earlier canvas has filled', () => {
    const { picture } = fillCanvas(holed().settled, disk, 1, () => [77, 90, 140]);
    disk.forEach((value, pixel) => value === 1 && expect(picture[pixel]).toBe(77));
  });

  it('fills smoothly where nothing can be copied', () => {
    const { settled } = holed();
    const needed = new Uint8Array(pixels).fill(1, size);
    settled.seen.fill(0, size);
    const { picture, smoothPixels } = fillCanvas(settled, needed, 1);
    expect(smoothPixels).toBe(pixels - size);
    expect(Math.abs(picture[pixels - 1] - 120)).toBeLessThan(25);
  });
});

describe('layCanvas', () => {
  const { shown, settled } = holed();
  const canvas = fillCanvas(settled, disk, 1);
  const mask = disk.map((value) => 255 * value);
  const lay = (frame: PicturePlanes, still = true) =>
    layCanvas({ planes: frame, mask, open: mask, motion: identityMotion(), still }, canvas, layout);

  it('changes nothing outside the hole', () => {
    const [luma, cb] = lay(shown);
    luma.forEach((value, pixel) => disk[pixel] === 0 && expect(value).toBe(shown[0][pixel]));
    expect(cb).toEqual(shown[1]);
  });

  it('meets a frame of another exposure', () => {
    const [luma] = lay([shown[0].map((value) => value - 30), shown[1], shown[2]]);
    let sum = 0;
    disk.forEach((value, pixel) => (sum += value * (luma[pixel] - canvas.picture[pixel])));
    expect(sum / disk.reduce((count, value) => count + value, 0)).toBeCloseTo(-30, 0);
  });

  it('moves as the place moves that it was copied from, while the camera stands', () => {
    const next = seededNumbers(9);
    const alive = shown[0].map((value) => value + Math.round(4 * next()));
    const filled = lay([alive, shown[1], shown[2]])[0];
    const calm = lay(shown)[0];
    let [same, count] = [0, 0];
    disk.forEach((value, pixel) => {
      if (value === 0) return;
      const source = canvas.copiedFrom[pixel];
      count++;
      if (Math.abs(filled[pixel] - calm[pixel] - (alive[source] - shown[0][source])) <= 3) same++;
    });
    expect(same / count).toBeGreaterThan(0.8);
  });

  it('is not shown what passes the place that it was copied from', () => {
    const passing = shown[0].map((value, pixel) => (disk[pixel] === 0 && pixel % size < 20 ? 250 : value));
    const filled = lay([passing, shown[1], shown[2]])[0];
    disk.forEach((value, pixel) => value === 1 && expect(filled[pixel]).toBeLessThan(170));
  });
});
