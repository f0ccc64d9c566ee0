import { describe, expect, it } from 'vitest';
import { expectClose, seededNumbers } from '../testing/index.ts';
import { coarserLevel, finestLevel } from './fill-level.ts';
import { featureCount } from './patch.ts';
import { biasBetween, emptyField, gainBetween, patchDistance } from './patch-field.ts';
import { measureField } from './patch-match.ts';

const [width, height] = [24, 20];
const pixels = width * height;

function randomLevel(seed: number) {
  const next = seededNumbers(seed);
  const picture = Float32Array.from({ length: 3 * pixels }, () => 60 + 120 * next());
  const hole = new Uint8Array(pixels);
  hole[8 * width + 10] = 255;
  return finestLevel({ picture, hole, usable: new Uint8Array(pixels).fill(1), width, height });
}

describe('finestLevel', () => {
  it('knows which patches may be copied and which are to be filled', () => {
    const level = randomLevel(1);
    const middlesNear = (pixel: number) =>
      Math.abs((pixel % width) - 10) <= 3 && Math.abs(Math.floor(pixel / width) - 8) <= 3;
    const inside = [...Array(pixels).keys()].filter((pixel) => {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      return x >= 3 && y >= 3 && x < width - 3 && y < height - 3;
    });
    expect([...level.targets]).toEqual(inside.filter(middlesNear));
    expect([...level.sources]).toEqual(inside.filter((pixel) => !middlesNear(pixel)));
  });

  it('measures texture as the mean step between neighbours', () => {
    // Luma rises by 3 a pixel to the right and falls by 2 a pixel downwards.
    const picture = new Float32Array(3 * pixels);
    for (let pixel = 0; pixel < pixels; pixel++)
      picture[pixel] = 3 * (pixel % width) - 2 * Math.floor(pixel / width) + 50;
    const { texture } = finestLevel({
      picture,
      hole: new Uint8Array(pixels),
      usable: new Uint8Array(pixels),
      width,
      height,
    });
    const at = 2 * (10 * width + 12);
    // Texture counts eight times.
    expectClose(texture.subarray(at, at + 2), [24, 16], { atol: 1e-4 });
  });
});

describe('coarserLevel', () => {
  it('averages what is known of 2 × 2 pixels', () => {
    const level = randomLevel(2);
    level.hole[0] = 1;
    level.usable[5 * width + 7] = 0;
    const coarse = coarserLevel(level);
    expect([coarse.width, coarse.height]).toEqual([12, 10]);
    expect(coarse.hole[0]).toBe(1);
    expect(coarse.usable[2 * 12 + 3]).toBe(0);
    expect(coarse.usable[2 * 12 + 4]).toBe(1);
    const luma = (x: number, y: number) => level.features[(y * width + x) * featureCount];
    const mean = (luma(6, 4) + luma(7, 4) + luma(6, 5) + luma(7, 5)) / 4;
    expectClose([coarse.features[(2 * 12 + 3) * featureCount]], [mean], { atol: 1e-4 });
  });
});

describe('patchDistance', () => {
  it('agrees with the plain sum of squares of an adapted patch', () => {
    const level = randomLevel(3);
    const field = emptyField(level);
    field.nearest.forEach((_, pixel) => {
      if (level.targets.includes(pixel)) field.nearest[pixel] = level.sources[0];
    });
    measureField(field);
    const { moments } = field;
    for (const [target, source] of [
      [8 * width + 10, 3 * width + 3],
      [9 * width + 9, 15 * width + 18],
    ]) {
      const gain = gainBetween(moments, target, source);
      const bias = [1, 2].map((channel) => biasBetween(moments, target, source, channel as 1 | 2));
      // What the adaption takes costs a quarter of its square, in each of the 49 pixels.
      let wanted = 0.25 * 49 * (bias[0] ** 2 + bias[1] ** 2 + ((gain - 1) * moments[4 * source]) ** 2);
      for (let dy = -3; dy <= 3; dy++) {
        for (let dx = -3; dx <= 3; dx++) {
          const a = (target + dy * width + dx) * featureCount;
          const b = (source + dy * width + dx) * featureCount;
          const factors = [gain, 1, 1];
          const shifts = [0, bias[0], bias[1]];
          for (let k = 0; k < featureCount; k++)
            wanted += (level.features[a + k] - factors[k] * level.features[b + k] - shifts[k]) ** 2;
        }
      }
      // Texture is compared at the middles, and counts in each of the 49 pixels.
      for (const k of [0, 1]) {
        wanted += 49 * (level.texture[2 * target + k] - gain * level.texture[2 * source + k]) ** 2;
      }
      expectClose([patchDistance(field, target, source, Infinity)], [wanted], { rtol: 1e-5 });
      expect(patchDistance(field, target, source, wanted * 1.001)).toBeLessThan(Infinity);
      expect(patchDistance(field, target, source, wanted * 0.999)).toBe(Infinity);
    }
  });

  it('bounds the adaption', () => {
    const moments = Float32Array.of(200, 60, 0, 0, 20, 0, 0, 0, 100, 3, 0, 0, 104, 0, 0, 0);
    expect(gainBetween(moments, 0, 1)).toBeCloseTo(1.1);
    expect(gainBetween(moments, 1, 0)).toBeCloseTo(1 / 1.1);
    // (116/120 − 1) / 1.25.
    expect(gainBetween(moments, 2, 3)).toBeCloseTo(1 - 0.02667, 4);
    expect(biasBetween(moments, 0, 1, 1)).toBe(4);
    expect(biasBetween(moments, 2, 3, 1)).toBeCloseTo(2.4);
  });
});
