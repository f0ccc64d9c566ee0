import { describe, expect, it } from 'vitest';
import { addErrors, maskedSquaredError, maskedSsim, maxDifferenceOutside, noError, psnrOf } from './index.ts';

const size = { width: 24, height: 20 };
const pixels = size.width * size.height;
const picture = (value: (x: number, y: number) => number): Uint8Array =>
  Uint8Array.from({ length: 3 * pixels }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return value(pixel % size.width, Math.floor(pixel / size.width));
  });
const all = new Uint8Array(pixels).fill(255);

describe('maskedSsim', () => {
  it('is 1 for equal pictures and where nothing is masked', () => {
    const waves = picture((x, y) => 128 + 60 * Math.sin(x) * Math.cos(y / 2));
    expect(maskedSsim(waves, waves, all, size)).toBeCloseTo(1, 12);
    expect(
      maskedSsim(
        waves,
        picture(() => 0),
        new Uint8Array(pixels),
        size,
      ),
    ).toBe(1);
  });

  it('follows the formula for flat pictures: only the luminance term is left', () => {
    const c1 = 2.55 ** 2;
    const expected = (2 * 100 * 140 + c1) / (100 ** 2 + 140 ** 2 + c1);
    expect(
      maskedSsim(
        picture(() => 100),
        picture(() => 140),
        all,
        size,
      ),
    ).toBeCloseTo(expected, 9);
  });

  it('looks at the masked pixels only', () => {
    const left = new Uint8Array(pixels).map((_, i) => (i % size.width < 6 ? 255 : 0));
    const a = picture((x) => (x < 12 ? 90 : 30));
    const b = picture((x) => (x < 12 ? 90 : 220));
    expect(maskedSsim(a, b, left, size)).toBeCloseTo(1, 12);
    expect(maskedSsim(a, b, all, size)).toBeLessThan(0.8);
  });

  it('agrees with scikit-image (gaussian_weights, population covariance, away from the edges)', () => {
    const pattern = (slope: number, tint: number, period: number): Uint8Array =>
      Uint8Array.from({ length: 32 * 28 * 3 }, (_, i) => {
        const [c, x, y] = [i % 3, Math.floor(i / 3) % 32, Math.floor(i / 96)];
        return x * 7 + y * slope + c * tint + ((x * y) % period);
      });
    const inside = (left: number, right: number, top: number, bottom: number): Uint8Array =>
      Uint8Array.from({ length: 32 * 28 }, (_, i) => {
        const [x, y] = [i % 32, Math.floor(i / 32)];
        return x >= left && x < right && y >= top && y < bottom ? 255 : 0;
      });
    const a = pattern(13, 5, 11);
    const b = pattern(12, 9, 17);
    const frame = { width: 32, height: 28 };
    expect(maskedSsim(a, b, inside(5, 27, 5, 23), frame)).toBeCloseTo(0.8300717138440765, 10);
    expect(maskedSsim(a, b, inside(8, 20, 10, 15), frame)).toBeCloseTo(0.7766522037018528, 10);
  });
});

describe('psnrOf', () => {
  const a = Uint8Array.of(10, 20, 30, 40, 50, 60);
  const b = Uint8Array.of(10, 23, 26, 0, 0, 0);

  it('is 10·log10(255² / mean squared error) over the masked pixels', () => {
    const error = maskedSquaredError(a, b, Uint8Array.of(255, 0));
    expect(error).toEqual({ sum: 9 + 16, samples: 3 });
    expect(psnrOf(error)).toBeCloseTo(10 * Math.log10(65025 / (25 / 3)), 12);
  });

  it('adds up over frames by their samples, not by their ratios', () => {
    const frames = [Uint8Array.of(1, 0), Uint8Array.of(0, 1)].map((mask) => maskedSquaredError(a, b, mask));
    expect(frames.reduce(addErrors, noError)).toEqual({ sum: 25 + 1600 + 2500 + 3600, samples: 6 });
  });

  it('is infinite where nothing differs', () => {
    expect(psnrOf(maskedSquaredError(a, a, Uint8Array.of(1, 1)))).toBe(Infinity);
  });
});

describe('maxDifferenceOutside', () => {
  const layout = {
    width: 3,
    height: 3,
    pixelFormat: { bitDepth: 8, chromaShiftX: 1, chromaShiftY: 1 },
  } as const;
  const planes = (): [Uint8Array, Uint8Array, Uint8Array] => [
    new Uint8Array(9).fill(50),
    new Uint8Array(4).fill(60),
    new Uint8Array(4).fill(70),
  ];
  // Masked: the upper left 2 × 2 pixels and the lower right one.
  const mask = Uint8Array.of(255, 255, 0, 255, 255, 0, 0, 0, 255);

  it('does not mind what is inside, whole chroma footprints included', () => {
    const changed = planes();
    for (const i of [0, 1, 3, 4, 8]) changed[0][i] = 255;
    changed[1][0] = 0;
    changed[2][3] = 0;
    expect(maxDifferenceOutside(planes(), changed, mask, layout)).toBe(0);
  });

  it.each([
    ['luma', 0, 2],
    ['chroma of which one pixel is outside', 1, 1],
    ['chroma below', 2, 2],
  ])('finds the largest difference outside: %s', (_, plane, sample) => {
    const changed = planes();
    changed[0][5] = 51;
    changed[plane][sample] += 9;
    changed[0][0] = 255;
    expect(maxDifferenceOutside(planes(), changed, mask, layout)).toBe(9);
  });

  it('refuses pictures of different sizes', () => {
    const other = planes();
    other[1] = new Uint8Array(3);
    expect(() => maxDifferenceOutside(planes(), other, mask, layout)).toThrow('plane 1: 4 and 3 samples');
  });
});
