import { describe, expect, it } from 'vitest';
import { psnrWhere, seededNumbers } from '../testing/index.ts';
import { exemplarFill, pushPullFill } from './index.ts';

const [width, height] = [72, 64];
const pixels = width * height;

type Level = (x: number, y: number) => number;

/** A grey picture: luma from `level`, chroma neutral. */
function grey(level: Level): Float32Array {
  const picture = new Float32Array(3 * pixels).fill(128);
  for (let pixel = 0; pixel < pixels; pixel++) {
    picture[pixel] = level(pixel % width, Math.floor(pixel / width));
  }
  return picture;
}

function area(inside: (x: number, y: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: pixels }, (_, pixel) =>
    inside(pixel % width, Math.floor(pixel / width)) ? 255 : 0,
  );
}

const disk = area((x, y) => (x - 38) ** 2 + (y - 32) ** 2 < 10 ** 2);
const everywhere = new Uint8Array(pixels).fill(255);

function fill(picture: Float32Array, hole: Uint8Array, usable: Uint8Array = everywhere, seed = 1) {
  const blank = picture.map((value, at) => (hole[at % pixels] === 0 ? value : -1e6));
  const filled = exemplarFill({ picture: blank, hole, usable, width, height }, seed);
  if (filled === null) throw new Error('nothing may be copied');
  return filled;
}

/** Mean absolute difference between horizontal neighbours in the hole. */
function roughness(picture: Float32Array, hole: Uint8Array): number {
  let [sum, count] = [0, 0];
  for (let pixel = 1; pixel < pixels; pixel++) {
    if (hole[pixel] === 0 || hole[pixel - 1] === 0) continue;
    sum += Math.abs(picture[pixel] - picture[pixel - 1]);
    count++;
  }
  return sum / count;
}

function noise(seed: number, strength: number): Level {
  const next = seededNumbers(seed);
  const values = Float32Array.from({ length: pixels }, () => strength * (next() - 0.5));
  return (x, y) => values[y * width + x];
}

describe('exemplarFill', () => {
  it('continues a pattern', () => {
    const waves = grey(
      (x, y) => 120 + 40 * Math.sin((2 * Math.PI * x) / 8) + 30 * Math.sin((2 * Math.PI * y) / 10),
    );
    const { picture } = fill(waves, disk);
    expect(psnrWhere(picture, waves, disk)).toBeGreaterThan(38);
  });

  it('leads an edge straight through the hole', () => {
    const grain = noise(3, 12);
    const halves = grey((x, y) => (y < 32 ? 60 : 180) + grain(x, y));
    const { picture } = fill(halves, disk);
    // Everything but the rows next to the edge is on its side of the middle.
    for (let pixel = 0; pixel < pixels; pixel++) {
      const y = Math.floor(pixel / width);
      if (disk[pixel] === 0 || Math.abs(y - 31.5) < 2.5) continue;
      expect(picture[pixel] > 120, `row ${y}`).toBe(y > 31.5);
    }
  });

  it('has the texture of its surroundings, where a smooth fill has none', () => {
    const grain = noise(4, 60);
    const rough = grey((x, y) => 120 + grain(x, y));
    const wanted = roughness(rough, disk);
    const { picture } = fill(rough, disk);
    expect(roughness(picture, disk) / wanted).toBeGreaterThan(0.8);
    expect(roughness(picture, disk) / wanted).toBeLessThan(1.2);
    const smooth = pushPullFill(rough, disk, { channels: 3, height, width });
    expect(roughness(smooth, disk) / wanted).toBeLessThan(0.3);
  });

  it('adapts what it copies to the light', () => {
    // Brighter to the right by 1.3 levels a pixel: what fits the texture is too dark or too bright.
    const grain = noise(5, 20);
    const lit = grey((x, y) => (80 + 1.3 * x) * (1 + grain(x, y) / 120));
    const { picture } = fill(lit, disk);
    let [error, count] = [0, 0];
    for (let pixel = 0; pixel < pixels; pixel++) {
      if (disk[pixel] === 0) continue;
      error += picture[pixel] - (80 + 1.3 * (pixel % width));
      count++;
    }
    expect(Math.abs(error / count)).toBeLessThan(3);
    expect(roughness(picture, disk) / roughness(lit, disk)).toBeGreaterThan(0.7);
  });

  it('copies what may be copied and nothing else, and leaves the known as it is', () => {
    // A bright thing stands next to the hole; what may be copied is left of it.
    const grain = noise(6, 30);
    const scene = grey((x, y) => (x > 50 ? 220 : 100) + grain(x, y));
    const usable = area((x) => x < 48);
    const { picture, copiedFrom } = fill(scene, disk, usable);
    for (let at = 0; at < pixels; at++) {
      if (disk[at] === 0) {
        expect(copiedFrom[at]).toBe(-1);
        expect(picture[at]).toBe(scene[at]);
      } else {
        expect(usable[copiedFrom[at]] === 255 && disk[copiedFrom[at]] === 0).toBe(true);
      }
    }
  });

  it('copies areas, not single pixels', () => {
    const grain = noise(7, 50);
    const { copiedFrom } = fill(
      grey((x, y) => 120 + grain(x, y)),
      disk,
    );
    let [same, count] = [0, 0];
    for (let pixel = 1; pixel < pixels; pixel++) {
      if (disk[pixel] === 0 || disk[pixel - 1] === 0) continue;
      if (copiedFrom[pixel] - copiedFrom[pixel - 1] === 1) same++;
      count++;
    }
    expect(same / count).toBeGreaterThan(0.6);
  });

  it('makes the same picture of the same seed', () => {
    const grain = noise(8, 50);
    const rough = grey((x, y) => 120 + grain(x, y));
    const first = fill(rough, disk, everywhere, 7);
    expect(fill(rough, disk, everywhere, 7)).toEqual(first);
    expect(fill(rough, disk, everywhere, 8).copiedFrom).not.toEqual(first.copiedFrom);
  });

  it('fills up to the picture’s corner', () => {
    const corner = area((x, y) => x < 20 && y < 16);
    const grain = noise(9, 20);
    const { picture, copiedFrom } = fill(
      grey((x, y) => 120 + grain(x, y)),
      corner,
    );
    for (let pixel = 0; pixel < pixels; pixel++) {
      if (corner[pixel] === 0) continue;
      expect(Math.abs(picture[pixel] - 120)).toBeLessThan(30);
      expect(copiedFrom[pixel]).toBeGreaterThanOrEqual(0);
    }
  });

  it('returns null where no whole patch may be copied', () => {
    const picture = grey(() => 100);
    const input = { picture, hole: disk, width, height };
    expect(exemplarFill({ ...input, usable: new Uint8Array(pixels) }, 1)).toBeNull();
    expect(exemplarFill({ ...input, usable: area((x) => x < 6) }, 1)).toBeNull();
    expect(exemplarFill({ ...input, usable: area((x) => x < 7) }, 1)).not.toBeNull();
  });

  it('returns a picture without a hole as it is', () => {
    const picture = grey((x) => x);
    const filled = fill(picture, new Uint8Array(pixels));
    expect(filled.picture).toEqual(picture);
  });
});
