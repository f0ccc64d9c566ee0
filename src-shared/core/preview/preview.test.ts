import { describe, expect, it } from 'vitest';
import { gaussianNoise } from '../random/index.ts';
import { noiseTo } from '../schedulers/index.ts';
import { expectClose } from '../testing/index.ts';
import { fitLatentColours, latentPicture, latentPixels, predictClean } from './index.ts';

/** Seeded numbers of a normal distribution. */
const normal = (seed: number, length: number): Float32Array => gaussianNoise(seed, 0, length);

describe('fitLatentColours', () => {
  const channels = 16;
  const cells = 300;
  const latent = normal(1, channels * cells);
  const truth = { weights: normal(2, 3 * channels), bias: normal(3, 3) };
  const coloursOf = (z: Float32Array): Float32Array =>
    Float32Array.from({ length: (3 * z.length) / channels }, (_, place) => {
      const count = z.length / channels;
      const [k, i] = [Math.floor(place / count), place % count];
      let value = truth.bias[k];
      for (let c = 0; c < channels; c++) value += truth.weights[k * channels + c] * z[c * count + i];
      return value;
    });

  it('finds a straight line again', () => {
    const { weights, bias } = fitLatentColours(latent, coloursOf(latent), channels, 1e-9);
    expectClose(weights, truth.weights, { atol: 1e-5 });
    expectClose(bias, truth.bias, { atol: 1e-5 });
  });

  it('looks at some of very many cells, which are enough', () => {
    const many = normal(4, channels * 40_001);
    const { weights, bias } = fitLatentColours(many, coloursOf(many), channels, 1e-9);
    expectClose(weights, truth.weights, { atol: 1e-5 });
    expectClose(bias, truth.bias, { atol: 1e-5 });
  });

  it('shrinks as ridge regression does: one channel by hand', () => {
    // z = −1, 1 (variance 1), y = 3z + 2: the weight is 3 / (1 + λ), the bias stays.
    const fit = fitLatentColours(Float32Array.of(-1, 1), Float32Array.of(-1, 5, -1, 5, 2, 2), 1, 0.5);
    expectClose(fit.weights, [2, 2, 0], { atol: 1e-12 });
    expectClose(fit.bias, [2, 2, 2], { atol: 1e-12 });
  });

  it('stays calm where channels repeat one another, hardly vary, or are more than the cells', () => {
    const odd = latent.slice();
    odd.copyWithin(cells, 0, cells);
    for (let i = 2 * cells; i < 3 * cells; i++) odd[i] = 5 + 1e-5 * odd[i];
    odd.fill(7, 3 * cells, 4 * cells);
    const colours = Float32Array.from({ length: 3 * cells }, (_, place) => 0.5 * odd[place % cells] - 0.1);
    const { weights, bias } = fitLatentColours(odd, colours, channels);
    // Each of the two equal channels carries half.
    for (const k of [0, 1, 2]) {
      const row = weights.subarray(k * channels, (k + 1) * channels);
      expectClose(row.subarray(0, 2), [0.25, 0.25], { atol: 1e-3 });
      expectClose(row.subarray(2), new Float64Array(14), { atol: 1e-3 });
    }
    expectClose(bias, [-0.1, -0.1, -0.1], { atol: 2e-3 });

    const few = fitLatentColours(latent.subarray(0, 2 * channels), Float32Array.of(0, 1, 0, 1, 0, 1), 16);
    expect([...few.weights, ...few.bias].every(Number.isFinite)).toBe(true);
    // Cells that are all alike have their colour.
    const alike = fitLatentColours(new Float32Array(6).fill(4), Float32Array.of(1, 1, 0, 0, -1, -1), 3);
    expectClose(alike.weights, new Float64Array(9), { atol: 0 });
    expectClose(alike.bias, [1, 0, -1], { atol: 0 });
  });

  it('refuses colours of another number of cells', () => {
    expect(() => fitLatentColours(latent, new Float32Array(3), channels)).toThrow(/rgb: 3 elements/);
  });
});

describe('latentPicture', () => {
  it('has one pixel for each cell, clipped: by hand', () => {
    const colours = { weights: Float64Array.of(1, 0, 0, 1, -1, 1), bias: Float64Array.of(0, 0.5, 0) };
    // Cells (channel 0, channel 1): (0, 0), (1, −0.5), (−2, 0.2).
    const picture = latentPicture(Float32Array.of(0, 1, -2, 0, -0.5, 0.2), colours);
    const byte = (value: number): number => Math.round((value + 1) * 127.5);
    expect([...picture]).toEqual([
      byte(0),
      byte(0.5),
      byte(0),
      255,
      byte(0),
      0,
      0,
      byte(Math.fround(0.2) + 0.5),
      255,
    ]);
  });
});

describe('latentPixels', () => {
  it('averages 8 × 8 pixels, of the first frame alone or of four, the masked ones as grey: by hand', () => {
    const shape = { frames: 5, height: 8, width: 16 };
    const video = new Float32Array(3 * 5 * 8 * 16);
    for (let place = 0; place < video.length; place++) {
      const x = place % 16;
      const t = Math.floor(place / 128) % 5;
      const c = Math.floor(place / 640);
      // Left half 10·t, right half 10·t + 1, within them half a step up and down; channels 100 apart.
      video[place] = 100 * c + 10 * t + (x < 8 ? 0 : 1) + (x % 2 === 0 ? -0.5 : 0.5);
    }
    const mask = new Float32Array(5 * 8 * 16);
    expectClose(latentPixels(video, mask, shape, 0), [0, 1, 100, 101, 200, 201], { atol: 1e-4 });
    // Frames 1 to 4: mean 25.
    expectClose(latentPixels(video, mask, shape, 1), [25, 26, 125, 126, 225, 226], { atol: 1e-4 });
    // The upper half of every picture's right side goes.
    for (let i = 0; i < mask.length; i++) if (i % 16 >= 8 && i % 128 < 64) mask[i] = 1;
    expectClose(latentPixels(video, mask, shape, 1), [25, 13, 125, 63, 225, 113], { atol: 1e-4 });
    expect(() => latentPixels(video, mask, { ...shape, frames: 9 }, 0)).toThrow(/video/);
    expect(() => latentPixels(video, mask.subarray(1), shape, 0)).toThrow(/mask/);
  });
});

describe('predictClean', () => {
  it('takes the noise out again, at every noise level', () => {
    const clean = normal(5, 50);
    const noise = normal(6, 50);
    const velocity = noise.map((value, i) => value - clean[i]);
    for (const sigma of [1, 0.75, 0.1, 0]) {
      expectClose(predictClean(noiseTo(clean, noise, sigma), velocity, sigma), clean, { atol: 1e-6 });
    }
    expect(() => predictClean(clean, velocity.subarray(1), 0.5)).toThrow(/velocity/);
  });
});
